/*
 * From a network's log-odds to probabilities, a threshold and a band of doubt, fitted on scores of
 * people that the network was not trained on. Both classes weigh alike whatever their counts, so
 * that P(fake) = 0.5 means "as often said of a real one as of a fake".
 */
#ifndef UM_EVAL_CALIBRATION_H
#define UM_EVAL_CALIBRATION_H

#include "eval/metrics.h"
#include "model/rule.h"

/** One window's log-odds and where it came from. */
typedef struct um_window_score {
    double logit;
    bool fake;
    size_t video, person;
} um_window_score;

/**
 * Platt's calibration: scale and shift that minimise the cross-entropy of
 * sigmoid(scale * logit + shift), both classes weighted alike, with a weak pull towards 1 and 0.
 * The scale is positive: a detector worse than chance is not turned around.
 */
void um_calibrate(double *scale, double *shift, const um_window_score *scores, size_t n);

/** Temperature scaling (Guo et al., ICML 2017): the same with the shift held at 0; 1 / temperature.
 */
double um_calibrate_temperature(const um_window_score *scores, size_t n);

/**
 * The threshold at which the mean of both classes' rates is largest ("at or above: fake"); of equal
 * ones the one nearest to 0.5. It lies half-way between two scores, or is 0.5. 0.5 where a class is
 * missing. `items` is sorted by score.
 */
double um_threshold_choose(um_scored *items, size_t n);

/**
 * The band of doubt around a threshold: as wide as holds the fifth of the scores that are nearest
 * to it, at most 0.25 to either side, inside [0, 1]. No scores: no band.
 *
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_doubt_band(um_interval *band, double threshold, const um_scored *items, size_t n);

typedef enum um_calibration_method {
    UM_CALIBRATE_PLATT,
    UM_CALIBRATE_TEMPERATURE
} um_calibration_method;

typedef struct um_calibration {
    um_rule rule; /* threshold and band: of videos, by um_threshold_choose and um_doubt_band */
    double auc;   /* of the videos; NaN where a class is missing */
} um_calibration;

/**
 * Scale and shift from all windows; threshold, band and AUC from the videos, whose log-odds are the
 * mean of their windows'. A score that is a video already is a window of its own video.
 *
 * @param scores n >= 1, of both classes, finite
 * @return UMCL_ERR_INVALID (a class is missing, a score is not finite), UMCL_ERR_NOMEM
 */
umcl_status um_calibration_fit(um_calibration *out, um_calibration_method method,
                               const um_window_score *scores, size_t n);

#endif
