/*
 * Clips of faces whose pulse is known, for training the pulse encoder:
 *
 *   rendered  a person of data/synth.h, cropped as face/crop.h does; the pulse is the renderer's
 *   cached    a piece of a followed video's face (data/track_store.h) whose own pulse is suppressed
 *             and replaced (data/pulse_edit.h, UM_PULSE_REPLACED, under a mask that follows the
 *             landmarks)
 *   measured  a piece of a recording of a pulse data set (data/pulse_data.h), with the wave of its
 *             contact sensor
 *
 * A share of the clips goes through H.264: of rendered ones the whole picture, before a crop is
 * taken from it as from any video; of cached ones, which are crops already, the crops. Half of all
 * are mirrored. A clip is a pure function of the source and a key.
 */
#ifndef UM_DATA_PULSE_CLIPS_H
#define UM_DATA_PULSE_CLIPS_H

#include "base/rng.h"
#include "data/face_clip.h"
#include "data/pulse_data.h"
#include "data/track_store.h"

/* Rates that clips have. */
#define UM_PULSE_LEAST_BPM 40.0
#define UM_PULSE_MOST_BPM 150.0

typedef struct um_pulse_clip {
    um_face_clip face; /* UM_CLIP_FPS, 128 x 128 */
    float *wave;       /* [face.n], blood volume: where it is high, skin is dark */
    double bpm;        /* its mean rate; a measured wave's strongest */
} um_pulse_clip;

void um_pulse_clip_clear(um_pulse_clip *clip);

/** Where clips come from; zeroed, released with um_pulse_source_clear. */
typedef struct um_pulse_source {
    int people;      /* to render; 0: none */
    bool held_out;   /* render other people, whom no source without this has */
    double cached;   /* share of the clips that come from the cache, where both can be had */
    double strength; /* of the pulse: this times 0.5 .. 2 grey levels in green; up to 10 */
    double codec;    /* share of the clips that goes through H.264 */
    int crf[2];      /* its least and its greatest rate factor */
    double measured; /* share of the clips that come from a pulse data set, where there is one */
    char *cache;     /* um_pulse_source_add_cache's, as the next two */
    um_stored_video *videos;
    size_t n_videos;
    char *data_cache; /* um_pulse_source_add_data's, as the next */
    um_pulse_data data;
} um_pulse_source;

/** Reads which tracks a cache has. UMCL_ERR_NOT_FOUND (no such folder, nothing extracted in it). */
umcl_status um_pulse_source_add_cache(um_pulse_source *source, const char *cache);

/**
 * Adds a pulse data set, whose faces are in the folder `cache` or are followed and put there.
 * What cannot be used is told in source->data.missing.
 *
 * @return as um_pulse_data_read and um_face_nets_open; UMCL_ERR_NOT_FOUND where no face was found
 */
umcl_status um_pulse_source_add_data(um_pulse_source *source, const char *root, const char *cache);
void um_pulse_source_clear(um_pulse_source *source);

/**
 * Makes a clip of `n` frames; `*out` is zeroed on failure. Has the type of um_pulse_draw_fn.
 *
 * @param source a um_pulse_source
 * @return UMCL_ERR_INVALID (nobody to render and no track that long, or none with beats), else as
 * um_synth_new, um_track_crops_part and um_h264_loss
 */
umcl_status um_pulse_clip_draw(const void *source, um_pulse_clip *out, size_t n, uint64_t key);

/** Produces clip `key` of `n` frames, the caller's. */
typedef umcl_status (*um_pulse_draw_fn)(const void *user, um_pulse_clip *out, size_t n,
                                        uint64_t key);

#endif
