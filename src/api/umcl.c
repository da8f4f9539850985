/* The public interface: everything is done in src/detect. */
#include <umcl/umcl.h>

#include <stdlib.h>

#include "base/mem.h"
#include "detect/detector.h"

struct umcl_detector {
    um_detector *inner;
};

const char *umcl_version(void)
{
    return UMCL_VERSION;
}

const char *umcl_outcome_name(umcl_outcome outcome)
{
    static const char *const names[] = {"ok", "no_face", "too_short", "unreadable", "low_quality"};

    return (unsigned)outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}

const char *umcl_verdict_name(umcl_verdict verdict)
{
    static const char *const names[] = {"no_decision", "real", "fake"};

    return (unsigned)verdict < sizeof names / sizeof names[0] ? names[verdict] : "unknown";
}

umcl_status umcl_detector_new(umcl_detector **out, const umcl_detector_options *options)
{
    const umcl_detector_options defaults = UMCL_DETECTOR_OPTIONS_INIT;
    umcl_detector *det = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&det, 1, sizeof *det));
    UM_CHECK(um_detector_new(&det->inner, options ? options : &defaults));
    *out = det;
    det = NULL;
done:
    umcl_detector_free(det);
    return st;
}

void umcl_detector_free(umcl_detector *det)
{
    if (!det) return;
    um_detector_free(det->inner);
    free(det);
}

umcl_model_info umcl_detector_model(const umcl_detector *det)
{
    const um_judge_info *info = um_detector_model(det->inner);

    return (umcl_model_info){.kind = info->kind,
                             .version = info->version,
                             .hash = info->hash,
                             .crop_recipe = info->recipe,
                             .threshold = info->rule.threshold,
                             .doubt_low = info->rule.doubt_low,
                             .doubt_high = info->rule.doubt_high};
}

umcl_status umcl_detector_score(umcl_report *out, umcl_detector *det, const char *path,
                                const umcl_score_options *options)
{
    const umcl_score_options defaults = UMCL_SCORE_OPTIONS_INIT;

    return um_detector_score(out, det->inner, path, options ? options : &defaults);
}
