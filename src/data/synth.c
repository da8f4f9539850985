#include "data/synth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "data/synth_mesh.h"
#include "data/synth_motion.h"
#include "data/synth_paint.h"
#include "data/synth_raster.h"
#include "data/synth_scene.h"
#include "data/synth_twin.h"

#define FACE_CM 14.2f /* width of an average face, ear to ear */

struct um_synth {
    um_synth_options options;
    um_synth_scene *scene;
    um_synth_body *body; /* [people] */
    int *order;          /* [people], scratch: from the farthest to the nearest */
    um_synth_raster raster;
    float *picture; /* [height, width, 3], grey levels before noise */
};

static umcl_status check_range(const char *name, double value, double lo, double hi)
{
    if (value >= lo && value <= hi) return UMCL_OK; /* false for NaN */
    return um_fail(UMCL_ERR_INVALID, "synth: %s: expected %g to %g, got %g", name, lo, hi, value);
}

static umcl_status check_options(const um_synth_options *o)
{
    UM_TRY(check_range("width", o->width, 16, 4096));
    UM_TRY(check_range("height", o->height, 16, 4096));
    UM_TRY(check_range("fps", o->fps, 1, 240));
    UM_TRY(check_range("people", o->people, 0, UM_SYNTH_MAX_PEOPLE));
    UM_TRY(check_range("face_px", o->face_px, 0, 4096));
    UM_TRY(check_range("motion", o->motion, 0, 3));
    UM_TRY(check_range("blink_rate", o->blink_rate, 0, 60));
    UM_TRY(check_range("talk", o->talk, 0, 1));
    if (o->pulse_bpm != 0) UM_TRY(check_range("pulse_bpm", o->pulse_bpm, 30, 200));
    UM_TRY(check_range("pulse_strength", o->pulse_strength, 0, 20));
    UM_TRY(check_range("pulse_variation", o->pulse_variation, 0, 0.2));
    UM_TRY(check_range("light_drift", o->light_drift, 0, 4));
    UM_TRY(check_range("noise", o->noise, 0, 30));
    UM_TRY(check_range("twin", (double)o->twin, 0, UM_SYNTH_TWIN_COUNT - 1));
    UM_TRY(check_range("appear", o->appear, 0, 1e6));
    return check_range("vanish", o->vanish, 0, 1e6);
}

/* Columns of the grid in which people stand: cells about as wide as a bust is. */
static int grid_columns(const um_synth_options *o)
{
    double best = 0;
    int columns = 1;

    for (int c = 1; c <= o->people; c++) {
        int rows = (o->people + c - 1) / c;
        double w = (double)o->width / c, h = (double)o->height / rows;
        double size = fmin(w / 24, h / 28);
        if (size > best) {
            best = size;
            columns = c;
        }
    }
    return columns;
}

/* Where person p rests, and how large: centre of a grid cell, or of the picture for walkers. */
static void place(const um_synth_options *o, int p, float *x, float *y, float *px_per_cm)
{
    int columns = o->walk ? 1 : grid_columns(o);
    int rows = o->walk ? 1 : (o->people + columns - 1) / columns;
    int row = o->walk ? 0 : p / columns;
    int in_row = row == rows - 1 ? o->people - row * columns : columns;
    float w = (float)o->width / (float)(o->walk ? 1 : in_row), h = (float)o->height / (float)rows;
    float k = fminf((float)o->width / (float)columns / 24, h / 30);

    if (o->walk) k *= 0.75f - 0.1f * (float)(p % 3);
    if (o->face_px > 0) k = (float)o->face_px / FACE_CM;
    *x = w * ((float)(o->walk ? 0 : p % columns) + 0.5f);
    *y = h * (float)row + 0.46f * h;
    *px_per_cm = k;
}

/* Walkers cross the picture in 9 to 13 seconds, every other one from the right. */
static float walk_x(const um_synth *s, int p, double t, float margin)
{
    uint64_t key = s->body[p].look.key;
    double period = 9 + 4 * um_rng_uniform_at(key, 77);
    double at = t / period + (double)(p / 2) * 0.37 + 0.15;
    double f = at - floor(at), w = s->options.width + 2 * margin;

    return (float)((p % 2 ? 1 - f : f) * w - margin);
}

um_synth_state um_synth_get_state(const um_synth *s, int64_t i, int p)
{
    double t = (double)i / s->options.fps;
    um_synth_state state = um_synth_motion_at(&s->options, &s->body[p].look, t);
    float x, y, k;

    if (s->options.twin == UM_SYNTH_TWIN_JITTER)
        um_synth_twin_jitter(&state, s->body[p].look.key, i);
    place(&s->options, p, &x, &y, &k);
    if (s->options.walk) x = walk_x(s, p, t, 11 * k);
    state.px_per_cm *= k;
    state.x = x + k * state.x;
    state.y = y + k * state.y;
    return state;
}

double um_synth_rate(const um_synth *s, int p)
{
    double bpm = s->options.twin == UM_SYNTH_TWIN_NO_PULSE ? 0 : s->options.pulse_bpm;

    if (bpm == 0 || p == 0) return bpm;
    bpm += 9.0 * p;
    return 48 + fmod(bpm - 48 + 7200, 72);
}

