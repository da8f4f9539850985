/* The picture of umcl tsne: a panel for every view. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "plot/figure.h"
#include "tsne_view.h"

#define MOST_CLASSES 7 /* as there are colours; the rarest are put together */
#define MOST_MARKS 5   /* markers that can be filled and hollow */
#define FIRST_HOLLOW 8
#define N_MARKERS 12
#define WIDE 420 /* px of a panel that stands alone, and of one among others */
#define NARROW 300

/* The classes of all views by one key, as they are told apart in the picture. */
typedef struct shown {
    const char *name[MOST_CLASSES];
    size_t n;
    bool rest; /* the last one is what is left */
} shown;

typedef struct panel_room {
    um_series series[MOST_CLASSES * MOST_CLASSES];
    double *x, *y; /* [n] */
    char title[128];
} panel_room;

typedef struct drawing {
    const tsne_board *board;
    tsne_key colour, mark;
    shown colours, marks;
    bool named[MOST_CLASSES][MOST_CLASSES]; /* in the legend */
    char name[MOST_CLASSES][MOST_CLASSES][160];
    panel_room rooms[TSNE_MAX_OF * TSNE_MAX_FILES];
    um_panel panels[TSNE_MAX_OF * TSNE_MAX_FILES];
} drawing;

umcl_status tsne_plots_prepare(const tsne_settings *set)
{
    um_str path = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_mkdirs(set->plots));
    um_str_printf(&path, "%s/tsne.svg", set->plots);
    UM_CHECK(um_str_status(&path));
    st = um_file_can_write(path.text);
done:
    um_str_clear(&path);
    return st;
}

static size_t place_of(const shown *s, const char *name)
{
    for (size_t k = 0; k < s->n; k++)
        if (!strcmp(s->name[k], name)) return k;
    return s->n - 1;
}

/* Points of a class in all views. */
static size_t count_of(const tsne_board *b, tsne_key key, const char *name)
{
    size_t n = 0;

    for (size_t o = 0; o < b->set->n_of; o++)
        for (size_t f = 0; f < b->set->n_files; f++) {
            const tsne_classes *c = &b->views[o][f].classes[key];

            for (size_t k = 0; k < c->n; k++) n += strcmp(c->names[k], name) ? 0 : c->count[k];
        }
    return n;
}

/* Takes a class up, in the place of the rarest where there is no room. */
static void show_class(shown *s, const tsne_board *b, tsne_key key, const char *name)
{
    size_t rarest = 0, count = count_of(b, key, name);

    for (size_t k = 0; k < s->n; k++)
        if (!strcmp(s->name[k], name)) return;
    if (count == 0) return;
    if (s->n < MOST_CLASSES) {
        s->name[s->n++] = name;
        return;
    }
    s->rest = true;
    for (size_t k = 0; k < s->n; k++)
        if (count_of(b, key, s->name[k]) <= count_of(b, key, s->name[rarest])) rarest = k;
    if (count_of(b, key, s->name[rarest]) < count) s->name[rarest] = name;
}

/* Classes in the order of the views; one that had to give way is among "others". */
static void find_shown(shown *s, const tsne_board *b, tsne_key key)
{
    *s = (shown){0};
    for (size_t o = 0; o < b->set->n_of; o++)
        for (size_t f = 0; f < b->set->n_files; f++) {
            const tsne_classes *c = &b->views[o][f].classes[key];

            for (size_t k = 0; k < c->n; k++) show_class(s, b, key, c->names[k]);
        }
    if (s->rest) s->name[MOST_CLASSES - 1] = "others";
}

/* A marker of the five shapes, filled or hollow; behind them whatever markers there are. */
static int marker_of(size_t shape, bool filled)
{
    if (shape >= MOST_MARKS) return 1 + (int)(shape % N_MARKERS);
    return (filled ? 1 : FIRST_HOLLOW) + (int)shape;
}

/* Where colours and markers tell of two things, fakes are filled and real ones hollow (without
   labels every other colour): a print without colour can still be read. */
