#include "train/detector_sample.h"

#include <math.h>
#include <string.h>

#include "face/area.h"

#define FACE_IOU 0.62f /* windows are square, faces are not: few reach much more */
#define PART_IOU 0.4f
#define NONE_IOU 0.3f
#define TRIES 40
#define HARD_SHARE 0.75
#define MAX_SIDE 48

float um_scene_overlap(const um_scene *scene, um_box box)
{
    float best = 0;

    for (size_t i = 0; i < scene->n; i++) best = fmaxf(best, um_box_iou(scene->faces[i].box, box));
    return best;
}

static um_box square_at(float x, float y, float side)
{
    return (um_box){x, y, x + side, y + side};
}

/* A square around the face, off by up to a quarter in place and size; more for parts. */
static um_box shaken(um_box f, double much, um_rng *rng)
{
    float w = um_box_width(f), h = um_box_height(f);
    float side = sqrtf(w * h) * (float)exp(um_rng_range(rng, -0.28, 0.28) * (0.6 + 0.4 * much));
    float x = 0.5f * (f.x0 + f.x1) + w * (float)(um_rng_range(rng, -0.25, 0.25) * much);
    float y = 0.5f * (f.y0 + f.y1) + h * (float)(um_rng_range(rng, -0.25, 0.25) * much);

    return square_at(x - 0.5f * side, y - 0.5f * side, side);
}

/* The pixels that the cascade would cut out for a window (face/mtcnn.c). */
static bool pixels_of(um_pixel_rect *r, um_box b, const um_image *im)
{
    r->x0 = (b.x0 < 1 ? 1 : (int)b.x0) - 1;
    r->y0 = (b.y0 < 1 ? 1 : (int)b.y0) - 1;
    r->x1 = b.x1 > (float)im->width ? im->width : (int)b.x1;
    r->y1 = b.y1 > (float)im->height ? im->height : (int)b.y1;
    return r->x1 - r->x0 >= 4 && r->y1 - r->y0 >= 4;
}

static void aim(um_sample_target *t, const um_face *f, um_box b)
{
    float side = um_box_width(b);
    const float face[4] = {f->box.x0, f->box.y0, f->box.x1, f->box.y1};
    const float window[4] = {b.x0, b.y0, b.x1, b.y1};

    for (int i = 0; i < 4; i++) t->box[i] = (face[i] - window[i]) / side;
    for (int i = 0; i < 5; i++) {
        t->points[i] = (f->points[i][0] - b.x0) / side;
        t->points[5 + i] = (f->points[i][1] - b.y0) / side;
    }
}

static const um_face *any_sure_face(const um_scene *scene, um_rng *rng)
{
    size_t at = um_rng_below(rng, scene->n);

    while (!scene->sure[at]) at = (at + 1) % scene->n;
    return &scene->faces[at];
}

static const um_scene *pick_face(um_box *box, um_sample_target *t, const um_sample_source *s,
                                 um_rng *rng)
{
    const um_scene *scene = &s->scenes->at[s->with_faces[um_rng_below(rng, s->n_with_faces)]];
    const um_face *f = any_sure_face(scene, rng);
    bool part = t->kind == UM_SAMPLE_PART;

    for (int i = 0; i < TRIES; i++) {
        um_pixel_rect r;
        float iou;

        *box = shaken(f->box, part ? 2.2 : 1, rng);
        iou = um_box_iou(*box, f->box);
        if (part ? iou >= PART_IOU && iou < FACE_IOU : iou >= FACE_IOU)
            if (pixels_of(&r, *box, &scene->rgb)) break;
        *box = um_box_square(f->box, 1); /* where no try succeeds */
    }
    aim(t, f, *box);
    return scene;
}