/* `late`: mean beats. */
static double heart(const um_synth *s, int64_t i, int p, double late)
{
    double bpm = um_synth_rate(s, p), t = (double)i / s->options.fps;

    if (bpm > 0) t -= late * 60 / bpm;
    return um_synth_heart_at(&s->body[p].look, bpm, s->options.pulse_variation, t);
}

double um_synth_pulse(const um_synth *s, int64_t i, int p)
{
    return heart(s, i, p, 0);
}

double um_synth_pulse_inside(const um_synth *s, int64_t i, int p)
{
    return heart(s, i, p, s->options.twin == UM_SYNTH_TWIN_DESYNC ? 0.5 : 0);
}

bool um_synth_landmarks(const um_synth *s, int64_t i, int p, float xy[2 * UM_SYNTH_POINTS])
{
    um_synth_state state = um_synth_get_state(s, i, p);
    um_vec3 points[UM_SYNTH_POINTS];

    memset(xy, 0, 2 * UM_SYNTH_POINTS * sizeof *xy);
    if (!state.present) return false;
    um_synth_head_points(points, s->body[p].slices, &s->body[p].look, &state);
    for (int k = 0; k < UM_SYNTH_POINTS; k++) um_synth_project_head(&state, points[k], xy + 2 * k);
    return true;
}

bool um_synth_box(const um_synth *s, int64_t i, int p, um_box *box)
{
    um_synth_state state = um_synth_get_state(s, i, p);
    const um_synth_body *body = &s->body[p];
    float xy[2 * UM_SYNTH_POINTS], top[2];

    *box = (um_box){0};
    if (!um_synth_landmarks(s, i, p, xy)) return false;
    um_synth_project_head(&state, um_synth_face_point(body->slices, &body->look, 0, 0, -5.0f), top);
    *box = (um_box){top[0], top[1], top[0], top[1]};
    for (int k = 0; k < UM_SYNTH_POINTS; k++) {
        box->x0 = fminf(box->x0, xy[2 * k]);
        box->x1 = fmaxf(box->x1, xy[2 * k]);
        box->y0 = fminf(box->y0, xy[2 * k + 1]);
        box->y1 = fmaxf(box->y1, xy[2 * k + 1]);
    }
    return true;
}

const um_synth_options *um_synth_get_options(const um_synth *s)
{
    return &s->options;
}

umcl_status um_synth_new(um_synth **out, const um_synth_options *options)
{
    umcl_status st;
    um_synth *s = NULL;

    *out = NULL;
    UM_TRY(check_options(options));
    UM_CHECK(um_calloc(&s, 1, sizeof *s));
    s->options = *options;
    size_t n = (size_t)options->people, pixels = (size_t)options->width * (size_t)options->height;
    UM_CHECK(um_calloc(&s->body, n + 1, sizeof *s->body));
    UM_CHECK(um_calloc(&s->order, n + 1, sizeof *s->order));
    UM_CHECK(um_calloc(&s->picture, 3 * pixels, sizeof *s->picture));
    UM_CHECK(um_synth_scene_new(&s->scene, options->seed, options->width, options->height));
    UM_CHECK(um_synth_raster_init(&s->raster, options->width, options->height));
    for (int p = 0; p < options->people; p++) {
        um_synth_look look;
        float x, y, k;
        place(options, p, &x, &y, &k);
        um_synth_look_draw(&look, options->seed, p);
        UM_CHECK(um_synth_body_build(&s->body[p], &look, k));
    }
    *out = s;
    s = NULL;
done:
    um_synth_free(s);
    return st;
}

void um_synth_free(um_synth *s)
{
    if (!s) return;
    for (int p = 0; s->body && p < s->options.people; p++) um_synth_body_clear(&s->body[p]);
    um_synth_raster_clear(&s->raster);
    um_synth_scene_free(s->scene);
    free(s->picture);
    free(s->order);
    free(s->body);
    free(s);
}

/* One person being coloured. */
typedef struct canvas {
    um_synth *synth;
    const um_synth_body *body;
    um_synth_brush brush;
} canvas;

