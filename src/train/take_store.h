/*
 * Takes as joint training reads them: of encoders that stay as they are, the bodies of both views,
 * computed once; landmarks as they are. May be kept in a file, from which a run of the same takes
 * goes on, also where it was interrupted; encoders may be added to it later.
 */
#ifndef UM_TRAIN_TAKE_STORE_H
#define UM_TRAIN_TAKE_STORE_H

#include "autograd/param.h"
#include "train/take.h"

typedef struct um_take_store {
    size_t n; /* even: real and fake by turns */
    um_take_options options;
    float *landmarks;                         /* [n, window, 136], HQ */
    float *body[UM_N_MODALITIES][UM_N_VIEWS]; /* [n, body]; NULL: not kept */
} um_take_store;

/** Progress; false stops. */
typedef bool (*um_take_store_fn)(void *user, size_t done, size_t n);

typedef struct um_take_store_options {
    size_t n;             /* takes: even */
    um_modalities frozen; /* whose bodies are kept */
    const char *file;     /* NULL: in memory alone */
    const char *recipe;   /* of everything that the takes depend on besides the plan's options */
    const char *content;  /* a hash of the tracks that takes are cut from; NULL: not looked at */
    const char *weights[UM_N_MODALITIES]; /* names of the frozen encoders' weights: their hashes */
} um_take_store_options;

/**
 * Makes the takes and runs the frozen encoders of `params` on them.
 *
 * @return UMCL_ERR_MISMATCH (the file holds takes of another recipe, or of tracks that have changed
 *         since; one that does not say what they held is taken at its recipe's word),
 *         UMCL_ERR_CANCELLED, and as um_take_make and um_encoder_run
 */
umcl_status um_take_store_make(um_take_store *out, const um_take_plan *plan, um_params *params,
                               const um_take_store_options *options, um_take_store_fn progress,
                               void *user);
void um_take_store_clear(um_take_store *s);

/** The view's body of take `i`. */
const float *um_take_store_body(const um_take_store *s, um_modality_kind kind, int view, size_t i);

#endif
