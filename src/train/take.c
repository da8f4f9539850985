#include "train/take.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/pseudo_fake.h"
#include "data/track_crops.h"
#include "data/views.h"
#include "face/stabilise.h"
#include "model/lrnet.h"

#define SIDE UM_CROP_SIDE

umcl_status um_take_plan_new(um_take_plan *out, const um_take_track *tracks, size_t n,
                             const um_take_options *options)
{
    umcl_status st;

    *out = (um_take_plan){.tracks = tracks, .options = *options};
    for (int c = 0; c < 2; c++) UM_CHECK(um_calloc(&out->of_class[c], n + 1, sizeof(size_t)));
    for (size_t i = 0; i < n; i++) {
        int c = tracks[i].fake;

        out->of_class[c][out->n_class[c]++] = i;
    }
    if (!out->n_class[0] || (!out->n_class[1] && !(options->crop_step && options->pseudo >= 1)))
        st = um_fail(UMCL_ERR_INVALID,
                     "training: expected both classes, found %zu real and %zu fake tracks",
                     out->n_class[0], out->n_class[1]);
done:
    if (st != UMCL_OK) um_take_plan_clear(out);
    return st;
}

void um_take_plan_clear(um_take_plan *p)
{
    free(p->of_class[0]);
    free(p->of_class[1]);
    *p = (um_take_plan){0};
}

umcl_status um_take_new(um_take *out, const um_take_options *options)
{
    size_t window = (size_t)options->window, step = (size_t)options->crop_step;
    umcl_status st;

    *out = (um_take){0};
    UM_CHECK(um_calloc(&out->landmarks, window * UM_LRNET_INPUTS, sizeof(float)));
    for (int v = 0; v < UM_N_VIEWS && step; v++)
        UM_CHECK(um_face_clip_new(&out->crops[v], window / step, SIDE, false));
done:
    if (st != UMCL_OK) um_take_clear(out);
    return st;
}

void um_take_clear(um_take *t)
{
    free(t->landmarks);
    for (int v = 0; v < UM_N_VIEWS; v++) um_face_clip_clear(&t->crops[v]);
    *t = (um_take){0};
}

/* A window of a track: its frames' landmarks in pixels of the video, and its crops. */
typedef struct cutting {
    um_landmarks landmarks[UM_WINDOW];
    um_box squares[UM_WINDOW]; /* that the crops show */
    um_face_clip clip;         /* every frame's crop; none where none are read */
} cutting;

static void cut_frame(cutting *c, size_t to, const um_stored_track *t, size_t from)
{
    c->landmarks[to] = t->landmarks[from];
    c->squares[to] = t->crops[from];
}

static umcl_status read_crops(cutting *c, const um_take_track *t, size_t first, size_t window)
{
    size_t bytes = UM_CROP_BYTES, n = t->track->n_frames;
    um_face_clip part;

    if (n > window) n = window;
    UM_TRY(um_track_crops_part(&part, t->cache, t->video, t->track, first, n));
    for (size_t i = 0; i < window; i++) {
        size_t from = um_window_reflect(i, n);

        memcpy(c->clip.rgb + i * bytes, part.rgb + from * bytes, bytes);
        c->clip.landmarks[i] = part.landmarks[from];
    }
    um_face_clip_clear(&part);
    return UMCL_OK;
}

/* A random window of a random track of the class; one that is too short goes there and back. */
static umcl_status cut(cutting *c, const um_take_plan *plan, bool fake, um_rng *rng)
{
    const um_take_track *t =
        &plan->tracks[plan->of_class[fake][um_rng_below(rng, plan->n_class[fake])]];
    size_t window = (size_t)plan->options.window, n = t->track->n_frames, first = 0;

    if (n > window) first = um_rng_below(rng, n - window + 1);
    for (size_t i = 0; i < window; i++)
        cut_frame(c, i, t->track, first + um_window_reflect(i, n < window ? n : window));
    if (!plan->options.crop_step) return UMCL_OK;
    return read_crops(c, t, first, window);
}

/* Landmarks of the video go where those of the crops went. */
static void follow_crops(cutting *c, const um_face_clip *moved)
{
    for (size_t i = 0; i < moved->n; i++) {
        float x = um_box_width(c->squares[i]) / SIDE, y = um_box_height(c->squares[i]) / SIDE;

        for (int k = 0; k < UM_N_LANDMARKS; k++) {
            const float *to = moved->landmarks[i].p[k], *from = c->clip.landmarks[i].p[k];

            c->landmarks[i].p[k][0] += x * (to[0] - from[0]);
            c->landmarks[i].p[k][1] += y * (to[1] - from[1]);
        }
    }
}

