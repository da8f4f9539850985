/* Rows of a table by number. */
#include <string.h>

#include "backend/cpu/cpu.h"

static umcl_status embedding_forward(um_call *c)
{
    const int32_t *ids = um_i32(&c->in[0]);
    int64_t n = um_shape_count(&c->in[0].shape), rows = c->in[1].shape.dim[0];
    int64_t width = c->in[1].shape.dim[1];

    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= rows)
            return um_fail(UMCL_ERR_INVALID, "embedding: expected ids below %lld, found %d",
                           (long long)rows, (int)ids[i]);
        memcpy(um_f32(&c->out) + i * width, um_f32(&c->in[1]) + ids[i] * width,
               (size_t)width * sizeof(float));
    }
    return UMCL_OK;
}

/* One thread adds the rows in their order: the same bits whatever the number of threads. */
static umcl_status embedding_backward(um_call *c)
{
    const int32_t *ids = um_i32(&c->in[0]);
    int64_t n = um_shape_count(&c->in[0].shape), width = c->in[1].shape.dim[1];

    if (!c->din[1].data) return UMCL_OK;
    memset(c->din[1].data, 0, um_tensor_bytes(&c->din[1]));
    for (int64_t i = 0; i < n; i++) {
        float *restrict to = um_f32(&c->din[1]) + ids[i] * width;
        const float *restrict from = um_f32(&c->dout) + i * width;

        for (int64_t j = 0; j < width; j++) to[j] += from[j];
    }
    return UMCL_OK;
}

const um_kernel um_cpu_embedding = {NULL, embedding_forward, embedding_backward, NULL};