static void set_look(um_series *s, const drawing *d, size_t c, size_t m)
{
    s->colour = 1 + (int)c;
    if (d->colour == d->mark)
        s->marker = 1 + (int)c;
    else if (d->mark == TSNE_LABEL)
        s->marker = marker_of(c, strcmp(d->marks.name[m], "fake") == 0);
    else if (d->colour == TSNE_LABEL)
        s->marker = marker_of(m, strcmp(d->colours.name[c], "fake") == 0);
    else
        s->marker = marker_of(m, c % 2);
}

static void add_series(drawing *d, um_panel *panel, panel_room *room, const tsne_view *v, size_t c,
                       size_t m, size_t *used)
{
    const tsne_classes *colours = &v->classes[d->colour], *marks = &v->classes[d->mark];
    um_series *s = &room->series[panel->n_series];

    *s = (um_series){.kind = UM_SERIES_POINTS, .x = room->x + *used, .y = room->y + *used};
    for (size_t i = 0; i < v->n; i++) {
        if (place_of(&d->colours, colours->names[colours->of[i]]) != c ||
            place_of(&d->marks, marks->names[marks->of[i]]) != m)
            continue;
        room->x[*used] = v->places[2 * i];
        room->y[(*used)++] = v->places[2 * i + 1];
        s->n++;
    }
    if (!s->n) return;
    if (!d->named[c][m]) {
        d->named[c][m] = true;
        if (d->colour == d->mark)
            snprintf(d->name[c][m], sizeof d->name[c][m], "%s", d->colours.name[c]);
        else
            snprintf(d->name[c][m], sizeof d->name[c][m], "%s, %s", d->colours.name[c],
                     d->marks.name[m]);
        s->name = d->name[c][m];
    }
    set_look(s, d, c, m);
    panel->n_series++;
}

static void say_title(panel_room *room, const tsne_board *b, const tsne_view *v)
{
    const tsne_classes *labels = &v->classes[TSNE_LABEL];
    int n = snprintf(room->title, sizeof room->title, "%.50s%s%s",
                     b->set->n_files > 1 ? v->name : "", b->set->n_files > 1 ? ": " : "",
                     v->of == TSNE_MODALITIES ? "all modalities" : tsne_of_name(v->of));

    if (n < 0 || (size_t)n >= sizeof room->title) return;
    if (v->constant)
        snprintf(room->title + n, sizeof room->title - (size_t)n, ", the same everywhere");
    else if (labels->measured)
        snprintf(room->title + n, sizeof room->title - (size_t)n, ", silhouette %.2f",
                 labels->separation.silhouette);
}

/* The same scale on both axes. */
static void set_axes(um_panel *panel, const tsne_view *v, bool bottom, bool left)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, half;

    for (size_t i = 0; i < 2 * v->n; i++) {
        low[i % 2] = fmin(low[i % 2], v->places[i]);
        high[i % 2] = fmax(high[i % 2], v->places[i]);
    }
    half = fmax(high[0] - low[0], high[1] - low[1]) / 2;
    half = half > 0 ? 1.06 * half : 1;
    panel->x = (um_axis){.label = bottom ? "t-SNE 1" : NULL,
                         .low = (low[0] + high[0]) / 2 - half,
                         .high = (low[0] + high[0]) / 2 + half};
    panel->y = (um_axis){.label = left ? "t-SNE 2" : NULL,
                         .low = (low[1] + high[1]) / 2 - half,
                         .high = (low[1] + high[1]) / 2 + half};
}

/* Several models are columns; the features of one fill rows of two or three. */
static size_t columns_of(const tsne_settings *set)
{
    if (set->n_files > 1) return set->n_files;
    return set->n_of == 4 ? 2 : set->n_of < 3 ? set->n_of : 3;
}