/* Turns a real cutting into one half of a pseudo-fake. */
static umcl_status blend(cutting *c, const um_take_plan *plan, bool fake, um_rng *rng)
{
    um_pseudo_options o = UM_PSEUDO_OPTIONS_INIT;
    um_face_clip other;
    um_pseudo p;
    umcl_status st;

    o.strength = (float)plan->options.contrast;
    p = um_pseudo_draw(&o, rng);
    UM_TRY(um_face_clip_new(&other, c->clip.n, c->clip.side, true));
    if (fake) { /* the real half stays in `before`: landmarks are compared with it */
        um_face_clip before;

        UM_CHECK(um_face_clip_new(&before, c->clip.n, c->clip.side, false));
        um_face_clip_copy(&before, &c->clip);
        st = um_pseudo_blend(&p, &before, &other);
        um_face_clip_clear(&before);
        UM_CHECK(st);
        follow_crops(c, &other);
        um_face_clip_copy(&c->clip, &other);
    } else {
        UM_CHECK(um_pseudo_blend(&p, &c->clip, &other));
    }
done:
    um_face_clip_clear(&other);
    return st;
}

/* Every `step`-th crop of the clip. */
static void pick_crops(um_face_clip *to, const um_face_clip *clip, size_t step)
{
    for (size_t i = 0; i < to->n; i++) {
        memcpy(to->rgb + i * UM_CROP_BYTES, clip->rgb + i * step * UM_CROP_BYTES, UM_CROP_BYTES);
        to->landmarks[i] = clip->landmarks[i * step];
    }
}

static umcl_status make_lq(um_take *out, const um_take_options *o, um_rng *rng)
{
    um_face_clip *lq = &out->crops[UM_LQ];

    um_face_clip_copy(lq, &out->crops[UM_HQ]);
    if (o->lq == UM_LQ_CODEC) return um_view_codec(lq, rng);
    for (size_t i = 0; i < lq->n; i++) {
        um_image crop = um_face_clip_crop(lq, i);
        UM_TRY(um_view_coarsen(&crop, o->factor));
    }
    return UMCL_OK;
}

static umcl_status make(um_take *out, const um_take_plan *plan, cutting *c, bool fake, um_rng *rng)
{
    const um_take_options *o = &plan->options;
    um_augment_options augment = UM_AUGMENT_OPTIONS_INIT;
    um_augment a;
    bool pseudo = o->crop_step && um_rng_uniform(rng) < o->pseudo;

    augment.strength = (float)o->strength;
    UM_TRY(cut(c, plan, pseudo ? false : fake, rng));
    if (pseudo) UM_TRY(blend(c, plan, fake, rng));
    if (!pseudo) *rng = (um_rng){um_rng_at(rng->key, fake), 0}; /* two tracks, two draws */
    a = um_augment_draw(&augment, rng);
    um_landmarks_normalise(out->landmarks, c->landmarks, (size_t)o->window);
    if (a.mirror) um_landmarks_mirror_rows(out->landmarks, (size_t)o->window);
    if (!o->crop_step) return UMCL_OK;
    pick_crops(&out->crops[UM_HQ], &c->clip, (size_t)o->crop_step);
    UM_TRY(um_augment_apply(&a, &out->crops[UM_HQ]));
    return make_lq(out, o, rng);
}

umcl_status um_take_make(um_take *out, const um_take_plan *plan, size_t i)
{
    um_rng rng = {um_rng_at(plan->options.seed, i / 2), 0};
    cutting *c = NULL;
    umcl_status st;

    out->fake = i % 2;
    UM_TRY(um_calloc(&c, 1, sizeof *c));
    if (plan->options.crop_step)
        UM_CHECK(um_face_clip_new(&c->clip, (size_t)plan->options.window, SIDE, false));
    st = make(out, plan, c, out->fake, &rng);
done:
    um_face_clip_clear(&c->clip);
    free(c);
    return st;
}

void um_take_shake(float *out, const float *landmarks, const um_take_options *options, uint64_t key)
{
    size_t n = (size_t)options->window * UM_LRNET_INPUTS;
    um_rng rng = {key, 0};

    memcpy(out, landmarks, n * sizeof *out);
    um_view_shake(out, n, options->sigma, &rng);
}
