#include "face/mtcnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "face/area.h"
#include "face/mtcnn_runner.h"
#include "face/nms.h"

/* P-Net's best of one scale, before and after suppression: far above what pictures give. */
#define MAX_WINDOWS 8192
#define MAX_PROPOSALS 1024
#define HINT_IOU 0.1f /* of a hint with what was found without it */

/* One window on its way through the cascade. */
typedef struct proposal {
    um_box box;
    float score;
    float shift[4];     /* the network's correction of the box */
    float points[5][2]; /* pixels; O-Net's */
    bool hint;          /* the caller's, not R-Net's */
} proposal;

typedef struct proposals {
    proposal *at;
    size_t n, room;
} proposals;

struct um_mtcnn {
    um_params *set;
    bool owns_set;
    um_mtcnn_options defaults;
    um_mtcnn_runner *runner;
    proposals all, level; /* of the picture; of one scale */
    um_face *faces;
    um_box *boxes; /* what um_mtcnn_propose lends out, and input of the suppression */
    float *scores;
    size_t *keep;
    size_t room; /* of the four above */
    unsigned *sums;
    size_t sums_room;
};

static umcl_status push(proposals *p, const proposal *one)
{
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 256;

        UM_TRY(um_realloc(&p->at, room, sizeof *p->at));
        p->room = room;
    }
    p->at[p->n++] = *one;
    return UMCL_OK;
}

static umcl_status reserve(um_mtcnn *m, size_t n)
{
    if (n <= m->room) return UMCL_OK;
    n += n / 2;
    UM_TRY(um_realloc(&m->boxes, n, sizeof *m->boxes));
    UM_TRY(um_realloc(&m->scores, n, sizeof *m->scores));
    UM_TRY(um_realloc(&m->keep, n, sizeof *m->keep));
    UM_TRY(um_realloc(&m->faces, n, sizeof *m->faces));
    m->room = n;
    return UMCL_OK;
}

/* Leaves the best of each group of overlapping proposals, best first. */
static umcl_status suppress(um_mtcnn *m, proposals *p, float threshold, um_nms_mode mode)
{
    umcl_status st;
    proposal *left = NULL;
    size_t n = 0;

    if (p->n == 0) return UMCL_OK;
    UM_TRY(reserve(m, p->n));
    for (size_t i = 0; i < p->n; i++) {
        m->boxes[i] = p->at[i].box;
        m->scores[i] = p->at[i].score;
    }
    UM_TRY(um_nms(m->keep, &n, m->boxes, m->scores, p->n, threshold, mode));
    UM_CHECK(um_calloc(&left, n, sizeof *left));
    for (size_t i = 0; i < n; i++) left[i] = p->at[m->keep[i]];
    memcpy(p->at, left, n * sizeof *left);
    p->n = n;
done:
    free(left);
    return st;
}

static void square(um_box *b)
{
    float w = um_box_width(*b), h = um_box_height(*b), side = fmaxf(w, h);

    b->x0 += 0.5f * w - 0.5f * side;
    b->y0 += 0.5f * h - 0.5f * side;
    b->x1 = b->x0 + side;
    b->y1 = b->y0 + side;
}

/* Corrects boxes by fractions of their sides; `extra` is 1 where a side counts whole pixels. */
static void correct(proposals *p, float extra)
{
    for (size_t i = 0; i < p->n; i++) {
        um_box *b = &p->at[i].box;
        const float *s = p->at[i].shift;
        float w = um_box_width(*b) + extra, h = um_box_height(*b) + extra;

        *b = (um_box){b->x0 + s[0] * w, b->y0 + s[1] * h, b->x1 + s[2] * w, b->y1 + s[3] * h};
    }
}

static void square_all(proposals *p)
{
    for (size_t i = 0; i < p->n; i++) square(&p->at[i].box);
}

static int by_score(const void *pa, const void *pb)
{
    const proposal *a = pa, *b = pb;

    return (a->score < b->score) - (a->score > b->score);
}

