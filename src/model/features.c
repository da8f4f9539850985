#include "model/features.h"

const char *um_feature_name(int which)
{
    return which == UM_FUSED ? "fused" : um_modality_get((um_modality_kind)which)->name;
}

/* What holds a modality's feature; NULL: the head has none. */
static um_node *node_of(const um_head *head, int modality)
{
    return head->projected[modality] ? head->projected[modality] : head->feature[modality];
}

size_t um_feature_width(const um_head *head, int which)
{
    size_t all = 0;

    if (which != UM_FUSED && !node_of(head, which)) return 0;
    if (which != UM_FUSED)
        return head->projected[which] ? UM_FUSION_WIDTH
                                      : (size_t)um_modality_get((um_modality_kind)which)->feature;
    if (head->unified) return UM_CPML_WIDTH;
    for (int k = 0; k < UM_N_MODALITIES; k++) all += um_feature_width(head, k);
    return all;
}

size_t um_features_width(const um_head *head)
{
    size_t all = 0;

    for (int k = 0; k < UM_N_FEATURES; k++) all += um_feature_width(head, k);
    return all;
}

/* Returns the place behind what was added. */
static double *add(double *sum, um_node *node, size_t width, size_t rows)
{
    const float *values = um_data(node);

    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < width; i++) sum[i] += (double)values[r * width + i] / (double)rows;
    return sum + width;
}

void um_features_add(double *sum, const um_head *head)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (node_of(head, k))
            sum = add(sum, node_of(head, k), um_feature_width(head, k), head->rows);
    if (head->unified) {
        add(sum, head->unified, UM_CPML_WIDTH, head->rows);
        return;
    }
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (node_of(head, k))
            sum = add(sum, node_of(head, k), um_feature_width(head, k), head->rows);
}
