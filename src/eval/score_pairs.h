/*
 * Two files of scores brought together, with what is true of the videos.
 */
#ifndef UM_EVAL_SCORE_PAIRS_H
#define UM_EVAL_SCORE_PAIRS_H

#include "data/labels.h"
#include "eval/compare.h"
#include "eval/score_file.h"

/** Where the truth is, and which of it is asked for. */
typedef struct um_score_truth {
    const um_labels *labels; /* NULL: the files say it themselves */
    const char *split;       /* labels of this split alone; NULL: of all */
    bool sure;               /* labels of high confidence alone */
} um_score_truth;

typedef struct um_score_pairs {
    um_score_pair *items; /* [n] */
    size_t n, n_fake, n_people;
    /* What was left out: */
    size_t only[2];       /* videos that the other file does not have */
    size_t unlabelled[2]; /* rows of each file whose video has no label */
    size_t unscored;      /* in both files, without a score in one of them */
    size_t not_asked;     /* in both files, of another split or of low confidence */
    bool has_people;      /* else every video stands for a person of its own */
} um_score_pairs;

/**
 * The videos that both files score. Names match as they stand, or without folder and ending.
 *
 * @param out released with um_score_pairs_clear, also after a failure
 * @return UMCL_ERR_FORMAT (labels that contradict each other, two rows for one label),
 *         UMCL_ERR_NOT_FOUND (no video is left), UMCL_ERR_NOMEM
 */
umcl_status um_score_pairs_join(um_score_pairs *out, const um_score_file *a, const um_score_file *b,
                                const um_score_truth *truth);
void um_score_pairs_clear(um_score_pairs *pairs);

#endif
