/* Scores of all models under all changes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli.h"
#include "eval_reencode.h"
#include "robust.h"

#define DRAWS 2000
#define SEED 1 /* of the bootstrap, as in umcl eval */

bool robust_has(const robust_table *t, um_perturb_kind kind)
{
    return t->set->kinds[kind] && !um_perturb_lacks(kind);
}

static umcl_status list_conditions(robust_table *t)
{
    UM_TRY(um_calloc(&t->conditions, 1 + UM_N_PERTURBS * UM_PERTURB_LEVELS, sizeof *t->conditions));
    t->conditions[t->n_conditions++] = (robust_condition){.clean = true, .label = "as they are"};
    for (int k = 0; k < UM_N_PERTURBS; k++)
        for (int level = 1; level <= UM_PERTURB_LEVELS; level++) {
            robust_condition *c = &t->conditions[t->n_conditions];

            if (!robust_has(t, (um_perturb_kind)k) || !t->set->levels[level - 1]) continue;
            c->level = level;
            c->perturb = um_perturb_at((um_perturb_kind)k, level);
            um_perturb_label(c->label, &c->perturb);
            t->n_conditions++;
        }
    for (size_t c = 0; c < t->n_conditions; c++)
        for (size_t m = 0; m < t->set->eval.n_models; m++)
            UM_TRY(um_calloc(&t->conditions[c].rows[m], t->eval.labels.count, sizeof(um_eval_row)));
    return UMCL_OK;
}

umcl_status robust_open(robust_table *t, const robust_settings *set)
{
    *t = (robust_table){.set = set};
    UM_TRY(eval_open(&t->eval, &set->eval));
    return list_conditions(t);
}

void robust_close(robust_table *t)
{
    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        for (size_t c = 0; c < t->n_conditions; c++) {
            um_eval_row *rows = t->conditions[c].rows[m];

            for (size_t i = 0; rows && i < t->eval.labels.count; i++) free(rows[i].windows);
            free(rows);
            um_str_clear(&t->conditions[c].others[m]);
        }
        um_robustness_clear(&t->result[m]);
    }
    free(t->conditions);
    eval_close(&t->eval);
}

/* What the work took so far, for a guess at the rest. */
typedef struct pace {
    struct timespec begun;
    size_t done; /* videos under a change that were not known before */
} pace;

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + 1e-9 * (double)(now.tv_nsec - begun->tv_nsec);
}

/* "1 h 20 min" */
static void say_time(char to[32], double seconds)
{
    long minutes = lround(seconds / 60);

    if (seconds < 90)
        snprintf(to, 32, "%.0f s", seconds);
    else if (minutes < 60)
        snprintf(to, 32, "%ld min", minutes);
    else
        snprintf(to, 32, "%ld h %ld min", minutes / 60, minutes % 60);
}

static void report(const robust_table *t, const pace *p, size_t c, size_t i)
{
    const robust_condition *cond = &t->conditions[c];
    size_t n = t->eval.labels.count, left = (t->n_conditions - c) * n - i;
    char rest[32] = "?";

    if (p->done) say_time(rest, seconds_since(&p->begun) / (double)p->done * (double)left);
    cli_progress("%s %s, %zu/%zu: video %zu/%zu, about %s left",
                 cond->clean ? "clean" : um_perturb_name(cond->perturb.kind), cond->label, c + 1,
                 t->n_conditions, i + 1, n, rest);
}

/* Said once, also where there is no terminal: a whole run takes hours. */
static void warn_of_cost(const robust_table *t, const pace *p)
{
    size_t changes = t->n_conditions - 1;
    double each;
    char clean[32], all[32];

    if (!p->done || changes == 0) return;
    each = seconds_since(&p->begun) / (double)p->done;
    say_time(clean, each * (double)p->done);
    say_time(all, each * (double)(changes * t->eval.labels.count));
    cli_progress(NULL);
    fprintf(stderr,
            "umcl robust: %zu videos as they are took %s; %zu changes of %zu will take %s or more, "
            "encoders the longest\n",
            p->done, clean, changes, t->eval.labels.count, all);
}

static bool is_bad(const um_eval_row *row)
{
    return row->reason && (!strcmp(row->reason, "missing") || !strcmp(row->reason, "unreadable"));
}