static const um_scene *pick_none(um_box *box, const um_sample_source *s, um_rng *rng)
{
    for (;;) {
        const um_scene *scene = &s->scenes->at[s->all[um_rng_below(rng, s->n_all)]];
        float w = (float)scene->rgb.width, h = (float)scene->rgb.height, side;
        um_pixel_rect r;

        if (s->n_hard && um_rng_uniform(rng) < HARD_SHARE) {
            const um_hard_window *hard = &s->hard[um_rng_below(rng, s->n_hard)];

            *box = hard->box;
            return &s->scenes->at[hard->scene];
        }
        side = (float)(12 * pow((double)fmaxf(fminf(w, h), 13) / 12, um_rng_uniform(rng)));
        *box = square_at((float)um_rng_range(rng, 0, (double)fmaxf(w - side, 1)),
                         (float)um_rng_range(rng, 0, (double)fmaxf(h - side, 1)), side);
        if (scene->n && um_rng_uniform(rng) < 0.3) /* beside a face, or a part of it */
            *box =
                um_rng_uniform(rng) < 0.5
                    ? shaken(scene->faces[um_rng_below(rng, scene->n)].box, 5, rng)
                    : um_box_square(shaken(scene->faces[um_rng_below(rng, scene->n)].box, 2, rng),
                                    (float)um_rng_range(rng, 0.25, 0.5));
        if (um_scene_overlap(scene, *box) < NONE_IOU && pixels_of(&r, *box, &scene->rgb))
            return scene;
    }
}

/* Mirrors picture and target: left and right points change places. */
static void mirror(float *input, um_sample_target *t, int side)
{
    static const int other[5] = {1, 0, 2, 4, 3};
    um_sample_target m = *t;

    for (int y = 0; y < side; y++)
        for (int x = 0; x < side / 2; x++)
            for (int k = 0; k < 3; k++) {
                float *a = input + 3 * (y * side + x) + k;
                float *b = input + 3 * (y * side + side - 1 - x) + k, v = *a;

                *a = *b;
                *b = v;
            }
    m.box[0] = -t->box[2];
    m.box[2] = -t->box[0];
    for (int i = 0; i < 5; i++) {
        m.points[i] = 1 - t->points[other[i]];
        m.points[5 + i] = t->points[5 + other[i]];
    }
    *t = m;
}

static void relight(float *input, int n, um_rng *rng)
{
    float gain[3], shift = (float)um_rng_range(rng, -0.25, 0.25);
    bool grey = um_rng_uniform(rng) < 0.08;
    float all = (float)um_rng_range(rng, 0.6, 1.3);

    for (int k = 0; k < 3; k++) gain[k] = all * (float)um_rng_range(rng, 0.9, 1.1);
    for (int i = 0; i < n; i++, input += 3) {
        float mean = (input[0] + input[1] + input[2]) / 3;

        for (int k = 0; k < 3; k++) {
            float v = (grey ? mean : input[k]) * gain[k] + shift;

            input[k] = fminf(fmaxf(v, -1), 1);
        }
    }
}

/* A small face in a large window: cut out coarsely, then blown up. */
static void coarsen(float *input, int side, int coarse, const um_image *rgb, um_pixel_rect r,
                    unsigned *sums)
{
    float small[MAX_SIDE * MAX_SIDE * 3];

    um_area_resample(small, coarse, coarse, rgb, r, sums);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            memcpy(input + 3 * (y * side + x),
                   small + 3 * ((y * coarse / side) * coarse + x * coarse / side),
                   3 * sizeof *input);
}

void um_detector_sample(float *input, um_sample_target *target, const um_sample_source *source,
                        um_sample_kind kind, int side, um_rng *rng)
{
    const um_scene *scene;
    um_pixel_rect r;
    um_box box;

    memset(target, 0, sizeof *target);
    target->kind = kind;
    scene = kind == UM_SAMPLE_NONE ? pick_none(&box, source, rng)
                                   : pick_face(&box, target, source, rng);
    if (!pixels_of(&r, box, &scene->rgb)) {
        memset(input, 0, (size_t)(side * side * 3) * sizeof *input);
        return;
    }
    if (side > 12 && um_rng_uniform(rng) < 0.3)
        coarsen(input, side, (int)um_rng_range(rng, 12, side), &scene->rgb, r, source->sums);
    else
        um_area_resample(input, side, side, &scene->rgb, r, source->sums);
    if (um_rng_uniform(rng) < 0.5) mirror(input, target, side);
    if (um_rng_uniform(rng) < 0.8) relight(input, side * side, rng);
}
