/* The features of umcl eval --features FILE: what a joint model makes of every video. */
#ifndef UM_TOOLS_EVAL_FEATURES_H
#define UM_TOOLS_EVAL_FEATURES_H

#include "eval.h"

/** Asks whether the model has features and the file can be written, before long work. */
umcl_status eval_features_prepare(const eval_table *t);

/** Keeps the mean over the windows, if features are asked for. */
umcl_status eval_features_take(um_eval_row *row, const eval_table *t, size_t model,
                               const um_track_windows *w);

umcl_status eval_features_write(const eval_table *t);

#endif
