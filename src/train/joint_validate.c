#include "train/joint_validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/track_crops.h"
#include "face/stabilise.h"
#include "model/lrnet.h"

typedef struct slot {
    const um_take_track *track;
    size_t first;                 /* frame */
    float *body[UM_N_MODALITIES]; /* of the frozen encoders */
} slot;

struct um_validation {
    um_umcl_spec spec;
    um_modalities trained;
    um_umcl_net *net;
    slot *slots;
    size_t n;
    int window, crop_step; /* crop_step: of what trained encoders look at; 0: none */
    float *landmarks;      /* [window, 136], of the window at hand */
    float *body[UM_N_MODALITIES];
};

static int least_frames(const um_umcl_spec *spec)
{
    return um_modalities_crop_step(spec->set) ? UM_WINDOW_LEAST : um_modalities_window(spec->set);
}

static void read_landmarks(um_validation *v, const slot *s)
{
    um_landmarks frames[UM_WINDOW];
    size_t n = s->track->track->n_frames - s->first, window = (size_t)v->window;

    for (size_t i = 0; i < window; i++)
        frames[i] =
            s->track->track->landmarks[s->first + um_window_reflect(i, n < window ? n : window)];
    um_landmarks_normalise(v->landmarks, frames, window);
}

/* Every crop_step-th crop of the window. */
static umcl_status read_crops(um_face_clip *out, const um_validation *v, const slot *s,
                              int crop_step)
{
    size_t n = s->track->track->n_frames - s->first, window = (size_t)v->window;
    size_t step = (size_t)crop_step, have = n < window ? n : window;
    um_face_clip all = {0};
    umcl_status st;

    *out = (um_face_clip){0};
    UM_CHECK(um_track_crops_part(&all, s->track->cache, s->track->video, s->track->track, s->first,
                                 have));
    UM_CHECK(um_face_clip_new(out, window / step, all.side, false));
    for (size_t i = 0; i < out->n; i++)
        memcpy(out->rgb + i * UM_CROP_BYTES,
               all.rgb + um_window_reflect(i * step, have) * UM_CROP_BYTES, UM_CROP_BYTES);
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    um_face_clip_clear(&all);
    return st;
}

/* Runs those of `kinds` that look at the video; results go to `body`. */
static umcl_status run_bodies(um_validation *v, const slot *s, um_modalities kinds,
                              float *const body[UM_N_MODALITIES])
{
    um_window window = {.landmarks = v->landmarks, .crop_step = um_modalities_crop_step(kinds)};
    um_face_clip crops = {0};
    umcl_status st = UMCL_OK;

    read_landmarks(v, s);
    if (window.crop_step) UM_CHECK(read_crops(&crops, v, s, window.crop_step));
    window.crops = crops.rgb;
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (k != UM_TEXT && um_has(kinds, (um_modality_kind)k))
            UM_CHECK(um_umcl_body(v->net, (um_modality_kind)k, &window, body[k]));
done:
    um_face_clip_clear(&crops);
    return st;
}

static umcl_status new_bodies(float *body[UM_N_MODALITIES], um_modalities kinds)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (k != UM_TEXT && um_has(kinds, (um_modality_kind)k))
            UM_TRY(um_calloc(&body[k], (size_t)um_modality_get((um_modality_kind)k)->body,
                             sizeof(float)));
    return UMCL_OK;
}

static umcl_status add_windows(um_validation *v, const um_take_track *tracks, size_t n)
{
    size_t total = 0, stride = (size_t)v->window / 2;

    for (size_t i = 0; i < n; i++)
        total += um_window_count(tracks[i].track->n_frames, v->window, least_frames(&v->spec),
                                 (int)stride);
    UM_TRY(um_calloc(&v->slots, total, sizeof *v->slots));
    for (size_t i = 0; i < n; i++) {
        size_t count = um_window_count(tracks[i].track->n_frames, v->window, least_frames(&v->spec),
                                       (int)stride);

        for (size_t w = 0; w < count; w++)
            v->slots[v->n++] = (slot){.track = &tracks[i], .first = w * stride};
    }
    return UMCL_OK;
}

umcl_status um_validation_new(um_validation **out, um_params *params, const um_umcl_spec *spec,
                              um_modalities trained, uint64_t seed, const um_take_track *tracks,
                              size_t n)
{
    um_modalities frozen = spec->set & ~trained;
    um_validation *v = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&v, 1, sizeof *v));
    v->spec = *spec;
    v->trained = trained;
    v->window = um_modalities_window(spec->set);
    UM_CHECK(um_calloc(&v->landmarks, (size_t)v->window * UM_LRNET_INPUTS, sizeof(float)));
    UM_CHECK(new_bodies(v->body, trained));
    UM_CHECK(um_umcl_net_new(&v->net, params, spec, seed));
    UM_CHECK(add_windows(v, tracks, n));
    for (size_t i = 0; i < v->n; i++) {
        UM_CHECK(new_bodies(v->slots[i].body, frozen));
        UM_CHECK(run_bodies(v, &v->slots[i], frozen, v->slots[i].body));
    }
    *out = v;
    v = NULL;
done:
    um_validation_free(v);
    return st;
}

void um_validation_free(um_validation *v)
{
    if (!v) return;
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        for (size_t i = 0; i < v->n; i++) free(v->slots[i].body[k]);
        free(v->body[k]);
    }
    um_umcl_net_free(v->net);
    free(v->slots);
    free(v->landmarks);
    free(v);
}

size_t um_validation_count(const um_validation *v)
{
    return v->n;
}

umcl_status um_validation_run(um_validation *v, um_validated *out)
{
    for (size_t i = 0; i < v->n; i++) {
        const slot *s = &v->slots[i];
        const float *body[UM_N_MODALITIES];

        UM_TRY(run_bodies(v, s, v->trained, v->body));
        for (int k = 0; k < UM_N_MODALITIES; k++) body[k] = s->body[k] ? s->body[k] : v->body[k];
        out[i] = (um_validated){
            .fake = s->track->fake, .video = s->track->number, .person = s->track->person};
        UM_TRY(um_umcl_odds(v->net, body, false, &out[i].logit));
    }
    return UMCL_OK;
}
