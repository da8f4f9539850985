#include "model/rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double um_rule_probability(const um_rule *rule, double logit)
{
    return 1 / (1 + exp(-(rule->scale * logit + rule->shift)));
}

static umcl_status number(double *out, const um_st_file *file, const char *path, const char *key,
                          double missing)
{
    const char *text = um_st_meta(file, key);
    char *end;

    *out = missing;
    if (!text) return UMCL_OK;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out))
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: expected a number, found '%s'", path, key, text);
    return UMCL_OK;
}

umcl_status um_rule_read(um_rule *out, const um_st_file *file, const char *path)
{
    const um_rule init = UM_RULE_INIT;

    UM_TRY(number(&out->scale, file, path, UM_META_SCALE, init.scale));
    UM_TRY(number(&out->shift, file, path, UM_META_SHIFT, init.shift));
    UM_TRY(number(&out->threshold, file, path, UM_META_THRESHOLD, init.threshold));
    UM_TRY(number(&out->doubt_low, file, path, UM_META_DOUBT_LOW, out->threshold));
    return number(&out->doubt_high, file, path, UM_META_DOUBT_HIGH, out->threshold);
}

static umcl_status write_number(um_st_writer *w, const char *key, double v)
{
    char text[32];

    snprintf(text, sizeof text, "%.6g", v);
    return um_st_writer_meta(w, key, text);
}

umcl_status um_rule_write(const um_rule *rule, um_st_writer *w)
{
    UM_TRY(write_number(w, UM_META_SCALE, rule->scale));
    UM_TRY(write_number(w, UM_META_SHIFT, rule->shift));
    UM_TRY(write_number(w, UM_META_THRESHOLD, rule->threshold));
    UM_TRY(write_number(w, UM_META_DOUBT_LOW, rule->doubt_low));
    return write_number(w, UM_META_DOUBT_HIGH, rule->doubt_high);
}
