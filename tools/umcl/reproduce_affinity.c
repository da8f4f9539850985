/* Figure 9: how the affinities between modalities go during training. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "plot/figure.h"
#include "reproduce_experiments.h"

#define MAX_PAIRS 6
#define N_SERIES 4

static const struct {
    const char *name, *view, *class;
} series[N_SERIES] = {{"HQ, real", "hq", "real"},
                      {"HQ, fake", "hq", "fake"},
                      {"LQ, real", "lq", "real"},
                      {"LQ, fake", "lq", "fake"}};

typedef struct curves {
    size_t n, cap, n_pairs;
    char pair[MAX_PAIRS][64];
    double *step, *value[MAX_PAIRS][N_SERIES]; /* [n] */
} curves;

static const char *log_of(rp_table *t)
{
    return rp_text(t->p, "%s/models/umcl-ff-c23-seed1.log.jsonl", t->p->set->out);
}

void rp_build_fig9(rp_table *t, rp_protocol *p)
{
    rp_videos videos = rp_videos_get(p, RP_FFPP, "c23", -1);

    rp_table_open(t, p, "fig9", "Figure 9: affinities of modalities during training");
    t->unit = "";
    t->figure = "fig9.svg";
    if (!videos.there) return;
    rp_train(p, &rp_umcl, &videos, 1);
    rp_note(t, rp_text(p,
                       "Every point is a line of the log that umcl train --log wrote, %s; the "
                       "same numbers stand in fig9-data.csv.",
                       log_of(t)));
    rp_note(t, "The paper shows the figure alone, without numbers to put beside it.");
}

static umcl_status grow(curves *c)
{
    if (c->n < c->cap) return UMCL_OK;
    c->cap = c->cap ? 2 * c->cap : 256;
    UM_TRY(um_realloc(&c->step, c->cap, sizeof *c->step));
    for (int i = 0; i < MAX_PAIRS; i++)
        for (int s = 0; s < N_SERIES; s++)
            UM_TRY(um_realloc(&c->value[i][s], c->cap, sizeof *c->value[i][s]));
    return UMCL_OK;
}

static umcl_status add_line(curves *c, const json_t *line)
{
    json_t *all = json_object_get(line, "affinities"), *views;
    const char *name;
    size_t i = 0;

    UM_TRY(grow(c));
    c->step[c->n] = json_number_value(json_object_get(line, "step"));
    json_object_foreach(all, name, views)
    {
        if (i == MAX_PAIRS) break;
        snprintf(c->pair[i], sizeof c->pair[i], "%s", name);
        for (int s = 0; s < N_SERIES; s++) {
            const json_t *v =
                json_object_get(json_object_get(views, series[s].view), series[s].class);

            c->value[i][s][c->n] = json_is_number(v) ? json_number_value(v) : NAN;
        }
        i++;
    }
    if (i > c->n_pairs) c->n_pairs = i;
    c->n++;
    return UMCL_OK;
}

static umcl_status read_log(curves *c, const char *path)
{
    char *text = NULL, *rest;
    json_error_t e;
    size_t n;
    umcl_status st;

    UM_CHECK(um_file_read(&text, &n, path, (size_t)1 << 30));
    for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
        json_t *line = json_loads(at, 0, &e);

        st = line ? add_line(c, line) : um_fail(UMCL_ERR_FORMAT, "%s: %s", path, e.text);
        json_decref(line);
        if (st != UMCL_OK) goto done;
    }
    if (!c->n || !c->n_pairs)
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected affinities, found none", path);
done:
    free(text);
    return st;
}

static umcl_status write_data(const curves *c, const char *path)
{
    um_file_writer *w = NULL;
    FILE *to;

    UM_TRY(um_file_writer_open(&w, path));
    to = um_file_writer_stream(w);
    fputs("step,pair,view,class,affinity\n", to);
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->n_pairs; k++)
            for (int s = 0; s < N_SERIES; s++)
                if (!isnan(c->value[k][s][i]))
                    fprintf(to, "%.0f,%s,%s,%s,%.6f\n", c->step[i], c->pair[k], series[s].view,
                            series[s].class, c->value[k][s][i]);
    return um_file_writer_commit(w);
}

static umcl_status draw(const curves *c, rp_table *t, const char *ending)
{
    um_panel panels[MAX_PAIRS] = {0};
    um_series lines[MAX_PAIRS][N_SERIES];
    um_figure figure = {
        .title = "Affinities during training", .panels = panels, .n_panels = c->n_pairs};

    for (size_t k = 0; k < c->n_pairs; k++) {
        for (int s = 0; s < N_SERIES; s++)
            lines[k][s] = (um_series){.name = k ? NULL : series[s].name,
                                      .kind = c->n > 1 ? UM_SERIES_LINE : UM_SERIES_POINTS,
                                      .n = c->n,
                                      .x = c->step,
                                      .y = c->value[k][s]};
        panels[k] = (um_panel){.x = {.label = k + 1 == c->n_pairs ? "update" : NULL},
                               .y = {.label = c->pair[k]},
                               .series = lines[k],
                               .n_series = N_SERIES,
                               .width = 560,
                               .height = 170};
    }
    return um_figure_write(&figure, rp_text(t->p, "%s/fig9.%s", t->p->set->out, ending));
}

umcl_status rp_draw_fig9(rp_table *t)
{
    curves c = {0};
    umcl_status st = UMCL_OK;

    if (t->p->n_missing) return UMCL_OK;
    UM_CHECK(read_log(&c, log_of(t)));
    UM_CHECK(write_data(&c, rp_text(t->p, "%s/fig9-data.csv", t->p->set->out)));
    UM_CHECK(draw(&c, t, "svg"));
    UM_CHECK(draw(&c, t, "png"));
done:
    free(c.step);
    for (int i = 0; i < MAX_PAIRS; i++)
        for (int s = 0; s < N_SERIES; s++) free(c.value[i][s]);
    return st;
}
