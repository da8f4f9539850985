#include "eval/robustness.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/resample.h"

/* A video with a score, in a list that is sorted once. */
typedef struct ranked {
    double score;
    size_t video;
} ranked;

/* Conditions by number: 0 is the videos as they are, change c is c + 1. */
typedef struct work {
    const um_robust_scores *scores;
    size_t n_conditions;
    ranked *ranks;    /* [n_conditions, n] */
    size_t *n_ranked; /* [n_conditions] */
    double *weight;   /* [n], how often each video was drawn */
    double *auc;      /* [n_conditions], of one draw */
    double *drawn;    /* [2 n_conditions + 1, draws]: AUCs, relative AUCs, merit */
    size_t *n_drawn;  /* [2 n_conditions + 1] */
    size_t *items;    /* of one draw */
    um_resample people;
} work;

static int by_score(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    return (x->score > y->score) - (x->score < y->score);
}

static void rank_all(work *w)
{
    const um_robust_scores *s = w->scores;

    for (size_t c = 0; c < w->n_conditions; c++) {
        const double *from = c ? s->changed + (c - 1) * s->n : s->clean;
        ranked *to = w->ranks + c * s->n;

        for (size_t i = 0; i < s->n; i++)
            if (!isnan(from[i])) to[w->n_ranked[c]++] = (ranked){from[i], i};
        qsort(to, w->n_ranked[c], sizeof *to, by_score);
    }
}

/* Pairs in order, ties half; every video as often as it was drawn. NaN where a class is missing. */
static double weighted_auc(const work *w, size_t condition)
{
    const ranked *r = w->ranks + condition * w->scores->n;
    size_t n = w->n_ranked[condition];
    double wins = 0, reals = 0, fakes = 0;

    for (size_t i = 0; i < n;) {
        double f = 0, t = 0;
        size_t j = i;

        for (; j < n && r[j].score == r[i].score; j++) {
            bool fake = w->scores->fake[r[j].video];
            f += fake ? w->weight[r[j].video] : 0;
            t += fake ? 0 : w->weight[r[j].video];
        }
        wins += f * (reals + t / 2);
        reals += t;
        fakes += f;
        i = j;
    }
    return wins / (fakes * reals);
}

static double relative(double auc, double clean)
{
    if (!(clean > 0.5)) return NAN;
    return isnan(auc) ? 0 : (auc - 0.5) / (clean - 0.5);
}

/* The mean over the changes; NaN where there is none. */
static double merit_of(const double *auc, size_t n_conditions)
{
    double sum = 0;

    for (size_t c = 1; c < n_conditions; c++) sum += relative(auc[c], auc[0]);
    return sum / (double)(n_conditions - 1);
}

static void keep(work *w, size_t row, size_t draws, double value)
{
    if (isfinite(value)) w->drawn[row * draws + w->n_drawn[row]++] = value;
}

static void draw_all(work *w, size_t draws, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "robustness bootstrap");
    const size_t n = w->n_conditions;

    for (size_t d = 0; d < draws; d++) {
        size_t count = um_resample_draw(&w->people, &rng, w->items);

        for (size_t i = 0; i < w->scores->n; i++) w->weight[i] = 0;
        for (size_t i = 0; i < count; i++) w->weight[w->items[i]]++;
        for (size_t c = 0; c < n; c++) {
            w->auc[c] = weighted_auc(w, c);
            keep(w, c, draws, w->auc[c]);
            keep(w, n + c, draws, relative(w->auc[c], w->auc[0]));
        }
        keep(w, 2 * n, draws, merit_of(w->auc, n));
    }
}

static um_interval interval_of(const work *w, size_t row, size_t draws)
{
    return um_percentile_interval(w->drawn + row * draws, w->n_drawn[row]);
}

/* Videos that had a score and still have one, over the changes. */
static double kept_of(const um_robust_scores *s)
{
    size_t had = 0, kept = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (isnan(s->clean[i])) continue;
        had += s->n_changes;
        for (size_t c = 0; c < s->n_changes; c++) kept += !isnan(s->changed[c * s->n + i]);
    }
    return (double)kept / (double)had;
}

/* `auc` holds those of all videos, each once. */
static void fill(um_robustness *out, const work *w, size_t draws)
{
    const um_robust_scores *s = w->scores;
    const size_t n = w->n_conditions;

    for (size_t c = 0; c < n; c++) {
        um_robust_change *to = c ? &out->changes[c - 1] : &out->clean;
        const ranked *r = w->ranks + c * s->n;

        to->n = w->n_ranked[c];
        for (size_t i = 0; i < to->n; i++) to->n_fake += s->fake[r[i].video];
        to->auc = (um_robust_figure){w->auc[c], interval_of(w, c, draws)};
        to->relative =
            (um_robust_figure){relative(w->auc[c], w->auc[0]), interval_of(w, n + c, draws)};
    }
    out->kept = kept_of(s);
    out->merit = (um_robust_figure){merit_of(w->auc, n), interval_of(w, 2 * n, draws)};
}

static umcl_status allocate(work *w, size_t draws)
{
    const size_t n = w->scores->n, rows = 2 * w->n_conditions + 1;

    UM_TRY(um_resample_new(&w->people, w->scores->person, n));
    UM_TRY(um_calloc(&w->ranks, w->n_conditions * n, sizeof *w->ranks));
    UM_TRY(um_calloc(&w->n_ranked, w->n_conditions, sizeof *w->n_ranked));
    UM_TRY(um_calloc(&w->weight, n, sizeof *w->weight));
    UM_TRY(um_calloc(&w->auc, w->n_conditions, sizeof *w->auc));
    UM_TRY(um_calloc(&w->drawn, rows * draws, sizeof *w->drawn));
    UM_TRY(um_calloc(&w->n_drawn, rows, sizeof *w->n_drawn));
    return um_calloc(&w->items, w->people.most, sizeof *w->items);
}

umcl_status um_robustness_measure(um_robustness *out, const um_robust_scores *scores, int draws,
                                  uint64_t seed)
{
    work w = {.scores = scores, .n_conditions = scores->n_changes + 1};
    umcl_status st;

    *out = (um_robustness){0};
    UM_CHECK(um_calloc(&out->changes, scores->n_changes, sizeof *out->changes));
    UM_CHECK(allocate(&w, (size_t)draws));
    rank_all(&w);
    draw_all(&w, (size_t)draws, seed);
    for (size_t i = 0; i < scores->n; i++) w.weight[i] = 1;
    for (size_t c = 0; c < w.n_conditions; c++) w.auc[c] = weighted_auc(&w, c);
    fill(out, &w, (size_t)draws);
done:
    um_resample_clear(&w.people);
    free(w.ranks);
    free(w.n_ranked);
    free(w.weight);
    free(w.auc);
    free(w.drawn);
    free(w.n_drawn);
    free(w.items);
    if (st != UMCL_OK) um_robustness_clear(out);
    return st;
}

void um_robustness_clear(um_robustness *r)
{
    free(r->changes);
    *r = (um_robustness){0};
}
