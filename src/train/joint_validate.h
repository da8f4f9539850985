/*
 * Validation during joint training: windows of tracks that are not trained on, undegraded, in
 * evaluation mode and with a prompt that does not know the label. Frozen encoders run once.
 */
#ifndef UM_TRAIN_JOINT_VALIDATE_H
#define UM_TRAIN_JOINT_VALIDATE_H

#include "model/umcl_net.h"
#include "train/take.h"

typedef struct um_validation um_validation;

/** One window's log-odds and where it came from. */
typedef struct um_validated {
    double logit;
    bool fake;
    size_t video, person; /* um_take_track's number and person */
} um_validated;

/**
 * Reads all windows of the tracks, half a window apart.
 *
 * @param params  borrowed, as is what `spec` points to; of the frozen encoders the bodies are kept
 * @param trained whose bodies are run anew each time
 * @param seed    of parameters that are missing
 * @return as the crop reader's and um_umcl_net_new's
 */
umcl_status um_validation_new(um_validation **out, um_params *params, const um_umcl_spec *spec,
                              um_modalities trained, uint64_t seed, const um_take_track *tracks,
                              size_t n);
void um_validation_free(um_validation *v);

size_t um_validation_count(const um_validation *v);

/** Scores every window with the parameters as they are: `out` [count]. */
umcl_status um_validation_run(um_validation *v, um_validated *out);

#endif
