/* Tables 7 and 8: one modality is disturbed, the others are as they were. */
#include "reproduce_experiments.h"

typedef struct line {
    const char *name;
    const char *variant, *options;   /* of the evaluation */
    const char *mark;                /* what a reader must know of what is measured; or NULL */
    double paper[2][RP_N_QUALITIES]; /* CPML, UMCL */
} line;

static const rp_system *const systems[] = {&rp_cpml, &rp_umcl};

static const line table7[] = {
    {"no degradation", NULL, NULL, NULL, {{89.42, 85.61, 63.03}, {96.85, 96.29, 79.72}}},
    {"sampling ratio 90 %",
     "frames90",
     "--frame-share 0.9",
     NULL,
     {{88.64, 87.60, 64.35}, {96.80, 96.54, 78.74}}},
    {"sampling ratio 70 %",
     "frames70",
     "--frame-share 0.7",
     NULL,
     {{78.84, 77.16, 65.73}, {95.10, 95.84, 81.22}}},
    {"sampling ratio 50 %",
     "frames50",
     "--frame-share 0.5",
     NULL,
     {{68.39, 66.28, 56.33}, {92.30, 92.81, 80.04}}},
    {"sampling ratio 30 %",
     "frames30",
     "--frame-share 0.3",
     NULL,
     {{54.22, 53.36, 45.31}, {86.49, 85.69, 75.56}}},
    {"perturbation, sigma 0.01",
     "noise01",
     "--landmark-noise 0.01",
     NULL,
     {{74.52, 68.48, 60.60}, {96.49, 93.77, 74.72}}},
    {"perturbation, sigma 0.05",
     "noise05",
     "--landmark-noise 0.05",
     NULL,
     {{34.40, 30.95, 28.34}, {76.23, 75.68, 61.96}}},
};

#define READS "here, reads the label"

static const line table8[] = {
    {"simple prompt",
     "oracle-simple",
     "--policy oracle --prompts simple",
     READS,
     {{88.46, 86.17, 65.75}, {96.85, 94.28, 80.54}}},
    {"description prompt",
     "oracle-description",
     "--policy oracle --prompts description",
     READS,
     {{89.42, 85.61, 63.03}, {96.85, 96.29, 80.72}}},
    {"unrelated prompt",
     "oracle-unrelated",
     "--policy oracle --prompts unrelated",
     "here, the same for both classes",
     {{48.27, 46.18, 42.46}, {93.29, 91.05, 87.74}}},
    {"opposite prompt",
     "oracle-opposite",
     "--policy oracle --prompts opposite",
     READS,
     {{10.97, 9.82, 8.46}, {94.49, 92.42, 88.61}}},
    {"no label known: neutral prompt", NULL, NULL, NULL, {{NAN, NAN, NAN}, {NAN, NAN, NAN}}},
    {"no label known: mean over both classes",
     "marginal",
     "--policy marginal",
     NULL,
     {{NAN, NAN, NAN}, {NAN, NAN, NAN}}},
};

static void fill(rp_table *t, int row, const rp_system *system, const line *l,
                 const rp_videos videos[RP_N_QUALITIES])
{
    rp_protocol *p = t->p;

    t->rows[row]->ours = true;
    t->rows[row]->mark = l->mark;
    if (!rp_wanted(p, system) || !videos[0].there) return;
    for (int seed = 1; seed <= p->set->seeds; seed++)
        for (int q = 0; q < RP_N_QUALITIES; q++)
            rp_figure(t, row, q,
                      rp_eval(p, rp_train(p, system, &videos[0], (uint64_t)seed), &videos[q],
                              l->variant, l->options),
                      "auc", NULL);
}

/* CPML's lines, then UMCL's with their gains. */
static void build(rp_table *t, rp_protocol *p, const line *lines, int n)
{
    rp_videos videos[RP_N_QUALITIES];

    for (int q = 0; q < RP_N_QUALITIES; q++) {
        videos[q] = rp_videos_get(p, RP_FFPP, rp_qualities[q], -1);
        rp_column(t, "", rp_text(p, "FF++ (%s)", rp_qualities[q]));
    }
    t->unit = "AUC in %; in brackets UMCL's gain over CPML, of the figures shown";
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < n; i++) {
            const char *group = rp_text(p, "%s, trained on FF++ (raw)", systems[s]->name);
            int row = rp_row_add(t, group, lines[i].name, lines[i].paper[s]);

            fill(t, row, systems[s], &lines[i], videos);
            for (int q = 0; s && q < RP_N_QUALITIES; q++) rp_difference(t, row, q, row - n, q);
        }
}

void rp_build_table7(rp_table *t, rp_protocol *p)
{
    rp_table_open(t, p, "table7", "Table 7: lost frames and shaken landmarks");
    build(t, p, table7, (int)(sizeof table7 / sizeof *table7));
    rp_note(t, "Sampling: so many of the crops, at random, are seen; each lost one shows the one "
               "before, landmarks stay. The paper does not say how it samples.");
    rp_note(t, "Perturbation: normal noise on every landmark, in LRNet's normalised coordinates.");
}

void rp_build_table8(rp_table *t, rp_protocol *p)
{
    rp_table_open(t, p, "table8", "Table 8: adversarial prompts");
    build(t, p, table8, (int)(sizeof table8 / sizeof *table8));
    rp_note(t, "Simple, description and opposite prompts are chosen by the true label, as in the "
               "paper: such a detector is told the answer, and its figures are no detection "
               "figures. What this program says of a video is the row of the neutral prompt.");
}
