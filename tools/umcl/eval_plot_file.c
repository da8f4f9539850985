/* What the figures of umcl eval share: their files, their words. */
#include "eval_plot.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

const char *const eval_plot_endings[EVAL_PLOT_ENDINGS] = {"svg", "png"};

/* What of a model's name is harmless in the name of a file. */
static char safe(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("-_.", c)) ? c : c ? '_' : 0;
}

static bool same_when_safe(const char *a, const char *b)
{
    while (*a && safe(*a) == safe(*b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

umcl_status eval_plot_path(um_str *out, const eval_table *t, size_t m, const char *what,
                           const char *ending)
{
    um_str_clear(out);
    um_str_printf(out, "%s/", t->set->plots);
    for (const char *p = t->name[m]; *p; p++) um_str_append_n(out, (char[]){safe(*p)}, 1);
    for (size_t k = 0; k < m; k++)
        if (same_when_safe(t->name[k], t->name[m])) {
            um_str_printf(out, "-%zu", m + 1);
            break;
        }
    um_str_printf(out, "-%s.%s", what, ending);
    return um_str_status(out);
}

umcl_status eval_plots_prepare(const eval_table *t)
{
    um_str path = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_mkdirs(t->set->plots));
    UM_CHECK(eval_plot_path(&path, t, 0, "roc", "svg"));
    st = um_file_can_write(path.text);
done:
    um_str_clear(&path);
    return st;
}

const char *eval_plot_quality(const eval_table *t, size_t q)
{
    return *t->set->qualities[q].name ? t->set->qualities[q].name : "videos";
}

void eval_plot_say(eval_plot_words *w, const eval_table *t, size_t m, const char *title,
                   const char *note)
{
    snprintf(w->title, sizeof w->title, "%s: %.64s", title, t->name[m]);
    snprintf(w->note, sizeof w->note, "%s%s%s%s", t->set->split ? "split " : "all splits",
             t->set->split ? t->set->split : "", note,
             eval_is_oracle(t, m) ? "; ** " EVAL_ORACLE " **" : "");
}

void eval_plot_say_measure(char *to, size_t size, const char *quality, const char *measure,
                           const um_measured *r, um_measure which)
{
    um_interval ci = r->interval[which];
    int n = snprintf(to, size, "%s: %s %.3f", quality, measure, um_metrics_get(&r->metrics, which));

    if (!isnan(ci.low) && n > 0 && (size_t)n < size)
        snprintf(to + n, size - (size_t)n, " (%.3f-%.3f)", ci.low, ci.high);
}

umcl_status eval_plot_write(const um_figure *figure, const eval_table *t, size_t m,
                            const char *what)
{
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t e = 0; e < EVAL_PLOT_ENDINGS; e++) {
        UM_CHECK(eval_plot_path(&path, t, m, what, eval_plot_endings[e]));
        UM_CHECK(um_figure_write(figure, path.text));
    }
done:
    um_str_clear(&path);
    return st;
}
