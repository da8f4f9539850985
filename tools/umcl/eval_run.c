/* Scores of all models on all qualities. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli.h"
#include "detect/cached_track.h"
#include "detect/detector.h"
#include "eval.h"
#include "eval_features.h"
#include "eval_reencode.h"
#include "labelled_cache.h"

#define VIDEOS_A_SAVE 64 /* what an interruption may cost */

bool eval_is_damaged(const eval_settings *set)
{
    return set->damage.lost > 0 || set->damage.landmark_noise > 0;
}

static umcl_status open_model(eval_table *t, size_t m)
{
    const eval_settings *set = t->set;
    const char *path = set->models[m];
    um_str shipped = UM_STR_INIT;
    umcl_status st;

    if (!path) {
        UM_CHECK(um_find_data(&shipped, UM_DETECTOR_MODEL));
        path = shipped.text;
    }
    st = um_judge_open_prompts(&t->judge[m], path, set->has_policy ? &set->policy : NULL,
                               set->has_prompts ? &set->prompts : NULL);
    if (st != UMCL_OK) goto done;
    t->name[m] = um_plain_name(path);
    for (size_t i = 0; i < m && t->name[m]; i++)
        if (!strcmp(t->name[i], t->name[m])) {
            free(t->name[m]);
            t->name[m] = strdup(path);
            break;
        }
    if (!t->name[m]) st = um_fail(UMCL_ERR_NOMEM, "out of memory");
done:
    um_str_clear(&shipped);
    return st;
}

static bool is_asked_for(const um_label *l, const eval_settings *set)
{
    return (!set->split || !strcmp(l->split, set->split)) && (l->sure || !set->sure) &&
           (!set->dataset || strstr(l->dataset, set->dataset)) &&
           (!set->not_dataset || !strstr(l->dataset, set->not_dataset));
}

static umcl_status read_labels(eval_table *t)
{
    const eval_settings *set = t->set;
    um_labels *labels = &t->labels;
    size_t kept = 0, all;

    UM_TRY(um_labels_read(labels, set->labels));
    all = labels->count;
    for (size_t i = 0; i < labels->count; i++) {
        um_label l = labels->items[i];

        if (!is_asked_for(&l, set)) continue;
        labels->items[i] = labels->items[kept];
        labels->items[kept++] = l;
    }
    um_labels_truncate(labels, kept);
    if (kept) return UMCL_OK;
    return um_fail(UMCL_ERR_NOT_FOUND,
                   "%s: expected rows of the split '%s'%s%s, found none among %zu", set->labels,
                   set->split ? set->split : "all",
                   set->sure ? " with a label of high confidence" : "",
                   set->dataset || set->not_dataset ? " and of the data sets asked for" : "", all);
}

/* A model by itself meets no window twice. */
static umcl_status keep_bodies(eval_table *t)
{
    if (t->set->n_models == 1 && !t->set->encodings) return UMCL_OK;
    UM_TRY(um_body_store_open(&t->bodies, t->set->encodings));
    for (size_t m = 0; m < t->set->n_models; m++) UM_TRY(um_judge_keep(t->judge[m], t->bodies));
    return UMCL_OK;
}

umcl_status eval_open(eval_table *t, const eval_settings *set)
{
    *t = (eval_table){.set = set};
    for (size_t m = 0; m < set->n_models; m++) UM_TRY(open_model(t, m));
    UM_TRY(keep_bodies(t));
    UM_TRY(read_labels(t));
    for (size_t m = 0; m < set->n_models; m++)
        for (size_t q = 0; q < set->n_qualities; q++)
            UM_TRY(um_calloc(&t->cell[m][q].rows, t->labels.count, sizeof(um_eval_row)));
    return UMCL_OK;
}

void eval_close(eval_table *t)
{
    for (size_t m = 0; m < t->set->n_models; m++) {
        um_judge_free(t->judge[m]);
        free(t->name[m]);
        for (size_t q = 0; q < t->set->n_qualities; q++) {
            eval_cell *c = &t->cell[m][q];

            for (size_t i = 0; c->rows && i < t->labels.count; i++) {
                free(c->rows[i].windows);
                free(c->rows[i].features);
            }
            free(c->rows);
            um_evaluation_clear(&c->result);
        }
    }
    um_body_store_free(t->bodies);
    um_labels_clear(&t->labels);
}

bool eval_is_oracle(const eval_table *t, size_t m)
{
    const um_judge_info *info = um_judge_get_info(t->judge[m]);

    return info->has_prompts && info->policy == UM_POLICY_ORACLE;
}

static umcl_status take_windows(um_eval_row *row, const um_track_windows *w)
{
    UM_TRY(um_calloc(&row->windows, w->n_windows, sizeof *row->windows));
    for (size_t i = 0; i < w->n_windows; i++) row->windows[i] = w->windows[i].score;
    row->n_windows = w->n_windows;
    row->score = um_windows_score(w->windows, w->n_windows);
    row->reason = w->n_windows ? NULL : "low_quality"; /* every window was mostly guessed */
    return UMCL_OK;
}

