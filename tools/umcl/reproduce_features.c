/* Figures 2, 6 and 8: features of models trained on raw videos, by t-SNE, and how they lie apart.
 */
#include <string.h>

#include "reproduce_experiments.h"

#define N_FULL 4

/* Figure 8's models (a) to (d). */
static const rp_system no_asa = {"no-asa", "UMCL w/o ASA", "--no-asa", true, NULL};
static const rp_system no_cqsl = {"no-cqsl", "UMCL w/o CQSL", "--no-cqsl", true, NULL};
static const rp_system neither = {"neither", "UMCL w/o both", "--no-asa --no-cqsl", true, NULL};
static const rp_system *const ablation[N_FULL] = {&rp_umcl, &no_asa, &no_cqsl, &neither};

/* One model's features of the test split in one quality; returns the file. */
static const char *features(rp_protocol *p, const rp_step *model, const rp_videos *on,
                            const char *quality)
{
    const char *name = rp_text(p, "%s-on-%s", model->name + strlen("train-"), on->id);
    const char *file = rp_text(p, "%s/features/%s.safetensors", p->set->out, name);
    bool is_new;
    rp_step *s = rp_step_add(p, RP_EVAL, rp_text(p, "features-%s", name), file, &is_new);

    if (!is_new) return file;
    s->labels = on->labels;
    s->split = "test";
    s->seed = model->seed;
    rp_args(p, s, "eval", model->makes, "--cache", rp_text(p, "%s=%s", quality, on->cache),
            "--labels", on->labels, "--split", s->split, "--encodings", rp_encodings(p, model, on),
            "--features", file, NULL);
    return file;
}

/* What is looked at: models (columns of the pictures) on qualities from `first` on. */
typedef struct look {
    rp_protocol *p;
    const rp_system *systems[N_FULL];
    const char *files[N_FULL]; /* of all qualities, joined by commas */
    int n;
} look;

static look look_at(rp_protocol *p, const rp_system *const *systems, int n, int first)
{
    rp_videos videos[RP_N_QUALITIES];
    look out = {.p = p};
    bool there = true;

    for (int q = 0; q < RP_N_QUALITIES; q++) {
        videos[q] = rp_videos_get(p, RP_FFPP, rp_qualities[q], -1);
        there = there && videos[q].there;
    }
    for (int i = 0; there && i < n; i++) {
        const rp_step *model;
        const char *files = "";

        if (!rp_wanted(p, systems[i])) continue;
        model = rp_train(p, systems[i], &videos[0], 1);
        for (int q = first; q < RP_N_QUALITIES; q++)
            files = rp_text(p, "%s%s%s", files, q > first ? "," : "",
                            features(p, model, &videos[q], rp_qualities[q]));
        out.systems[out.n] = systems[i];
        out.files[out.n++] = files;
    }
    return out;
}

/* A picture of it in OUT/NAME, and what is measured; NULL: there is nothing to look at. */
static const rp_step *draw(const look *l, const char *name, const char *title, const char *options)
{
    rp_protocol *p = l->p;
    bool is_new;
    rp_step *s;

    if (!l->n) return NULL;
    s = rp_step_add(p, RP_OTHER, rp_text(p, "tsne-%s", name),
                    rp_text(p, "%s/%s/tsne.json", p->set->out, name), &is_new);
    if (!is_new) return s;
    s->prints = true;
    s->seed = 1;
    rp_args(p, s, "tsne", NULL);
    for (int i = 0; i < l->n; i++) rp_args(p, s, l->files[i], "--name", l->systems[i]->name, NULL);
    rp_words(p, s, options);
    rp_args(p, s, "--title", title, "--plots", rp_text(p, "%s/%s", p->set->out, name), "--points",
            rp_text(p, "%s/%s/points.csv", p->set->out, name), "--json", NULL);
    return s;
}

static void open_table(rp_table *t, rp_protocol *p, const char *id, const char *title)
{
    rp_table_open(t, p, id, title);
    t->unit = "";
    t->scale = 1;
    t->decimals = 3;
}