/* The samples of a pixel that show one smooth surface are painted once, in their middle. */
static void colour_pixel(const canvas *cv, int x, int y)
{
    const um_synth_raster *raster = &cv->synth->raster;
    size_t row = 2 * (size_t)raster->width;
    const um_synth_sample *top = raster->sample + 2 * (size_t)y * row + 2 * (size_t)x;
    const um_synth_sample sample[4] = {top[0], top[1], top[row], top[row + 1]};
    float *out = cv->synth->picture + 3 * ((size_t)y * (size_t)raster->width + (size_t)x);
    float sum[3] = {0}, seen = 0;
    int left = 15;

    for (int i = 0; i < 4; i++) {
        if (!(left >> i & 1) || sample[i].triangle == UM_SYNTH_NO_TRIANGLE) continue;
        float px = 0, py = 0, n = 0, rgb[3];
        for (int k = i; k < 4; k++) {
            float depth = sample[k].iz - sample[i].iz; /* within 0.7 cm at 80 cm */
            if (!(left >> k & 1) || sample[k].triangle == UM_SYNTH_NO_TRIANGLE ||
                sample[k].triangle >> 24 != sample[i].triangle >> 24 || fabsf(depth) > 1e-4f)
                continue;
            left &= ~(1 << k);
            px += (float)x + 0.25f + 0.5f * (float)(k & 1);
            py += (float)y + 0.25f + 0.5f * (float)(k >> 1);
            n++;
        }
        um_synth_vertex at = um_synth_raster_at(cv->body, sample[i].triangle, px / n, py / n);
        um_synth_paint_point(&cv->brush, (um_synth_part_kind)(sample[i].triangle >> 24), &at, rgb);
        for (int c = 0; c < 3; c++) sum[c] += n * rgb[c];
        seen += n;
    }
    for (int c = 0; c < 3; c++) out[c] = 0.25f * (sum[c] + (4 - seen) * out[c]);
}

static void colour_rows(void *context, size_t begin, size_t end)
{
    const canvas *cv = context;
    const um_synth_raster *raster = &cv->synth->raster;

    for (size_t y = begin; y < end; y++)
        for (int x = raster->x0; x < raster->x1; x++) colour_pixel(cv, x, raster->y0 + (int)y);
}

static umcl_status patch_person(um_synth *s, int64_t i, int p)
{
    const um_synth_options *o = &s->options;
    float xy[2 * UM_SYNTH_POINTS];

    um_synth_landmarks(s, i, p, xy);
    return um_synth_twin_patch(s->picture, o->width, o->height, xy, s->body[p].look.key);
}

static umcl_status draw_person(um_synth *s, int64_t i, int p, const um_synth_light *light)
{
    um_synth_body *body = &s->body[p];
    um_synth_state state = um_synth_get_state(s, i, p);
    double strength = s->options.pulse_strength;
    double pulse[2] = {strength * um_synth_pulse(s, i, p),
                       strength * um_synth_pulse_inside(s, i, p)};

    if (!state.present) return UMCL_OK;
    um_synth_body_pose(body, &state);
    um_synth_raster_draw(&s->raster, body);
    canvas cv = {s, body, um_synth_brush_make(&body->look, &state, s->scene->tile, light, pulse)};
    if (s->raster.y1 > s->raster.y0)
        um_parallel_for((size_t)(s->raster.y1 - s->raster.y0), 32, colour_rows, &cv);
    return s->options.twin == UM_SYNTH_TWIN_PATCH ? patch_person(s, i, p) : UMCL_OK;
}

/* Painter's order: smaller people stand behind larger ones, rows above behind rows below. */
static void sort_people(um_synth *s)
{
    for (int p = 0; p < s->options.people; p++) {
        float x, y, k, ox, oy, ok;
        int at = p;
        place(&s->options, p, &x, &y, &k);
        for (; at > 0; at--) {
            place(&s->options, s->order[at - 1], &ox, &oy, &ok);
            if (ok < k || (ok == k && oy <= y)) break;
            s->order[at] = s->order[at - 1];
        }
        s->order[at] = p;
    }
}

/* Rounds, with the camera's noise; every row and frame starts elsewhere in the table of deviates.
 */
static void develop(const um_synth *s, int64_t i, um_image *rgb)
{
    uint64_t key = um_rng_at(um_rng_new(s->options.seed, "synth.noise").key, (uint64_t)i);
    float sigma = (float)s->options.noise;
    int n = 3 * s->options.width;

    for (int y = 0; y < s->options.height; y++) {
        uint32_t at = (uint32_t)um_rng_at(key, (uint64_t)y);
        const float *in = s->picture + (size_t)y * (size_t)n;
        uint8_t *out = rgb->data + (size_t)y * rgb->stride;
        for (int x = 0; x < n; x++) {
            float v = in[x] + sigma * s->scene->grain[(at + (uint32_t)x) % UM_SYNTH_GRAIN] + 0.5f;
            out[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

umcl_status um_synth_frame(um_synth *s, int64_t i, um_image *rgb)
{
    um_synth_light light = um_synth_light_at(&s->options, (double)i / s->options.fps);
    size_t n = 3 * (size_t)s->options.width * (size_t)s->options.height;

    if (i < 0 || rgb->width != s->options.width || rgb->height != s->options.height ||
        rgb->channels != 3)
        return um_fail(UMCL_ERR_INVALID,
                       "synth: frame %lld: expected a picture of %d x %d x 3, got %d x %d x %d",
                       (long long)i, s->options.width, s->options.height, rgb->width, rgb->height,
                       rgb->channels);
    for (size_t k = 0; k < n; k++) s->picture[k] = s->scene->background[k] * light.gain;
    sort_people(s);
    for (int p = 0; p < s->options.people; p++) UM_TRY(draw_person(s, i, s->order[p], &light));
    develop(s, i, rgb);
    return UMCL_OK;
}
