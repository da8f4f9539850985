/* Table 9: what CPML and UMCL cost. */
#include "reproduce_experiments.h"

typedef struct line {
    const char *name, *key; /* in the JSON of umcl cost */
    double paper[2];        /* CPML, UMCL */
} line;

static const line lines[] = {
    {"Parameters (M)", "mega_parameters", {149.85, 175.82}},
    {"  pulse encoder", "parts.pulse.mega_parameters", {NAN, NAN}},
    {"  landmark encoder", "parts.landmarks.mega_parameters", {NAN, NAN}},
    {"  fusion and classifier", "parts.head.mega_parameters", {NAN, NAN}},
    {"GFLOPs per sample", "gflop", {0.106, 0.141}},
    {"  pulse encoder", "parts.pulse.gflop", {NAN, NAN}},
    {"  landmark encoder", "parts.landmarks.gflop", {NAN, NAN}},
    {"  fusion and classifier", "parts.head.gflop", {NAN, NAN}},
    {"Throughput (samples/sec)", "windows_per_second", {2953211, 2215304}},
    {"Time of a window (ms)", "ms", {NAN, NAN}},
    {"  pulse encoder", "parts.pulse.ms", {NAN, NAN}},
    {"  landmark encoder", "parts.landmarks.ms", {NAN, NAN}},
    {"  fusion and classifier", "parts.head.ms", {NAN, NAN}},
    {"Memory usage (FP32, MB)", "memory_mb", {1142.4, 1241.5}},
};

static const rp_step *cost(rp_protocol *p, const rp_step *model)
{
    const char *name = rp_text(p, "cost-%s", model->name);
    bool is_new;
    rp_step *s =
        rp_step_add(p, RP_OTHER, name, rp_text(p, "%s/eval/%s.json", p->set->out, name), &is_new);

    s->prints = true;
    if (is_new) rp_args(p, s, "cost", model->makes, "--json", NULL);
    return s;
}

void rp_build_table9(rp_table *t, rp_protocol *p)
{
    static const rp_system *const systems[] = {&rp_cpml, &rp_umcl};
    rp_videos learn = rp_videos_get(p, RP_FFPP, "raw", -1);

    rp_table_open(t, p, "table9", "Table 9: cost, without the text encoder");
    t->unit = "";
    t->scale = 1;
    t->decimals = 3;
    rp_column(t, "", "CPML");
    rp_column(t, "", "UMCL");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        rp_row_add(t, "", lines[i].name, lines[i].paper);
    for (int s = 0; s < 2; s++) {
        const rp_step *found;

        if (!learn.there || !rp_wanted(p, systems[s])) continue;
        found = cost(p, rp_train(p, systems[s], &learn, 1));
        for (int i = 0; i < t->n_rows; i++) rp_figure(t, i, s, found, lines[i].key, NULL);
    }
    rp_note(t, "A sample is here a window of 160 frames of crops and landmarks, to its score; "
               "the paper does not say what its is: its 0.1 GFLOP cannot be PhysFormer's.");
    rp_note(t, "GFLOPs: floating point operations of convolutions, linear layers, matrix products "
               "and recurrent layers, 1e9; a multiplication and its addition are two, the rest is "
               "not counted.");
    rp_note(t, "Time depends on the machine and on what else it does: a second run of the step may "
               "give other figures.");
}
