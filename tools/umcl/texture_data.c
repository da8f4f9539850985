#include "texture_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/face_pictures.h"
#include "data/track_crops.h"
#include "labelled_cache.h"
#include "model/modality.h"
#include "model/texture_runner.h"
#include "model/window.h"

#define EVERYONE 1000000 /* pictures: one person in so many is held out, that is none */
#define CROP_BYTES ((size_t)3 * UM_TEXTURE_SIDE * UM_TEXTURE_SIDE)

static umcl_status add_pictures(um_texture_faces *to, const char *set)
{
    um_face_pictures pictures = {0};
    const char *equals = strchr(set, '=');
    char *csv = strndup(set, (size_t)(equals - set));
    um_image rgb = {0};
    umcl_status st;

    if (!csv) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    UM_CHECK(um_face_pictures_read(&pictures, csv, equals + 1, EVERYONE));
    for (size_t i = 0; i < pictures.count; i++) {
        um_face_clip crop;

        UM_CHECK(um_image_read(&rgb, pictures.items[i].path));
        UM_CHECK(um_picture_crop(&crop, &rgb, &pictures.items[i].landmarks));
        um_image_clear(&rgb);
        UM_CHECK(um_texture_faces_add(to, &crop, to->n));
    }
done:
    um_image_clear(&rgb);
    free(csv);
    um_face_pictures_clear(&pictures);
    return st;
}

/* Frames of a clip as crops of their own, from a source that has not been there before. */
static umcl_status add_frames(um_texture_faces *set, const um_face_clip *clip)
{
    size_t bytes = (size_t)clip->side * (size_t)clip->side * 3;
    size_t source = set->n ? set->source[set->n - 1] + 1 : 0;

    for (size_t i = 0; i < clip->n; i++) {
        um_face_clip one;

        UM_TRY(um_face_clip_new(&one, 1, clip->side, false));
        memcpy(one.rgb, clip->rgb + i * bytes, bytes);
        one.landmarks[0] = clip->landmarks[i];
        UM_TRY(um_texture_faces_add(set, &one, source));
    }
    return UMCL_OK;
}

static umcl_status add_tracks(um_texture_material *to, const texture_sources *from,
                              const char *cache, const labelled_cache *train)
{
    for (size_t i = 0; i < train->n_tracks; i++) {
        const um_labelled_track *t = &train->tracks[i];
        const um_label *label = train->labels[t->video];
        um_face_clip clip;
        umcl_status st;

        if (from->not_dataset && strstr(label->dataset, from->not_dataset)) continue;
        UM_TRY(um_track_crops(&clip, cache, label->name, t->track, (size_t)(30 / from->rate)));
        st = add_frames(t->fake ? &to->fake : &to->real, &clip);
        um_face_clip_clear(&clip);
        UM_TRY(st);
    }
    return UMCL_OK;
}

static umcl_status add_checks(texture_data *to, const char *cache, const labelled_cache *held)
{
    size_t every = (size_t)um_modality_get(UM_TEXTURE)->crop_step;

    UM_TRY(um_realloc(&to->checks, to->n_checks + held->n_tracks + 1, sizeof *to->checks));
    for (size_t i = 0; i < held->n_tracks; i++) {
        const um_labelled_track *t = &held->tracks[i];
        texture_check *c = &to->checks[to->n_checks];

        c->fake = t->fake;
        c->person = t->person;
        UM_TRY(um_track_crops(&c->clip, cache, held->labels[t->video]->name, t->track, every));
        to->n_checks++;
    }
    return UMCL_OK;
}

static umcl_status keep_apart(const texture_sources *from, const labelled_cache *train,
                              const labelled_cache *held)
{
    for (size_t i = 0; i < held->n_tracks; i++)
        for (size_t k = 0; k < train->n_tracks; k++)
            if (held->tracks[i].person == train->tracks[k].person)
                return um_fail(UMCL_ERR_INVALID,
                               "%s: '%s' of the split %s shows a person of the split %s: people "
                               "must be kept apart",
                               from->labels, held->labels[held->tracks[i].video]->name,
                               from->validate, from->split);
    return UMCL_OK;
}

