/*
 * From a video file to a report: decoding, following faces, windows, verdict. What include/umcl
 * promises is done here; src/api only passes it on.
 */
#ifndef UM_DETECT_DETECTOR_H
#define UM_DETECT_DETECTOR_H

#include <umcl/umcl.h>

#include "model/judge.h"

/** The detector that ships (base/paths.h). */
#define UM_DETECTOR_MODEL "models/umcl.safetensors"

typedef struct um_detector um_detector;

umcl_status um_detector_new(um_detector **out, const umcl_detector_options *options);
void um_detector_free(um_detector *d);
const um_judge_info *um_detector_model(const um_detector *d);

/** As umcl_detector_score. */
umcl_status um_detector_score(umcl_report *out, um_detector *d, const char *path,
                              const umcl_score_options *options);

#endif
