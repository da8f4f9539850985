/*
 * The trained detector behind a verdict: LRNet on windows of calibrated landmarks, its output
 * turned into a probability, and the thresholds that belong to it.
 */
#ifndef UM_MODEL_JUDGE_H
#define UM_MODEL_JUDGE_H

#include "base/model_meta.h"
#include "nn/layers.h"

#define UM_JUDGE_KIND "lrnet"
#define UM_JUDGE_WINDOW 60 /* frames at 30 fps */

/* How landmarks are prepared: what a model was trained on must be what it is given. */
#define UM_JUDGE_RECIPE                                                                            \
    "30 fps; 68 landmarks; Lucas-Kanade + Kalman; square 1.2 x mean face, 400 px, (p - 200) / 200"

/* Metadata of a detector's model file, besides the common keys. */
#define UM_META_RECIPE "recipe"
#define UM_META_SCALE "calibration_scale" /* P = sigmoid(scale * logit + shift) */
#define UM_META_SHIFT "calibration_shift"
#define UM_META_THRESHOLD "threshold"
#define UM_META_DOUBT_LOW "doubt_low"
#define UM_META_DOUBT_HIGH "doubt_high"

typedef struct um_judge_info {
    char version[32], hash[80], recipe[160];
    double scale, shift;
    double threshold, doubt_low, doubt_high;
} um_judge_info;

typedef struct um_judge um_judge;

/**
 * Reads a detector. A public LRNet checkpoint (imported, without our metadata) is taken as well:
 * scale 1, shift 0, threshold 0.5 and no band of doubt.
 *
 * @return UMCL_ERR_MISMATCH (another kind or recipe) and as um_model_file_open
 */
umcl_status um_judge_open(um_judge **out, const char *path);
void um_judge_free(um_judge *j);
const um_judge_info *um_judge_get_info(const um_judge *j);

/** The judge of a network that is being trained; `params` is borrowed. */
umcl_status um_judge_from_params(um_judge **out, um_params *params, const um_judge_info *info);

/**
 * Scores `n` windows of normalised landmarks [n, 60, 136]: P(fake), and where `logit` is given the
 * network's own log-odds.
 */
umcl_status um_judge_score(um_judge *j, const float *windows, size_t n, double *score,
                           double *logit);

#endif