static umcl_status fill_panel(drawing *d, size_t p)
{
    const tsne_board *b = d->board;
    const size_t columns = columns_of(b->set), all = b->set->n_of * b->set->n_files;
    const tsne_view *v = &b->views[p / b->set->n_files][p % b->set->n_files];
    panel_room *room = &d->rooms[p];
    um_panel *panel = &d->panels[p];
    size_t used = 0;

    *panel = (um_panel){.series = room->series, .title = room->title};
    panel->width = panel->height = all > 1 ? NARROW : WIDE;
    set_axes(panel, v, p + columns >= all, p % columns == 0);
    say_title(room, b, v);
    UM_TRY(um_calloc(&room->x, v->n, sizeof *room->x));
    UM_TRY(um_calloc(&room->y, v->n, sizeof *room->y));
    for (size_t c = 0; c < d->colours.n; c++)
        for (size_t m = 0; m < d->marks.n; m++)
            if (d->colour != d->mark || c == m) add_series(d, panel, room, v, c, m, &used);
    return UMCL_OK;
}

/* Where nothing is said of markers they tell of the quality, if there are several. */
static tsne_key mark_of(const tsne_board *b)
{
    shown qualities;

    if (b->set->has_mark) return b->set->mark;
    find_shown(&qualities, b, TSNE_QUALITY);
    return b->set->colour == TSNE_LABEL && qualities.n > 1 ? TSNE_QUALITY : b->set->colour;
}

/* What is in no picture of all modalities. */
static void say_left_out(um_str *note, const tsne_board *b)
{
    for (int k = 0; k < UM_N_MODALITIES; k++) {
        bool any = false;

        for (size_t o = 0; o < b->set->n_of; o++)
            for (size_t f = 0; f < b->set->n_files; f++)
                any = any || tsne_left_out(&b->views[o][f], k);
        if (any) um_str_printf(note, "%s, the same everywhere, is left out; ", um_feature_name(k));
    }
}

static void say_note(um_str *note, const tsne_board *b)
{
    bool oracle = false;

    for (size_t f = 0; f < b->set->n_files; f++)
        oracle = oracle || !strcmp(b->tables[f].policy, "oracle");
    say_left_out(note, b);
    um_str_append(note, "silhouette: of real and fake among the features");
    um_str_append(note, oracle ? "; ** text was chosen by the label: says nothing of detection **"
                               : "; distances between clusters mean nothing");
}

umcl_status tsne_plots_write(const tsne_board *b)
{
    static const char *const endings[] = {"svg", "png"};
    const tsne_settings *set = b->set;
    um_str path = UM_STR_INIT, note = UM_STR_INIT;
    char title[160];
    drawing *d = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&d, 1, sizeof *d));
    d->board = b;
    d->colour = set->colour;
    d->mark = mark_of(b);
    find_shown(&d->colours, b, d->colour);
    find_shown(&d->marks, b, d->mark);
    for (size_t p = 0; p < set->n_of * set->n_files; p++) UM_CHECK(fill_panel(d, p));
    snprintf(title, sizeof title, "t-SNE%s%.100s", set->n_files > 1 ? "" : ": ",
             set->n_files > 1 ? "" : b->views[0][0].name);

    say_note(&note, b);
    UM_CHECK(um_str_status(&note));

    const um_figure figure = {.title = set->title ? set->title : title,
                              .note = note.text,
                              .panels = d->panels,
                              .n_panels = set->n_of * set->n_files,
                              .columns = columns_of(set)};

    for (size_t e = 0; e < 2; e++) {
        um_str_clear(&path);
        um_str_printf(&path, "%s/tsne.%s", set->plots, endings[e]);
        UM_CHECK(um_str_status(&path));
        UM_CHECK(um_figure_write(&figure, path.text));
    }
done:
    for (size_t p = 0; d && p < TSNE_MAX_OF * TSNE_MAX_FILES; p++) {
        free(d->rooms[p].x);
        free(d->rooms[p].y);
    }
    free(d);
    um_str_clear(&note);
    um_str_clear(&path);
    return st;
}
