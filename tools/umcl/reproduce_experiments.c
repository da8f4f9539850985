#include "reproduce_experiments.h"

static const rp_experiment experiments[] = {
    {"table10", "ablation: modalities, ASA (Models A to D)", rp_build_table10, NULL},
    {"table11", "ablation: codec's views or synthetic ones", rp_build_table11, NULL},
};

const rp_experiment *rp_experiment_at(size_t i)
{
    return i < sizeof experiments / sizeof experiments[0] ? &experiments[i] : NULL;
}
