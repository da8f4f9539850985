/*
 * The outputs of `umcl dataset`, on standard output.
 */
#ifndef UM_TOOLS_DATASET_PRINT_H
#define UM_TOOLS_DATASET_PRINT_H

#include "data/dataset.h"

/** Numbers of videos by data set, method, compression, label and split. UMCL_ERR_NOMEM. */
umcl_status dataset_print_table(const um_dataset *d);

/** One row a video, with absolute paths: what train, eval and extract read. */
umcl_status dataset_print_csv(const um_dataset *d);

/** Schema umcl.dataset/1. */
umcl_status dataset_print_json(const um_dataset *d);

/** Findings for people, or with schema umcl.dataset_check/1; `all`: every name of each. */
void findings_print_text(const um_findings *f, bool all);
umcl_status findings_print_json(const um_findings *f, const um_dataset *d);

#endif
