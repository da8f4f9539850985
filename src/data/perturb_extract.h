/*
 * The faces of a perturbed video, into the cache: followed as um_extract follows those of the
 * video itself.
 */
#ifndef UM_DATA_PERTURB_EXTRACT_H
#define UM_DATA_PERTURB_EXTRACT_H

#include "data/perturb_picture.h"
#include "data/track_store.h"
#include "media/reencode.h"

typedef struct um_perturb_job {
    const um_perturb *perturb;
    uint64_t key;        /* um_perturb_key */
    const char *scratch; /* folder for the files that are encoded; they are removed again */
    um_go_on_fn go_on;   /* asked before every frame; NULL: is not asked */
    void *user;
} um_perturb_job;

/**
 * Perturbs `video` and stores its tracks as `name`. Encoded are whole files; pictures go from the
 * decoder through the perturbation to the face nets, and no codec comes between.
 *
 * @param options without `change`, which is this function's own
 * @return as um_recode, um_perturb_picture and um_extract; UMCL_ERR_CANCELLED
 */
umcl_status um_perturb_extract(const um_perturb_job *job, const char *video, const char *cache,
                               const char *name, um_face_nets *nets,
                               const um_extract_options *options);

#endif
