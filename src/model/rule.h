/*
 * From a detector's log-odds to a verdict: calibration, threshold and band of doubt. They belong to
 * a model's weights and stand in its file's metadata, which is read and written here alone.
 */
#ifndef UM_MODEL_RULE_H
#define UM_MODEL_RULE_H

#include "base/model_meta.h"

#define UM_META_SCALE "calibration_scale"
#define UM_META_SHIFT "calibration_shift"
#define UM_META_THRESHOLD "threshold"
#define UM_META_DOUBT_LOW "doubt_low"
#define UM_META_DOUBT_HIGH "doubt_high"

typedef struct um_rule {
    double scale, shift;          /* P(fake) = sigmoid(scale * logit + shift) */
    double threshold;             /* a score at or above is fake */
    double doubt_low, doubt_high; /* scores between them are no decision */
} um_rule;

/* Of a network that was never calibrated. */
#define UM_RULE_INIT ((um_rule){.scale = 1, .threshold = 0.5, .doubt_low = 0.5, .doubt_high = 0.5})

/** P(fake) of log-odds. */
double um_rule_probability(const um_rule *rule, double logit);

/**
 * Reads the metadata of a file; keys that it lacks are those of UM_RULE_INIT, and a missing band of
 * doubt is empty.
 *
 * @return UMCL_ERR_FORMAT (no number)
 */
umcl_status um_rule_read(um_rule *out, const um_st_file *file, const char *path);

/** Adds the metadata to a file to be written, six digits each. */
umcl_status um_rule_write(const um_rule *rule, um_st_writer *w);

#endif
