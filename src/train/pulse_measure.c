#include "train/pulse_measure.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/heart_rate.h"
#include "model/physformer.h"
#include "train/pulse_fit.h"

#define SIDE UM_PHYSFORMER_SIZE
#define NEAR_BPM 5.0

const char *um_pulse_reader_name(um_pulse_reader reader)
{
#define X(id, name) name,
    static const char *const names[] = {UM_PULSE_READERS(X)};
#undef X

    return names[reader];
}

typedef struct measurer {
    um_graph *graph;
    um_node *in, *waveform;
    float *input, *green;
    size_t frames;
} measurer;

static umcl_status open_measurer(measurer *m, um_params *params)
{
    um_nn nn = {.set = params, .prefix = ""};
    um_physformer_out out;

    UM_TRY(um_graph_new(&m->graph, um_params_backend(params), UM_INFER));
    nn.g = m->graph;
    m->in = um_input(m->graph, "clip", UM_F32, UM_SHAPE(1, (int64_t)m->frames, SIDE, SIDE, 3));
    um_physformer(&out, &nn, m->in, 0);
    m->waveform = out.waveform;
    um_output(m->graph, m->waveform);
    UM_TRY(um_graph_compile(m->graph));
    UM_TRY(um_calloc(&m->input, m->frames, sizeof(float[SIDE * SIDE * 3])));
    return um_calloc(&m->green, m->frames, sizeof *m->green);
}

static void close_measurer(measurer *m)
{
    um_graph_free(m->graph);
    free(m->input);
    free(m->green);
}

static void mean_green(float *out, const um_face_clip *clip)
{
    for (size_t i = 0; i < clip->n; i++) {
        um_image crop = um_face_clip_crop(clip, i);
        double sum = 0;

        for (size_t y = SIDE / 4; y < SIDE * 3 / 4; y++)
            for (size_t x = SIDE / 4; x < SIDE * 3 / 4; x++)
                sum += crop.data[y * crop.stride + 3 * x + 1];
        out[i] = (float)(-sum / (SIDE * SIDE / 4.0)); /* blood darkens */
    }
}

/* Pearson's; 0 where a signal is constant. */
static double correlation(const float *x, const float *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < n; i++) { /* from the first value: a constant is exactly 0 */
        mx += (double)(x[i] - x[0]) / (double)n;
        my += (double)(y[i] - y[0]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = (double)(x[i] - x[0]) - mx, dy = (double)(y[i] - y[0]) - my;

        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Adds one reading; um_pulse_measure divides the sums. */
static umcl_status add(um_pulse_score *s, const float *wave, const um_pulse_clip *clip)
{
    um_heart_rate rate;
    double off;

    UM_TRY(um_heart_rate_read(&rate, wave, clip->face.n, UM_CLIP_FPS));
    off = fabs(rate.bpm - clip->bpm);
    s->clips++;
    s->snr_db += rate.snr_db;
    s->correlation += correlation(wave, clip->wave, clip->face.n);
    if (!rate.reading) return UMCL_OK;
    s->readings++;
    s->error += off;
    s->near += off <= NEAR_BPM;
    return UMCL_OK;
}

static umcl_status read_clip(um_pulse_score *out, measurer *m, const um_pulse_clip *clip)
{
    um_physformer_input(m->input, clip->face.rgb, clip->face.n);
    UM_TRY(um_write(m->graph, m->in, m->input));
    UM_TRY(um_graph_forward(m->graph));
    mean_green(m->green, &clip->face);
    UM_TRY(add(&out[UM_PULSE_BY_NETWORK], um_data(m->waveform), clip));
    UM_TRY(add(&out[UM_PULSE_BY_MEAN_GREEN], m->green, clip));
    return add(&out[UM_PULSE_BY_TRUTH], clip->wave, clip);
}

umcl_status um_pulse_measure(um_pulse_score out[UM_PULSE_READER_COUNT], um_params *params,
                             um_pulse_draw_fn draw, const void *source, size_t n, int frames)
{
    measurer m = {.frames = (size_t)frames};
    um_pulse_clip clip = {0};
    umcl_status st;

    for (int r = 0; r < UM_PULSE_READER_COUNT; r++) out[r] = (um_pulse_score){0};
    UM_CHECK(open_measurer(&m, params));
    for (uint64_t key = 0; key < n; key++) {
        UM_CHECK(draw(source, &clip, m.frames, key));
        UM_CHECK(read_clip(out, &m, &clip));
        um_pulse_clip_clear(&clip);
    }
    for (int r = 0; r < UM_PULSE_READER_COUNT; r++) {
        out[r].error /= (double)out[r].readings; /* NaN: 0 / 0 */
        out[r].near /= (double)n;
        out[r].snr_db /= (double)n;
        out[r].correlation /= (double)n;
    }
done:
    um_pulse_clip_clear(&clip);
    close_measurer(&m);
    return st;
}
