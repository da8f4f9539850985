/* umcl train for the joint model: its options, its data, its log. */
#ifndef UM_TOOLS_TRAIN_UMCL_H
#define UM_TOOLS_TRAIN_UMCL_H

#include <stdio.h>

#include "train/joint_fit.h"

#define TRAIN_MAX_CACHES 8

typedef struct train_umcl_settings {
    const char *caches[TRAIN_MAX_CACHES], *labels, *split, *validate, *out;
    const char
        *encoder[UM_N_MODALITIES]; /* files of pre-trained ones; NULL: the shipped, or fresh */
    const char *text, *vocab;      /* NULL: the builtin text encoder */
    const char *takes_file, *log, *made_by;
    size_t n_caches;
    int n_takes;
    um_modalities encode; /* whose bodies the takes hold, besides the set's own */
    um_modalities fresh;  /* encoders that begin untrained */
    um_prompt_policy policy;
    um_take_options takes;
    um_joint_fit_options fit;
    bool sure, quiet, half; /* half: the result in half precision */
} train_umcl_settings;

/** `umcl train` with argv[0] as getopt shall call it. Returns the exit code; -1: help was shown. */
int train_umcl(int argc, char **argv, const char *made_by);

/** Trains, calibrates, writes the model; prints the result. */
umcl_status train_umcl_run(const train_umcl_settings *set);

/** One line of JSON for a report. */
void train_umcl_log_line(FILE *to, const um_joint_report *r);

#endif