/* Windows of one scale that P-Net takes for faces: 12 x 12 every 2 pixels of the scaled picture. */
static umcl_status take_windows(um_mtcnn *m, const um_mtcnn_run *run, float scale, float threshold)
{
    m->level.n = 0;
    for (int y = 0; y < run->out_height; y++)
        for (int x = 0; x < run->out_width; x++) {
            size_t i = (size_t)y * (size_t)run->out_width + (size_t)x;
            proposal p = {.score = um_mtcnn_score(run->logits + 2 * i)};

            if (!(p.score >= threshold)) continue;
            p.box =
                (um_box){floorf((float)(2 * x + 1) / scale), floorf((float)(2 * y + 1) / scale),
                         floorf((float)(2 * x + 12) / scale), floorf((float)(2 * y + 12) / scale)};
            memcpy(p.shift, run->box + 4 * i, sizeof p.shift);
            UM_TRY(push(&m->level, &p));
        }
    if (m->level.n > MAX_WINDOWS) {
        qsort(m->level.at, m->level.n, sizeof *m->level.at, by_score);
        m->level.n = MAX_WINDOWS;
    }
    return UMCL_OK;
}

static umcl_status first_stage(um_mtcnn *m, const um_image *rgb, const um_mtcnn_options *o)
{
    double scale = 12.0 / o->min_face;
    double side = (rgb->width < rgb->height ? rgb->width : rgb->height) * scale;
    const um_pixel_rect whole = {0, 0, rgb->width, rgb->height};

    m->all.n = 0;
    for (; side >= 12; side *= o->factor, scale *= o->factor) {
        int w = (int)(rgb->width * scale + 1), h = (int)(rgb->height * scale + 1);
        um_mtcnn_run run;

        UM_TRY(um_mtcnn_prepare(m->runner, &run, UM_PNET, 1, w, h));
        um_area_resample(run.x, w, h, rgb, whole, m->sums);
        UM_TRY(um_graph_forward(run.graph));
        UM_TRY(take_windows(m, &run, (float)scale, o->threshold[0]));
        UM_TRY(suppress(m, &m->level, 0.5f, UM_NMS_UNION));
        for (size_t i = 0; i < m->level.n && i < MAX_PROPOSALS; i++)
            UM_TRY(push(&m->all, &m->level.at[i]));
    }
    UM_TRY(suppress(m, &m->all, 0.7f, UM_NMS_UNION));
    correct(&m->all, 0);
    square_all(&m->all);
    return UMCL_OK;
}

/* The whole pixels of a box that lie in the picture, counted from 1 as MTCNN's MATLAB origin did.
 */
static bool pixels_of(um_pixel_rect *r, um_box b, const um_image *rgb)
{
    const float far = 1e6f;

    if (!(fabsf(b.x0) < far && fabsf(b.y0) < far && fabsf(b.x1) < far && fabsf(b.y1) < far))
        return false;
    r->x0 = (b.x0 < 1 ? 1 : (int)b.x0) - 1;
    r->y0 = (b.y0 < 1 ? 1 : (int)b.y0) - 1;
    r->x1 = b.x1 > (float)rgb->width ? rgb->width : (int)b.x1;
    r->y1 = b.y1 > (float)rgb->height ? rgb->height : (int)b.y1;
    return r->x1 > r->x0 && r->y1 > r->y0;
}

/* Graphs are made for powers of two: a few of them, and less than half of one runs empty. */
static int batch_for(size_t n)
{
    int batch = 1;

    while ((size_t)batch < n) batch *= 2;
    return batch;
}

/* Score, correction and points of proposals [first, first + n), all of which have pixels. */
static umcl_status judge(um_mtcnn *m, um_mtcnn_stage stage, const um_image *rgb, size_t first,
                         size_t n)
{
    int side = um_mtcnn_side(stage), batch = batch_for(n);
    size_t values = (size_t)side * (size_t)side * 3;
    um_mtcnn_run run;

    UM_TRY(um_mtcnn_prepare(m->runner, &run, stage, batch, 0, 0));
    for (size_t i = 0; i < (size_t)batch; i++) {
        um_pixel_rect r;

        if (i < n && pixels_of(&r, m->all.at[first + i].box, rgb))
            um_area_resample(run.x + i * values, side, side, rgb, r, m->sums);
        else
            memset(run.x + i * values, 0, values * sizeof *run.x);
    }
    UM_TRY(um_graph_forward(run.graph));
    for (size_t i = 0; i < n; i++) {
        proposal *p = &m->all.at[first + i];
        float w = um_box_width(p->box) + 1, h = um_box_height(p->box) + 1;

        p->score = um_mtcnn_score(run.logits + 2 * i);
        memcpy(p->shift, run.box + 4 * i, sizeof p->shift);
        for (int k = 0; k < 5 && run.points; k++) {
            p->points[k][0] = w * run.points[10 * i + (size_t)k] + p->box.x0 - 1;
            p->points[k][1] = h * run.points[10 * i + 5 + (size_t)k] + p->box.y0 - 1;
        }
    }
    return UMCL_OK;
}

