/*
 * Dense row-major tensors. Feature maps are channels-last: [B, T, H, W, C]; a picture has no T
 * dimension, a sequence no H and W. What the literature writes [B, C, T, H, W] is turned once, at
 * the door; tokens [B, S, C] are then a reshape of feature maps.
 */
#ifndef UM_TENSOR_TENSOR_H
#define UM_TENSOR_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define UM_MAX_RANK 6

/* bf16 will join. */
typedef enum um_dtype { UM_F32, UM_I32 } um_dtype;

typedef struct um_shape {
    int rank; /* 0: a scalar */
    int64_t dim[UM_MAX_RANK];
} um_shape;

/** UM_SHAPE(2, 3): a shape of rank 2. */
#define UM_SHAPE(...)                                                                              \
    ((um_shape){(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), {__VA_ARGS__}})
#define UM_SCALAR ((um_shape){0, {0}})

/** A view: the data belongs to a graph, a parameter or the caller. */
typedef struct um_tensor {
    um_dtype dtype;
    um_shape shape;
    void *data; /* UM_ALIGN-aligned, in the memory of one backend */
} um_tensor;

/** Number of elements; 1 for a scalar. */
int64_t um_shape_count(const um_shape *s);
bool um_shape_equal(const um_shape *a, const um_shape *b);

/** Last dimension, and the number of rows of that length. Rank >= 1. */
int64_t um_shape_last(const um_shape *s);
int64_t um_shape_rows(const um_shape *s);

size_t um_dtype_size(um_dtype t);
size_t um_tensor_bytes(const um_tensor *t);

/** Text such as "[2, 3]" in a buffer of the caller's. */
#define UM_SHAPE_TEXT 96
const char *um_shape_text(char text[UM_SHAPE_TEXT], const um_shape *s);

static inline float *um_f32(const um_tensor *t)
{
    return t->data;
}

static inline int32_t *um_i32(const um_tensor *t)
{
    return t->data;
}

#endif
