/*
 * Made-up tracks of a face for tests of joint training: smooth ones are real, trembling ones fake.
 */
#ifndef UM_TEST_SUPPORT_TRACKS_H
#define UM_TEST_SUPPORT_TRACKS_H

#include "train/take_store.h"

#define MADE_TRACKS_MAX 8

typedef struct made_tracks {
    um_take_track tracks[MADE_TRACKS_MAX]; /* real and fake by turns, each a person's own */
    um_stored_track stored[MADE_TRACKS_MAX];
    char names[MADE_TRACKS_MAX][16];
    size_t n;
} made_tracks;

/** `n` tracks of `n_frames`; `cache`: a folder that gets their crops, NULL: they have none. */
void tracks_make(made_tracks *out, size_t n, size_t n_frames, const char *cache);

/** Also removes the cache. */
void tracks_clear(made_tracks *t);

/**
 * A store as if takes had been made: landmarks move smoothly in real takes and tremble in fake
 * ones; of the modalities in `frozen` there are random bodies.
 */
um_take_store store_of_random(size_t n, int window, um_modalities frozen);

/** Fails where a value of the sets differs in a bit. */
void assert_same_params(const um_params *a, const um_params *b);

#endif
