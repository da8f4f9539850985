/* Figure 7: structured noise on a source video, as pictures and as what the encoders see of it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "plot/figure.h"
#include "reproduce_experiments.h"
#include "reproduce_noise.h"

#define COLUMNS 12 /* consecutive frames */
#define ROWS (RP_N_SHARES + RP_N_NOISES - 1)
#define CELL 58   /* px */
#define LIFT 0.42 /* of a row, what the largest deviation of a curve rises by */
#define DOTS 0xFFE000
#define MAX_N UM_PHYSFORMER_FRAMES

void rp_build_fig7(rp_table *t, rp_protocol *p)
{
    rp_clip clip = rp_source_clip(p, "raw");
    bool is_new;
    rp_step *s;

    rp_table_open(t, p, "fig7", "Figure 7: structured noise on a source video");
    t->unit = "";
    t->figure = "fig7.svg";
    if (!clip.there) return;
    s = rp_step_add(p, RP_EXTRACT, "extract-fig7",
                    rp_text(p, "%s/%s/tracks.safetensors", clip.cache, clip.name), &is_new);
    if (is_new) rp_args(p, s, "extract", "-q", "--labels", clip.labels, "-o", clip.cache, NULL);
    s->videos = 1;
    rp_note(t, rp_text(p,
                       "The first window of %s, a real video of the split test, with the "
                       "disturbances of Table 7 as umcl eval --frame-share and --landmark-noise "
                       "make them for this video.",
                       clip.name));
    rp_note(t,
            "Pictures: consecutive crops with their landmarks; outlined: a crop that is lost, in "
            "whose place the one before is seen. Waveforms: of the shipped pulse encoder, by "
            "standard deviation; r: correlation with the waveform of all crops. The numbers "
            "stand in fig7-data.csv.");
    rp_note(t, "The paper shows pictures alone, and does not say how it drops frames.");
}

/* Where a picture of this row and column lies, and what is in it. */
static void fill_picture(um_plot_picture *out, uint8_t *pixels, const rp_noise_clip *c, int row,
                         size_t frame)
{
    const int share = row < RP_N_SHARES ? row : 0;
    const int noise = row < RP_N_SHARES ? 0 : row - RP_N_SHARES + 1;
    const size_t from = c->shown[share][frame];
    const um_image crop = um_face_clip_crop(&c->clip, from);
    um_image copy = {.width = crop.width,
                     .height = crop.height,
                     .channels = 3,
                     .stride = (size_t)crop.width * 3,
                     .data = pixels};

    for (int y = 0; y < crop.height; y++)
        memcpy(pixels + (size_t)y * copy.stride, crop.data + (size_t)y * crop.stride, copy.stride);
    for (int i = 0; i < UM_N_LANDMARKS; i++)
        um_draw_disc(&copy, c->shaken[noise][frame].p[i][0], c->shaken[noise][frame].p[i][1], 1.2f,
                     DOTS);
    *out = (um_plot_picture){.rgb = pixels,
                             .width = crop.width,
                             .height = crop.height,
                             .x0 = (double)frame - 0.46,
                             .x1 = (double)frame + 0.46,
                             .y0 = ROWS - 1 - row - 0.46,
                             .y1 = ROWS - 1 - row + 0.46,
                             .outlined = from != frame};
}

/* Curves one below the other: row 0 on top, each around its mean, all on one scale. */
typedef struct stack {
    double x[MAX_N], y[RP_N_SHARES][MAX_N];
    um_series series[RP_N_SHARES];
    const char *names[RP_N_SHARES];
    double unit; /* what a whole row stands for */
} stack;

static double deviation(const float *v, size_t n, double *mean)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) sum += (double)v[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += ((double)v[i] - *mean) * ((double)v[i] - *mean) / (double)n;
    return sqrt(squares);
}

static void stack_curves(stack *s, const float *const *curves, int rows, size_t n, bool each)
{
    double mean[RP_N_SHARES], unit[RP_N_SHARES] = {0}, most = 0;

    for (int k = 0; k < rows; k++) {
        double sd = deviation(curves[k], n, &mean[k]);

        unit[k] = each && sd > 0 ? sd : 1;
        for (size_t i = 0; i < n; i++)
            most = fmax(most, fabs((double)curves[k][i] - mean[k]) / unit[k]);
    }
    s->unit = most > 0 ? most / LIFT : 1;
    for (int k = 0; k < rows; k++) {
        for (size_t i = 0; i < n; i++) {
            s->x[i] = (double)i;
            s->y[k][i] = rows - 1 - k + ((double)curves[k][i] - mean[k]) / unit[k] / s->unit;
        }
        s->series[k] =
            (um_series){.kind = UM_SERIES_LINE, .n = n, .x = s->x, .y = s->y[k], .name = NULL};
    }
}

static const char *share_name(rp_table *t, int k)
{
    return k ? rp_text(t->p, "%.0f %% of the crops", 100 * rp_seen[k]) : "all crops";
}

static const char *noise_name(rp_table *t, int k)
{
    return k ? rp_text(t->p, "landmarks \xC2\xB1 %.2f", rp_noise[k]) : "landmarks as found";
}