/* A hint counts where the cascade found nothing by itself: it may lie half beside a face. */
static void drop_hints(proposals *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->n; i++) {
        bool found = false;

        for (size_t k = 0; k < p->n && p->at[i].hint && !found; k++)
            found = !p->at[k].hint && um_box_iou(p->at[i].box, p->at[k].box) > HINT_IOU;
        if (!found) p->at[kept++] = p->at[i];
    }
    p->n = kept;
}

static umcl_status next_stage(um_mtcnn *m, um_mtcnn_stage stage, const um_image *rgb,
                              float threshold)
{
    size_t kept = 0;
    um_pixel_rect r;

    for (size_t i = 0; i < m->all.n; i++)
        if (pixels_of(&r, m->all.at[i].box, rgb)) m->all.at[kept++] = m->all.at[i];
    m->all.n = kept;
    for (size_t i = 0; i < m->all.n; i += UM_MTCNN_MAX_BATCH) {
        size_t n = m->all.n - i;

        UM_TRY(judge(m, stage, rgb, i, n < UM_MTCNN_MAX_BATCH ? n : UM_MTCNN_MAX_BATCH));
    }
    kept = 0;
    for (size_t i = 0; i < m->all.n; i++)
        if (m->all.at[i].score > threshold) m->all.at[kept++] = m->all.at[i];
    m->all.n = kept;
    if (stage == UM_RNET) {
        UM_TRY(suppress(m, &m->all, 0.7f, UM_NMS_UNION));
        correct(&m->all, 1);
        square_all(&m->all);
    } else {
        correct(&m->all, 1);
        drop_hints(&m->all);
        UM_TRY(suppress(m, &m->all, 0.7f, UM_NMS_MIN));
    }
    return UMCL_OK;
}

static umcl_status check(um_mtcnn *m, const um_image *rgb, const um_mtcnn_options *o)
{
    size_t need = 3 * (size_t)rgb->width;

    if (rgb->channels != 3 || rgb->width < 1 || rgb->height < 1)
        return um_fail(UMCL_ERR_INVALID,
                       "detector: expected a picture of 3 channels, got %d x %d "
                       "x %d",
                       rgb->width, rgb->height, rgb->channels);
    if (!(o->min_face >= 12 && o->factor >= 0.1f && o->factor <= 0.95f))
        return um_fail(UMCL_ERR_INVALID,
                       "detector: expected min_face >= 12 and factor 0.1..0.95, got %g and %g",
                       (double)o->min_face, (double)o->factor);
    if (need > m->sums_room) {
        UM_TRY(um_realloc(&m->sums, need, sizeof *m->sums));
        m->sums_room = need;
    }
    return UMCL_OK;
}

umcl_status um_mtcnn_detect(um_mtcnn *m, const um_face **faces, size_t *n_faces,
                            const um_image *rgb, const um_mtcnn_options *options,
                            const um_box *hints, size_t n_hints)
{
    *faces = NULL;
    *n_faces = 0;
    UM_TRY(check(m, rgb, options));
    UM_TRY(first_stage(m, rgb, options));
    UM_TRY(next_stage(m, UM_RNET, rgb, options->threshold[1]));
    for (size_t i = 0; i < n_hints; i++) {
        proposal p = {.box = um_box_square(hints[i], 1), .hint = true};

        UM_TRY(push(&m->all, &p));
    }
    UM_TRY(next_stage(m, UM_ONET, rgb, options->threshold[2]));
    UM_TRY(reserve(m, m->all.n + 1));
    for (size_t i = 0; i < m->all.n; i++) {
        const proposal *p = &m->all.at[i];

        m->faces[i] = (um_face){.box = p->box, .score = p->score};
        memcpy(m->faces[i].points, p->points, sizeof p->points);
    }
    *faces = m->faces;
    *n_faces = m->all.n;
    return UMCL_OK;
}

