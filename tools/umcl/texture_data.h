/* The crops that `umcl pretrain x` learns from and is measured on. */
#ifndef UM_TOOLS_TEXTURE_DATA_H
#define UM_TOOLS_TEXTURE_DATA_H

#include "data/labels.h"
#include "eval/calibration.h"
#include "train/texture_fit.h"

#define TEXTURE_MAX_SETS 8

typedef struct texture_sources {
    const char *sets[TEXTURE_MAX_SETS]; /* CSV=FOLDER of labelled pictures */
    int n_sets;
    const char *caches[TEXTURE_MAX_SETS];
    int n_caches;
    const char *labels, *split, *validate; /* the splits to learn from and to measure on */
    const char *not_dataset;               /* leave out training rows whose dataset contains it */
    int rate;                              /* crops a second of video */
    bool sure;                             /* labels of high confidence alone */
} texture_sources;

/** A track to measure on. */
typedef struct texture_check {
    um_face_clip clip; /* every tenth crop, as a verdict takes them */
    bool fake;
    size_t person;
} texture_check;

typedef struct texture_data {
    um_texture_material material;
    texture_check *checks;
    size_t n_checks;
} texture_data;

/**
 * Reads everything into memory. Progress goes to standard error.
 *
 * @return UMCL_ERR_INVALID: a person stands in both splits; else as the readers of pictures,
 *         labels and cached tracks
 */
umcl_status texture_data_read(texture_data *out, const texture_sources *from);
void texture_data_clear(texture_data *data);

/**
 * Scores the tracks to measure on in windows of 16 crops and calibrates on them.
 *
 * @return UMCL_ERR_INVALID where a class is missing
 */
umcl_status texture_data_measure(const texture_data *data, um_params *params, um_calibration *out);

#endif
