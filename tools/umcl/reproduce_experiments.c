#include "reproduce_experiments.h"

static const rp_experiment experiments[] = {
    {"table3", "in and across compressions within FF++", rp_build_table3, NULL},
    {"table4", "from FF++ to Celeb-DF and DFD", rp_build_table4, NULL},
    {"table5", "DFDC, and between it and FF++", rp_build_table5, NULL},
    {"table6", "across manipulations within FF++", rp_build_table6, NULL},
    {"table7", "lost frames and shaken landmarks", rp_build_table7, NULL},
    {"table8", "prompts of other kinds, told the label or not", rp_build_table8, NULL},
    {"table9", "parameters, time and memory of CPML and UMCL", rp_build_table9, NULL},
    {"table10", "ablation: modalities, ASA (Models A to D)", rp_build_table10, NULL},
    {"table11", "ablation: codec's views or synthetic ones", rp_build_table11, NULL},
    {"fig2", "t-SNE of CPML's features over compressions and manipulations", rp_build_fig2, NULL},
    {"fig6", "t-SNE of UMCL's features at compressions it has not seen", rp_build_fig6, NULL},
    {"fig7", "structured noise on a source video", rp_build_fig7, rp_draw_fig7},
    {"fig8", "t-SNE without ASA, without CQSL (ablation)", rp_build_fig8, NULL},
    {"fig9", "affinities of modalities during training", rp_build_fig9, rp_draw_fig9},
};

const rp_experiment *rp_experiment_at(size_t i)
{
    return i < sizeof experiments / sizeof experiments[0] ? &experiments[i] : NULL;
}