static um_panel curves_panel(stack *s, int rows, const char *label)
{
    return (um_panel){.x = {.label = label, .low = 0, .high = MAX_N},
                      .y = {.names = s->names, .n_names = (size_t)rows},
                      .series = s->series,
                      .n_series = (size_t)rows,
                      .width = COLUMNS * CELL,
                      .height = 46.0 * rows};
}

static umcl_status draw(rp_table *t, const rp_noise_clip *c)
{
    const size_t cell = (size_t)c->clip.side * (size_t)c->clip.side * 3,
                 first = c->clip.n / 2 - COLUMNS / 2;
    um_plot_picture pictures[ROWS * COLUMNS];
    const char *rows[ROWS];
    const float *waves[RP_N_SHARES], *points[RP_N_NOISES];
    stack *pulse = NULL, *nose = NULL;
    uint8_t *pixels = NULL;
    um_panel panels[3];
    um_figure figure = {.title = "Structured noise on a source video",
                        .note = "outlined: this crop is lost and the one before is seen; frames at "
                                "30 a second; r: with the waveform of all crops",
                        .panels = panels,
                        .n_panels = 3};
    umcl_status st;

    UM_CHECK(um_calloc(&pixels, ROWS * COLUMNS, cell));
    UM_CHECK(um_calloc(&pulse, 1, sizeof *pulse));
    UM_CHECK(um_calloc(&nose, 1, sizeof *nose));
    for (int r = 0; r < ROWS; r++) {
        rows[ROWS - 1 - r] =
            r < RP_N_SHARES ? share_name(t, r) : noise_name(t, r - RP_N_SHARES + 1);
        for (int k = 0; k < COLUMNS; k++)
            fill_picture(&pictures[r * COLUMNS + k], pixels + (size_t)(r * COLUMNS + k) * cell, c,
                         r, first + (size_t)k);
    }
    for (int k = 0; k < RP_N_SHARES; k++) {
        waves[k] = c->wave[k];
        pulse->names[RP_N_SHARES - 1 - k] =
            k ? rp_text(t->p, "%.0f %%: r = %.2f", 100 * rp_seen[k], c->agreement[k]) : "all crops";
    }
    for (int k = 0; k < RP_N_NOISES; k++) {
        points[k] = c->point[k];
        nose->names[RP_N_NOISES - 1 - k] = noise_name(t, k);
    }
    stack_curves(pulse, waves, RP_N_SHARES, MAX_N, true);
    stack_curves(nose, points, RP_N_NOISES, c->clip.n, false);
    panels[0] = (um_panel){
        .x = {.label = "frame", .low = (double)first - 0.5, .high = (double)first + COLUMNS - 0.5},
        .y = {.names = rows, .n_names = ROWS, .low = -0.5, .high = ROWS - 0.5},
        .pictures = pictures,
        .n_pictures = ROWS * COLUMNS,
        .width = COLUMNS * CELL,
        .height = ROWS * CELL};
    panels[1] = curves_panel(pulse, RP_N_SHARES, "frame: waveform of the pulse encoder");
    panels[2] = curves_panel(nose, RP_N_NOISES,
                             rp_text(t->p, "frame: the nose's x, a row is %.2f", nose->unit));
    UM_CHECK(um_figure_write(&figure, rp_text(t->p, "%s/fig7.svg", t->p->set->out)));
    UM_CHECK(um_figure_write(&figure, rp_text(t->p, "%s/fig7.png", t->p->set->out)));
done:
    free(pixels);
    free(pulse);
    free(nose);
    return st;
}

static umcl_status write_data(rp_table *t, const rp_noise_clip *c)
{
    um_file_writer *w = NULL;
    FILE *to;

    UM_TRY(um_file_writer_open(&w, rp_text(t->p, "%s/fig7-data.csv", t->p->set->out)));
    to = um_file_writer_stream(w);
    fputs("what,level,frame,shown,value\n", to);
    for (int k = 0; k < RP_N_SHARES; k++)
        for (size_t i = 0; i < MAX_N; i++) {
            fprintf(to, "waveform,%.2f,%zu,", rp_seen[k], i);
            if (i < c->clip.n) fprintf(to, "%zu", c->shown[k][i]);
            fprintf(to, ",%.6f\n", (double)c->wave[k][i]);
        }
    for (int k = 0; k < RP_N_NOISES; k++)
        for (size_t i = 0; i < c->clip.n; i++)
            fprintf(to, "nose x,%.2f,%zu,%zu,%.6f\n", rp_noise[k], i, i, (double)c->point[k][i]);
    for (int k = 0; k < RP_N_SHARES; k++)
        if (!isnan(c->agreement[k]))
            fprintf(to, "correlation,%.2f,,,%.6f\n", rp_seen[k], c->agreement[k]);
    return um_file_writer_commit(w);
}

umcl_status rp_draw_fig7(rp_table *t)
{
    rp_clip clip = rp_source_clip(t->p, "raw");
    rp_noise_clip c;
    umcl_status st;

    if (!clip.there) return UMCL_OK;
    UM_TRY(rp_noise_read(&c, clip.cache, clip.name));
    UM_CHECK(write_data(t, &c));
    UM_CHECK(draw(t, &c));
done:
    rp_noise_clear(&c);
    return st;
}
