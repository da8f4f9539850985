/*
 * Putting a report together: tracks into a verdict, warnings, the reason in a sentence.
 */
#ifndef UM_DETECT_REPORT_H
#define UM_DETECT_REPORT_H

#include "detect/track_windows.h"

/** Adds a formatted warning. */
umcl_status um_report_warn(umcl_report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Sets the sentence that explains the outcome. */
umcl_status um_report_reason(umcl_report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Moves a finished track into the report: its windows change hands. */
umcl_status um_report_add_track(umcl_report *r, um_track_windows *t);

/** Chooses the track that speaks for the video, the verdict and the reason. */
umcl_status um_report_conclude(umcl_report *r, const um_judge_info *model);

#endif