/* One video under one change. What cannot be read as it is, is not tried again. */
static umcl_status score(robust_table *t, eval_reencoder *r, size_t c, size_t i)
{
    const robust_condition *cond = &t->conditions[c];
    const um_eval_row *clean = &t->conditions[0].rows[0][i];
    um_eval_row *rows[EVAL_MAX_MODELS] = {NULL};
    const char *reason = NULL;

    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        rows[m] = &cond->rows[m][i];
        free(rows[m]->windows);
        rows[m]->windows = NULL;
    }
    if (c > 0 && is_bad(clean)) {
        reason = clean->reason;
    } else {
        UM_TRY(cond->clean ? eval_reencode(r, i, -1, &reason)
                           : eval_perturb(r, i, &cond->perturb, t->set->seed, &reason));
        t->n_failed += reason != NULL;
    }
    return eval_score_video(&t->eval, i, eval_reencoder_cache(r), reason, rows);
}

/* Rows that all models know from before. */
static umcl_status recall(robust_table *t, size_t c, bool *known)
{
    size_t n = t->eval.labels.count;
    bool *own = NULL;
    umcl_status st;

    memset(known, t->set->out != NULL, n);
    if (!t->set->out) return UMCL_OK;
    UM_CHECK(um_calloc(&own, n, sizeof *own));
    for (size_t m = 0; m < t->set->eval.n_models; m++) {
        memset(own, 0, n);
        UM_CHECK(robust_read_scores(t, m, c, own));
        for (size_t i = 0; i < n; i++) known[i] = known[i] && own[i];
    }
done:
    free(own);
    return st;
}

static umcl_status run_condition(robust_table *t, eval_reencoder *r, size_t c, pace *p, bool *known)
{
    UM_TRY(recall(t, c, known));
    for (size_t i = 0; i < t->eval.labels.count; i++) {
        if (known[i]) continue;
        report(t, p, c, i);
        UM_TRY(score(t, r, c, i));
        p->done++;
        for (size_t m = 0; t->set->out && m < t->set->eval.n_models; m++)
            UM_TRY(robust_keep_scores(t, m, c));
    }
    if (c == 0) warn_of_cost(t, p);
    return UMCL_OK;
}

static umcl_status measure(robust_table *t, size_t m)
{
    const size_t n = t->eval.labels.count;
    um_robust_scores s = {.n = n, .n_changes = t->n_conditions - 1};
    double *scores = NULL;
    size_t *person = NULL;
    bool *fake = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&scores, t->n_conditions * n, sizeof *scores));
    UM_CHECK(um_calloc(&person, n, sizeof *person));
    UM_CHECK(um_calloc(&fake, n, sizeof *fake));
    for (size_t c = 0; c < t->n_conditions; c++)
        for (size_t i = 0; i < n; i++) {
            const um_eval_row *row = &t->conditions[c].rows[m][i];

            scores[c * n + i] = row->reason ? NAN : row->score;
            person[i] = row->person;
            fake[i] = row->label->fake;
        }
    s.fake = fake;
    s.person = person;
    s.clean = scores;
    s.changed = scores + n;
    UM_CHECK(um_robustness_measure(&t->result[m], &s, DRAWS, SEED));
    if (t->result[m].clean.n == 0)
        st = um_fail(UMCL_ERR_NOT_FOUND,
                     "%s: expected videos with a face for two seconds, found none among %zu",
                     t->set->eval.labels, n);
done:
    free(scores);
    free(person);
    free(fake);
    return st;
}

umcl_status robust_run(robust_table *t)
{
    eval_reencoder *r = NULL;
    bool *known = NULL;
    pace p = {0};
    umcl_status st;

    UM_CHECK(um_calloc(&known, t->eval.labels.count, sizeof *known));
    UM_CHECK(eval_reencoder_open(&r, "robust", &t->eval.labels, t->set->eval.videos,
                                 eval_wants_crops(&t->eval)));
    clock_gettime(CLOCK_MONOTONIC, &p.begun);
    for (size_t c = 0; c < t->n_conditions; c++) UM_CHECK(run_condition(t, r, c, &p, known));
    for (size_t m = 0; m < t->set->eval.n_models; m++) UM_CHECK(measure(t, m));
done:
    cli_progress(NULL);
    eval_reencoder_close(r);
    free(known);
    return st;
}

double robust_mean(const robust_table *t, size_t m, um_perturb_kind kind)
{
    double sum = 0;
    int n = 0;

    for (size_t c = 1; c < t->n_conditions; c++) {
        if (t->conditions[c].perturb.kind != kind) continue;
        sum += t->result[m].changes[c - 1].relative.value;
        n++;
    }
    return n ? sum / n : NAN;
}
