/*
 * What may happen to a video between its making and its being judged, each in five strengths: the
 * list of the perturbations that detectors are measured under. What they do to pictures is in
 * data/perturb_picture.h, to whole files in data/perturb_extract.h.
 */
#ifndef UM_DATA_PERTURB_H
#define UM_DATA_PERTURB_H

#include <stdbool.h>
#include <stddef.h>

#include "media/codec.h"

#define UM_PERTURB_LEVELS 5

/** Names what the numbers below mean; scores under another recipe are others. */
#define UM_PERTURB_RECIPE "umcl.perturb/1"

typedef enum um_perturb_kind {
    UM_PERTURB_H264_CRF,   /* constant rate factor */
    UM_PERTURB_H264_RATE,  /* bits a pixel */
    UM_PERTURB_HEVC,       /* constant rate factor */
    UM_PERTURB_VP9,        /* constant rate factor */
    UM_PERTURB_AV1,        /* constant rate factor */
    UM_PERTURB_JPEG,       /* every frame by itself: quality */
    UM_PERTURB_RESIZE,     /* each side to a part and back: how many times smaller */
    UM_PERTURB_BLUR,       /* Gaussian: deviation, pixels */
    UM_PERTURB_NOISE,      /* normal, new in each frame: deviation, grey levels */
    UM_PERTURB_GAMMA,      /* exponent, above 1: darker */
    UM_PERTURB_FRAME_DROP, /* per cent of the frames, at random: the one before stays */
    UM_PERTURB_FRAME_RATE, /* frames a second */
    UM_PERTURB_CROP,       /* per cent of each side, taken from its two ends alike */
    UM_PERTURB_PLATFORM,   /* twice: each side to so many per cent, and H.264 */
    UM_PERTURB_OCCLUSION,  /* per cent of the picture that small grey squares cover */
    UM_N_PERTURBS
} um_perturb_kind;

typedef struct um_perturb {
    um_perturb_kind kind;
    double value; /* as above */
    int crf;      /* of UM_PERTURB_PLATFORM's H.264; else 0 */
} um_perturb;

/** "h264_crf"; what it does, in a few words. */
const char *um_perturb_name(um_perturb_kind kind);
const char *um_perturb_text(um_perturb_kind kind);

/** By the first `n` bytes of `name`. False: there is none of this name. */
bool um_perturb_find(um_perturb_kind *out, const char *name, size_t n);

/** A strength, 1 (weakest) .. UM_PERTURB_LEVELS. */
um_perturb um_perturb_at(um_perturb_kind kind, int level);

/** The strength in words, "CRF 23"; ASCII, shorter than 32 bytes. */
void um_perturb_label(char out[32], const um_perturb *p);

/** Whether it is an encoder's doing: then whole files are written anew. */
bool um_perturb_encodes(um_perturb_kind kind);

/** The encoder that the linked FFmpeg lacks for it; NULL: it has all it takes. */
const char *um_perturb_lacks(um_perturb_kind kind);

/** The encoder of a kind that encodes. */
um_codec um_perturb_codec(um_perturb_kind kind);

#endif