/* One video by one model. `video` NULL: it is not there, for `reason`. */
static umcl_status score_row(um_eval_row *row, const eval_table *t, size_t model,
                             const um_label *label, const char *cache, const um_stored_video *video,
                             const char *reason)
{
    um_judge *judge = t->judge[model];
    const um_stored_track *track = video ? labelled_longest(video) : NULL;
    um_track_windows windows;
    umcl_status st;

    *row = (um_eval_row){.label = label, .person = labelled_person(label), .score = NAN};
    row->reason = video ? "no_face" : reason;
    if (!track) return UMCL_OK;
    row->reason = "too_short";
    if (track->n_frames < (size_t)um_judge_get_info(judge)->least) return UMCL_OK;
    UM_TRY(um_cached_track_score_damaged(&windows, judge, cache, label->name, track, label->fake,
                                         &t->set->damage));
    st = take_windows(row, &windows);
    if (st == UMCL_OK) st = eval_features_take(row, t, model, &windows);
    um_track_windows_clear(&windows);
    return st;
}

umcl_status eval_score_video(const eval_table *t, size_t i, const char *cache, const char *reason,
                             um_eval_row *const *rows)
{
    const um_label *label = &t->labels.items[i];
    um_stored_video video = {0};
    umcl_status st = UMCL_OK;

    if (!reason) st = um_store_read(&video, cache, label->name);
    if (st == UMCL_ERR_NOT_FOUND) {
        fprintf(stderr, "not in the cache %s: %s\n", cache, label->name);
        reason = "missing";
    } else if (st != UMCL_OK) {
        return st;
    }
    for (size_t m = 0; m < t->set->n_models; m++)
        UM_CHECK(score_row(rows[m], t, m, label, cache, reason ? NULL : &video, reason));
    if (t->bodies && !t->set->encodings) um_body_store_forget(t->bodies);
    if (t->bodies && (i + 1) % VIDEOS_A_SAVE == 0) st = um_body_store_save(t->bodies);
done:
    um_stored_video_clear(&video);
    return st;
}

static umcl_status score_video(eval_table *t, size_t q, size_t i, const char *cache,
                               const char *reason)
{
    um_eval_row *rows[EVAL_MAX_MODELS] = {NULL};

    for (size_t m = 0; m < t->set->n_models; m++) rows[m] = &t->cell[m][q].rows[i];
    return eval_score_video(t, i, cache, reason, rows);
}

static umcl_status from_cache(eval_table *t, size_t q)
{
    const eval_quality *quality = &t->set->qualities[q];

    if (!um_is_dir(quality->cache))
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected a folder that umcl extract filled",
                       quality->cache);
    for (size_t i = 0; i < t->labels.count; i++) {
        cli_progress("%s  %zu/%zu", quality->cache, i, t->labels.count);
        UM_TRY(score_video(t, q, i, quality->cache, NULL));
    }
    return UMCL_OK;
}

bool eval_wants_crops(const eval_table *t)
{
    bool want = false;

    for (size_t m = 0; m < t->set->n_models; m++)
        want = want || um_judge_get_info(t->judge[m])->crop_step;
    return want;
}

static umcl_status on_the_fly(eval_table *t)
{
    const eval_settings *set = t->set;
    eval_reencoder *r = NULL;
    umcl_status st;

    UM_CHECK(eval_reencoder_open(&r, "eval", &t->labels, set->videos, eval_wants_crops(t)));
    for (size_t i = 0; i < t->labels.count; i++)
        for (size_t q = 0; q < set->n_qualities; q++) {
            const um_label *label = &t->labels.items[i];
            const char *reason;

            cli_progress("%zu/%zu  %s, %s", i, t->labels.count, label->name,
                         set->qualities[q].name);
            UM_CHECK(eval_reencode(r, i, set->qualities[q].crf, &reason));
            t->n_failed += reason != NULL;
            UM_CHECK(score_video(t, q, i, eval_reencoder_cache(r), reason));
        }
done:
    eval_reencoder_close(r);
    return st;
}

static umcl_status measure(eval_table *t)
{
    size_t scored = 0;

    for (size_t m = 0; m < t->set->n_models; m++)
        for (size_t q = 0; q < t->set->n_qualities; q++) {
            eval_cell *c = &t->cell[m][q];
            double threshold = um_judge_get_info(t->judge[m])->rule.threshold;

            UM_TRY(um_evaluate(&c->result, c->rows, t->labels.count, threshold));
            scored += c->result.videos.metrics.n;
        }
    if (scored) return UMCL_OK;
    return um_fail(UMCL_ERR_NOT_FOUND,
                   "%s: expected videos with a face for two seconds, found none among %zu of the "
                   "split '%s'",
                   t->set->labels, t->labels.count, t->set->split ? t->set->split : "all");
}

umcl_status eval_run(eval_table *t)
{
    umcl_status st = UMCL_OK;

    if (t->set->qualities[0].cache)
        for (size_t q = 0; q < t->set->n_qualities && st == UMCL_OK; q++) st = from_cache(t, q);
    else
        st = on_the_fly(t);
    cli_progress(NULL);
    if (st == UMCL_OK && t->bodies) st = um_body_store_save(t->bodies);
    return st == UMCL_OK ? measure(t) : st;
}
