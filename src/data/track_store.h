/*
 * The extraction cache: what a video's faces did, taken once. Each video has a folder
 * CACHE/<name>/ with tracks.safetensors (landmarks and times of every track, and the recipe they
 * were made by) and, where asked for, trackN.mp4 (its 128 x 128 crops, H.264). The folder appears
 * under its name only when it is complete.
 */
#ifndef UM_DATA_TRACK_STORE_H
#define UM_DATA_TRACK_STORE_H

#include <stdbool.h>

#include "face/crop.h"
#include "face/face_nets.h"
#include "face/stream.h"

/** How tracks are made; a cache made otherwise is refused. */
#define UM_STORE_RECIPE                                                                            \
    "umcl.tracks/2: 30 fps; 68 landmarks; Lucas-Kanade + Kalman; crops 128 x 1.3"

typedef struct um_stored_track {
    int id;
    size_t n_frames;
    um_landmarks *landmarks; /* [n_frames], calibrated, pixels of the video */
    float *times;            /* [n_frames], seconds */
    um_box *crops;           /* [n_frames], the square that each crop shows, pixels of the video */
    uint8_t *bridged;        /* [n_frames], 1: interpolated */
} um_stored_track;

typedef struct um_stored_video {
    char *name;
    um_stored_track *tracks;
    size_t n_tracks;
} um_stored_video;

/** Reads one video's tracks. UMCL_ERR_NOT_FOUND, UMCL_ERR_MISMATCH (another recipe), FORMAT. */
umcl_status um_store_read(um_stored_video *out, const char *cache, const char *name);
void um_stored_video_clear(um_stored_video *video);

/** Whether `name` is there, complete (`crops`: with the crops of all its tracks), of this recipe.
 */
bool um_store_has(const char *cache, const char *name, bool crops);

/** Puts another frame of the same time in place of `*frame`, which it takes over. */
typedef umcl_status (*um_change_frame_fn)(void *user, um_frame **frame);

typedef struct um_extract_options {
    bool crops;                /* also write the crops */
    int crf;                   /* of the crops */
    int threads;               /* for decoding */
    um_change_frame_fn change; /* what is done to frames before faces are looked for; NULL: none */
    void *user;
} um_extract_options;

#define UM_EXTRACT_OPTIONS_INIT ((um_extract_options){.crops = true, .crf = 14, .threads = 1})

/**
 * Follows the faces of one video and stores them as `name`, replacing what is there.
 * Fails as um_video_open, the nets and file writing do; nothing half-written stays behind.
 */
umcl_status um_extract(const char *video, const char *cache, const char *name, um_face_nets *nets,
                       const um_extract_options *options);

#endif
