#include "face/nms.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "face/geometry.h"

typedef struct ranked {
    float score;
    size_t index;
} ranked;

static int by_score(const void *pa, const void *pb)
{
    const ranked *a = pa, *b = pb;

    if (a->score != b->score) return a->score < b->score ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

static float min_overlap(um_box a, um_box b)
{
    float w = fmaxf(0, fminf(a.x1, b.x1) - fmaxf(a.x0, b.x0) + 1);
    float h = fmaxf(0, fminf(a.y1, b.y1) - fmaxf(a.y0, b.y0) + 1);
    float area_a = (um_box_width(a) + 1) * (um_box_height(a) + 1);
    float area_b = (um_box_width(b) + 1) * (um_box_height(b) + 1);

    return w * h / fminf(area_a, area_b);
}

umcl_status um_nms(size_t *keep, size_t *n_keep, const um_box *box, const float *score, size_t n,
                   float threshold, um_nms_mode mode)
{
    ranked *order = NULL;
    size_t kept = 0;

    *n_keep = 0;
    if (n == 0) return UMCL_OK;
    UM_TRY(um_calloc(&order, n, sizeof *order));
    for (size_t i = 0; i < n; i++) order[i] = (ranked){score[i], i};
    qsort(order, n, sizeof *order, by_score);
    for (size_t i = 0; i < n; i++) {
        um_box b = box[order[i].index];
        size_t k = 0;

        while (k < kept) {
            um_box other = box[keep[k]];
            float o = mode == UM_NMS_UNION ? um_box_iou(b, other) : min_overlap(b, other);

            if (o > threshold) break;
            k++;
        }
        if (k == kept) keep[kept++] = order[i].index;
    }
    *n_keep = kept;
    free(order);
    return UMCL_OK;
}
