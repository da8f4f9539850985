#include "plot/reliability.h"

#include <math.h>

#define MOST_CURVES 16
#define MOST_BINS 64

static umcl_status check(const um_reliability_figure *f)
{
    size_t bins = f->n_curves ? f->curves[0].n : 0;

    if (f->n_curves < 1 || f->n_curves > MOST_CURVES)
        return um_fail(UMCL_ERR_INVALID, "reliability: expected 1 to %d curves, found %zu",
                       MOST_CURVES, f->n_curves);
    for (size_t i = 0; i < f->n_curves; i++)
        if (f->curves[i].n != bins || bins < 1 || bins > MOST_BINS)
            return um_fail(UMCL_ERR_INVALID,
                           "reliability: expected 1 to %d bins, as many in every curve, found %zu",
                           MOST_BINS, f->curves[i].n);
    return UMCL_OK;
}

umcl_status um_reliability_write(const um_reliability_figure *f, const char *path)
{
    static const double ends[] = {0, 1};
    um_series curves[MOST_CURVES + 1] = {
        {.name = "what scores promise", .kind = UM_SERIES_GUIDE, .n = 2, .x = ends, .y = ends}};
    um_series counts[MOST_CURVES];
    double middle[MOST_BINS], most = 1;

    UM_TRY(check(f));
    for (size_t b = 0; b < f->curves[0].n; b++)
        middle[b] = ((double)b + 0.5) / (double)f->curves[0].n;
    for (size_t i = 0; i < f->n_curves; i++) {
        const um_reliability *r = &f->curves[i];

        curves[i + 1] =
            (um_series){r->name, UM_SERIES_MARKED, r->n, r->score, r->share, r->low, r->high};
        for (size_t b = 0; b < r->n; b++) most = fmax(most, r->count[b]);
        counts[i] = (um_series){NULL, UM_SERIES_BARS, r->n, middle, r->count, NULL, NULL};
    }

    const um_panel panels[] = {
        {.x = {.low = 0, .high = 1},
         .y = {.label = f->share_label, .low = 0, .high = 1},
         .series = curves,
         .n_series = f->n_curves + 1,
         .width = 400,
         .height = 400},
        {.x = {.label = f->score_label, .low = 0, .high = 1},
         .y = {.label = "count", .low = 0, .high = 1.25 * most}, /* the numbers stand above */
         .series = counts,
         .n_series = f->n_curves,
         .width = 400,
         .height = 110,
         .bar = 0.86 / (double)f->curves[0].n,
         .numbers = true},
    };

    return um_figure_write(&(um_figure){f->title, f->note, panels, 2}, path);
}