static umcl_status add_cache(texture_data *to, const texture_sources *from, const char *cache,
                             const um_labels *labels)
{
    labelled_cache train = {0}, held = {0};
    umcl_status st;

    UM_CHECK(
        labelled_cache_read(&train, cache, labels, from->split, from->sure, UM_WINDOW_LANDMARKS));
    UM_CHECK(
        labelled_cache_read(&held, cache, labels, from->validate, from->sure, UM_WINDOW_LANDMARKS));
    UM_CHECK(keep_apart(from, &train, &held));
    UM_CHECK(add_tracks(&to->material, from, cache, &train));
    UM_CHECK(add_checks(to, cache, &held));
done:
    labelled_cache_clear(&train);
    labelled_cache_clear(&held);
    return st;
}

umcl_status texture_data_read(texture_data *out, const texture_sources *from)
{
    um_labels labels = {0};
    umcl_status st = UMCL_OK;

    *out = (texture_data){0};
    for (int i = 0; i < from->n_sets; i++)
        UM_CHECK(add_pictures(&out->material.stills, from->sets[i]));
    if (from->n_caches) UM_CHECK(um_labels_read(&labels, from->labels));
    for (int i = 0; i < from->n_caches; i++)
        UM_CHECK(add_cache(out, from, from->caches[i], &labels));
    fprintf(stderr, "%zu stills, %zu real frames, %zu fake ones; %zu tracks to measure on\n",
            out->material.stills.n, out->material.real.n, out->material.fake.n, out->n_checks);
done:
    if (st != UMCL_OK) texture_data_clear(out);
    um_labels_clear(&labels);
    return st;
}

void texture_data_clear(texture_data *data)
{
    um_texture_material_clear(&data->material);
    for (size_t i = 0; i < data->n_checks; i++) um_face_clip_clear(&data->checks[i].clip);
    free(data->checks);
    *data = (texture_data){0};
}

static size_t count_windows(const um_face_clip *clip)
{
    return um_window_count(clip->n, UM_TEXTURE_FRAMES, 1, UM_TEXTURE_FRAMES / 2);
}

static umcl_status score_windows(um_texture_runner *runner, const texture_check *c, size_t number,
                                 um_window_score *out)
{
    for (size_t w = 0; w < count_windows(&c->clip); w++) {
        size_t at = w * UM_TEXTURE_FRAMES / 2, left = c->clip.n - at;

        out[w] = (um_window_score){.fake = c->fake, .video = number, .person = c->person};
        UM_TRY(um_texture_run(runner, c->clip.rgb + at * CROP_BYTES,
                              left < UM_TEXTURE_FRAMES ? left : UM_TEXTURE_FRAMES, NULL,
                              &out[w].logit));
    }
    return UMCL_OK;
}

umcl_status texture_data_measure(const texture_data *data, um_params *params, um_calibration *out)
{
    um_texture_runner *runner = NULL;
    um_window_score *scores = NULL;
    size_t n = 0;
    umcl_status st;

    for (size_t i = 0; i < data->n_checks; i++) n += count_windows(&data->checks[i].clip);
    UM_CHECK(um_texture_runner_new(&runner, params));
    UM_CHECK(um_calloc(&scores, n, sizeof *scores));
    n = 0;
    for (size_t i = 0; i < data->n_checks; i++) {
        UM_CHECK(score_windows(runner, &data->checks[i], i, scores + n));
        n += count_windows(&data->checks[i].clip);
    }
    st = um_calibration_fit(out, UM_CALIBRATE_PLATT, scores, n);
done:
    um_texture_runner_free(runner);
    free(scores);
    return st;
}