umcl_status um_mtcnn_propose(um_mtcnn *m, const um_box **box, size_t *n, const um_image *rgb,
                             const um_mtcnn_options *options, um_mtcnn_stage last_stage)
{
    *box = NULL;
    *n = 0;
    UM_TRY(check(m, rgb, options));
    UM_TRY(first_stage(m, rgb, options));
    if (last_stage == UM_RNET) UM_TRY(next_stage(m, UM_RNET, rgb, options->threshold[1]));
    UM_TRY(reserve(m, m->all.n + 1));
    for (size_t i = 0; i < m->all.n; i++) m->boxes[i] = m->all.at[i].box;
    *box = m->boxes;
    *n = m->all.n;
    return UMCL_OK;
}

/* Recording each stage once adds its parameters to the set. */
static umcl_status declare(um_params *set)
{
    for (int s = 0; s < UM_MTCNN_STAGES; s++) {
        um_graph *g;
        int side = um_mtcnn_side((um_mtcnn_stage)s);
        umcl_status st;

        UM_TRY(um_graph_new(&g, um_params_backend(set), UM_INFER));
        um_mtcnn_record(g, set, (um_mtcnn_stage)s,
                        um_input(g, "picture", UM_F32, UM_SHAPE(1, 1, side, side, 3)), 0);
        st = um_graph_status(g);
        um_graph_free(g);
        UM_TRY(st);
    }
    return UMCL_OK;
}

static umcl_status check_finite(const um_params *set)
{
    for (size_t i = 0; i < um_params_count(set); i++) {
        const um_param *p = um_params_at((um_params *)set, i);
        int64_t n = um_shape_count(&p->value.shape);

        for (int64_t k = 0; k < n; k++)
            if (!isfinite(um_f32(&p->value)[k]))
                return um_fail(UMCL_ERR_FORMAT, "%s: expected finite weights, value %lld is not",
                               p->name, (long long)k);
    }
    return UMCL_OK;
}

static void read_defaults(um_mtcnn_options *o, const char *text)
{
    for (int i = 0; text && i < 3; i++) {
        char *end;
        float t = strtof(text, &end);

        if (end == text) return;
        if (t > 0 && t < 1) o->threshold[i] = t;
        text = end;
    }
}

umcl_status um_mtcnn_wrap(um_mtcnn **out, um_params *set)
{
    umcl_status st;
    um_mtcnn *m = NULL;

    *out = NULL;
    UM_CHECK(um_calloc(&m, 1, sizeof *m));
    m->set = set;
    m->defaults = UM_MTCNN_OPTIONS_INIT;
    UM_CHECK(declare(set));
    UM_CHECK(um_mtcnn_runner_new(&m->runner, set));
    *out = m;
    m = NULL;
done:
    um_mtcnn_free(m);
    return st;
}

umcl_status um_mtcnn_load(um_mtcnn **out, const um_st_file *file)
{
    umcl_status st;
    um_params *set = NULL;
    um_mtcnn *m = NULL;

    *out = NULL;
    UM_CHECK(um_params_new(&set, um_backend_cpu()));
    UM_CHECK(declare(set));
    UM_CHECK(um_params_load(set, file, ""));
    UM_CHECK(check_finite(set));
    UM_CHECK(um_mtcnn_wrap(&m, set));
    m->owns_set = true;
    set = NULL;
    read_defaults(&m->defaults, um_st_meta(file, "threshold"));
    *out = m;
done:
    um_params_free(set);
    return st;
}

umcl_status um_mtcnn_open(um_mtcnn **out, const char *path)
{
    um_st_file *file;
    umcl_status st;

    *out = NULL;
    UM_TRY(um_st_read(&file, path));
    if (um_st_meta(file, UM_META_FORMAT)) UM_CHECK(um_model_file_check(file, path, UM_MTCNN_KIND));
    st = um_mtcnn_load(out, file);
    if (st != UMCL_OK) st = um_fail_in(st, path);
done:
    um_st_free(file);
    return st;
}

um_mtcnn_options um_mtcnn_defaults(const um_mtcnn *m)
{
    return m->defaults;
}

void um_mtcnn_free(um_mtcnn *m)
{
    if (!m) return;
    um_mtcnn_runner_free(m->runner);
    if (m->owns_set) um_params_free(m->set);
    free(m->all.at);
    free(m->level.at);
    free(m->faces);
    free(m->boxes);
    free(m->scores);
    free(m->keep);
    free(m->sums);
    free(m);
}
