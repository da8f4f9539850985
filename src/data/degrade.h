/*
 * What happens to a picture between a face and a file: colours shift, sharpness and resolution
 * change, compression leaves traces. Used for augmentation, and for the difference between the two
 * halves of a pseudo-fake.
 */
#ifndef UM_DATA_DEGRADE_H
#define UM_DATA_DEGRADE_H

#include "base/rng.h"
#include "media/image.h"

/** Colours: v = 255 (v / 255)^gamma, then (R, G, B) = matrix * (R, G, B, 1), grey levels. */
typedef struct um_tone {
    float gamma;
    float matrix[3][4];
} um_tone;

/** What a tone is made of; the neutral values change nothing. */
typedef struct um_tone_parts {
    float gamma;
    float hue;        /* turn around the grey axis, radians */
    float saturation; /* 0: grey, 1: as it is */
    float contrast;   /* 1: as it is; around the grey level 128 */
    float gain[3];    /* 1: as it is */
    float offset[3];  /* grey levels */
} um_tone_parts;

#define UM_TONE_NEUTRAL                                                                            \
    ((um_tone_parts){.gamma = 1, .saturation = 1, .contrast = 1, .gain = {1, 1, 1}})

um_tone um_tone_make(const um_tone_parts *parts);
void um_tone_apply(const um_tone *tone, um_image *rgb);

/**
 * Adds nearly normal noise of mean 0 to every sample of an R, G, B picture; `deviation` in grey
 * levels, 0: nothing. The same `key`, the same noise.
 */
void um_noise_add(um_image *rgb, float deviation, uint64_t key);

/** In this order. */
typedef struct um_degrade {
    um_tone tone;
    float blur;    /* deviation, pixels; 0: none */
    float sharpen; /* amount of unsharp masking, 0: none */
    float coarse;  /* loss of resolution as um_view_coarsen, 1: none */
    int quality;   /* of JPEG, 1..100; 0: none */
} um_degrade;

/** Nothing happens. */
um_degrade um_degrade_none(void);

/** UMCL_ERR_INVALID (a value out of its range), UMCL_ERR_NOMEM. */
umcl_status um_degrade_apply(const um_degrade *d, um_image *rgb);

#endif