/* How labels, qualities and manipulations lie apart in one feature of every model. */
static void measure(rp_table *t, const look *l, const rp_step *step, const char *of,
                    const char *group)
{
    static const char *const measures[] = {"classes.label.silhouette", "classes.label.neighbour",
                                           "classes.quality.silhouette", "classes.group.silhouette",
                                           "shift"};

    for (int i = 0; step && i < l->n; i++) {
        int row = rp_row_add(t, group, l->systems[i]->name, NULL);

        for (int c = 0; c < (int)(sizeof measures / sizeof measures[0]); c++)
            rp_figure(t, row, c, step, rp_text(t->p, "files.%d.features.%s.%s", i, of, measures[c]),
                      NULL);
    }
}

static void measure_columns(rp_table *t)
{
    rp_column(t, "real, fake", "silhouette");
    rp_column(t, "real, fake", "neighbour");
    rp_column(t, "quality", "silhouette");
    rp_column(t, "manipulation", "silhouette");
    rp_column(t, "", "shift");
}

static void explain(rp_table *t)
{
    rp_note(t, "Measured among the features, not in the picture. Silhouette: -1 to 1, 0 where the "
               "classes lie in one another. Neighbour: how often the nearest other video is of the "
               "same class. Shift: how far apart a video's qualities lie, over the distance of "
               "different videos.");
    rp_note(t,
            "Text is read with a prompt that does not know the label (neutral): it is the same "
            "for every video, and in no picture. The paper shows pictures alone, without numbers "
            "to put beside these.");
}

/* The two pictures, where there was something to draw. */
static void show(rp_table *t, const look *l, const char *first, const char *second)
{
    if (!l->n) return;
    t->figure = first;
    t->second = second;
}

void rp_build_fig2(rp_table *t, rp_protocol *p)
{
    static const rp_system *const systems[] = {&rp_cpml};
    const look l = look_at(p, systems, 1, 0);
    const rp_step *step = draw(&l, "fig2", "CPML trained on FF++ (raw): real, fake by compression",
                               "--of pulse,landmarks,fused --colour label");

    open_table(t, p, "fig2", "Figure 2: features of CPML");
    measure_columns(t);
    measure(t, &l, step, "pulse", "pulse");
    measure(t, &l, step, "landmarks", "landmarks");
    measure(t, &l, step, "fused", "fused");
    draw(&l, "fig2-group", "CPML trained on FF++ (raw): manipulations",
         "--of pulse,landmarks,fused --colour group");
    show(t, &l, "fig2/tsne.svg", "fig2-group/tsne.svg");
    explain(t);
}

void rp_build_fig6(rp_table *t, rp_protocol *p)
{
    static const rp_system *const systems[] = {&rp_umcl};
    const look l = look_at(p, systems, 1, 1);
    const rp_step *step =
        draw(&l, "fig6", "UMCL trained on FF++ (raw), tested at c23 and c40", "--colour label");

    open_table(t, p, "fig6", "Figure 6: features of UMCL at compressions it has not seen");
    measure_columns(t);
    measure(t, &l, step, "fused", "fused, trained on FF++ (raw), tested on FF++ (c23, c40)");
    draw(&l, "fig6-group", "UMCL trained on FF++ (raw): manipulations at c23 and c40",
         "--colour group");
    show(t, &l, "fig6/tsne.svg", "fig6-group/tsne.svg");
    explain(t);
}

void rp_build_fig8(rp_table *t, rp_protocol *p)
{
    const look l = look_at(p, ablation, N_FULL, 0);
    const rp_step *apart, *fused;

    open_table(t, p, "fig8", "Figure 8: features with and without ASA and CQSL");
    measure_columns(t);
    rp_column(t, "modality", "silhouette");
    apart = draw(&l, "fig8-modalities", "Before fusion: all modalities",
                 "--of modalities --colour modality --mark label --cosine");
    fused = draw(&l, "fig8-fused", "Fused", "--of fused --colour label");
    measure(t, &l, apart, "modalities", "before fusion, all modalities, by direction");
    for (int i = 0; apart && i < l.n; i++)
        rp_figure(t, i, t->n_columns - 1, apart,
                  rp_text(p, "files.%d.features.modalities.classes.modality.silhouette", i), NULL);
    measure(t, &l, fused, "fused", "fused");
    show(t, &l, "fig8-modalities/tsne.svg", "fig8-fused/tsne.svg");
    rp_note(t, "Trained on FF++ (raw), tested at raw, c23 and c40. Modalities that are aligned lie "
               "in one another: a low silhouette by modality.");
    explain(t);
}
