/* Tables 4 and 5: trained on one data set, tested on another. */
#include "reproduce_experiments.h"

#define NONE NAN

typedef struct line {
    const char *name;
    const rp_system *system; /* NULL: not in this program */
    double paper[3];
} line;

static const line c23[] = {
    {"Xception", &rp_xception, {99.09, 65.27, 87.86}},
    {"Face X-ray", NULL, {87.40, 74.20, 85.60}},
    {"Meta", NULL, {98.99, 74.56, 88.14}},
    {"F3Net", NULL, {98.10, 71.21, 86.10}},
    {"GHF", NULL, {98.36, 75.31, 85.51}},
    {"LTW", NULL, {99.17, 77.14, 88.56}},
    {"Local-relation", NULL, {99.46, 78.26, 89.24}},
    {"DCL", NULL, {99.30, 82.30, 91.66}},
    {"IID", NULL, {99.32, 83.80, 93.92}},
    {"UIA-ViT", NULL, {99.33, 82.41, 94.68}},
    {"CPML", &rp_cpml, {99.87, 86.00, 93.46}},
    {"UMCL", &rp_umcl, {99.87, 87.02, 94.74}},
};

static const line c40[] = {
    {"MesoNet (Meso-4)", &rp_meso4, {84.70, 54.80, NONE}},
    {"FWA", NULL, {80.10, 56.90, NONE}},
    {"Xception", &rp_xception, {95.50, 65.50, NONE}},
    {"Multi-task", NULL, {76.30, 54.30, NONE}},
    {"SMIL", NULL, {96.80, 56.30, NONE}},
    {"Two Branch", NULL, {93.18, 73.41, NONE}},
    {"GHF", NULL, {95.73, 74.12, NONE}},
    {"SPSL", NULL, {96.91, 76.88, NONE}},
    {"ITA", NULL, {96.94, 77.35, NONE}},
    {"IID", NULL, {96.79, 82.04, NONE}},
    {"CPML", &rp_cpml, {97.22, 83.75, NONE}},
    {"UMCL", &rp_umcl, {98.52, 84.22, NONE}},
};

/* In domain, FF++ (raw) to DFDC, DFDC to FF++ (raw). */
static const line dfdc[] = {
    {"Xception", &rp_xception, {81.60, 78.11, 61.93}},
    {"LRNet", &rp_lrnet, {60.76, 58.59, NONE}},
    {"STIL", NULL, {89.80, 67.88, NONE}},
    {"HCIL", NULL, {95.11, 69.21, NONE}},
    {"IntraSIM", NULL, {92.79, 68.43, NONE}},
    {"UIA-ViT", NULL, {98.42, 71.23, 63.13}},
    {"DFIL", NULL, {99.99, 56.84, 49.99}},
    {"MaskRelation", NULL, {88.64, 57.76, 73.44}},
    {"CPML", &rp_cpml, {88.76, 57.44, 80.77}},
    {"UMCL", &rp_umcl, {92.17, 59.41, 89.11}},
};

#define COUNT(lines) ((int)(sizeof(lines) / sizeof(lines)[0]))

/* What a column is: a system trained on `learn`, tested on `test`, of it this manipulation. */
typedef struct crossing {
    const rp_videos *learn, *test;
    const char *group; /* NULL: all */
} crossing;

static void fill(rp_table *t, int row, const rp_system *system, const crossing *columns, int n)
{
    rp_protocol *p = t->p;

    t->rows[row]->ours = true;
    if (!rp_wanted(p, system)) return;
    for (int seed = 1; seed <= p->set->seeds; seed++)
        for (int c = 0; c < n; c++) {
            const crossing *x = &columns[c];

            if (!x->learn->there || !x->test->there) continue;
            rp_figure(
                t, row, c,
                rp_eval(p, rp_train(p, system, x->learn, (uint64_t)seed), x->test, NULL, NULL),
                "auc", x->group);
        }
}

static void add_lines(rp_table *t, const char *group, const line *lines, int n,
                      const crossing *columns, int n_columns)
{
    for (int i = 0; i < n; i++) {
        int row = rp_row_add(t, group, lines[i].name, lines[i].paper);

        if (lines[i].system) fill(t, row, lines[i].system, columns, n_columns);
    }
}

void rp_build_table4(rp_table *t, rp_protocol *p)
{
    rp_videos ff23 = rp_videos_get(p, RP_FFPP, "c23", -1);
    rp_videos ff40 = rp_videos_get(p, RP_FFPP, "c40", -1);
    rp_videos celeb = rp_videos_get(p, RP_CELEBDF, NULL, -1);
    rp_videos dfd = rp_videos_get(p, RP_DFD, "c23", -1);
    const crossing high[] = {{&ff23, &ff23, NULL}, {&ff23, &celeb, NULL}, {&ff23, &dfd, NULL}};
    const crossing low[] = {{&ff40, &ff40, rp_methods[0]}, {&ff40, &celeb, NULL}};

    rp_table_open(t, p, "table4", "Table 4: from FF++ to Celeb-DF and DFD");
    rp_column(t, "", "FF++");
    rp_column(t, "", "Celeb-DF");
    rp_column(t, "", "DFD");
    add_lines(t, "trained on FF++ (c23)", c23, COUNT(c23), high, 3);
    add_lines(t, "trained on FF++ (c40); FF++: its Deepfakes", c40, COUNT(c40), low, 2);
    rp_note(t, "FF++ is tested at the compression trained on, DFD at c23, Celeb-DF as it is, each "
               "on its split test.");
}

void rp_build_table5(rp_table *t, rp_protocol *p)
{
    rp_videos ff = rp_videos_get(p, RP_FFPP, "raw", -1);
    rp_videos other = rp_videos_get(p, RP_DFDC, NULL, -1);
    const crossing columns[] = {{&other, &other, NULL}, {&ff, &other, NULL}, {&other, &ff, NULL}};

    rp_table_open(t, p, "table5", "Table 5: DFDC");
    rp_column(t, "", "in DFDC");
    rp_column(t, "", "FF++ to DFDC");
    rp_column(t, "", "DFDC to FF++");
    add_lines(t, "FF++ (raw) and DFDC", dfdc, COUNT(dfdc), columns, 3);
}
