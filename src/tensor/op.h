/*
 * The operators: one row each. A row names the operator (its shape rule is um_shape_<stem>, its
 * kernel in a backend is um_<backend>_<stem>), how many inputs it takes and what its gradient
 * reads. Adding a row stops the build until every table has the operator.
 */
#ifndef UM_TENSOR_OP_H
#define UM_TENSOR_OP_H

#include "tensor/tensor.h"

#define UM_MAX_INPUTS 8

/* What an operator's gradient reads besides the gradient of its output. */
#define UM_READS_NONE 0
#define UM_READS_IN 1
#define UM_READS_OUT 2

/*    id         stem       min max inputs, gradient reads */
#define UM_OPS(X)                                                                                  \
    X(UNARY, unary, 1, 1, UM_READS_IN | UM_READS_OUT)                                              \
    X(AFFINE, affine, 1, 1, UM_READS_NONE)                                                         \
    X(BINARY, binary, 2, 2, UM_READS_IN)                                                           \
    X(PRELU, prelu, 2, 2, UM_READS_IN)                                                             \
    X(REDUCE, reduce, 1, 1, UM_READS_NONE)                                                         \
    X(RESHAPE, reshape, 1, 1, UM_READS_NONE)                                                       \
    X(TRANSPOSE, transpose, 1, 1, UM_READS_NONE)                                                   \
    X(SLICE, slice, 1, 1, UM_READS_NONE)                                                           \
    X(CONCAT, concat, 1, UM_MAX_INPUTS, UM_READS_NONE)                                             \
    X(MATMUL, matmul, 2, 2, UM_READS_IN)                                                           \
    X(LINEAR, linear, 2, 3, UM_READS_IN)                                                           \
    X(CONV, conv, 2, 3, UM_READS_IN)                                                               \
    X(CDC_FOLD, cdc_fold, 1, 1, UM_READS_NONE)                                                     \
    X(STEM, stem, 3, 3, UM_READS_NONE)                                                             \
    X(BATCHNORM, batchnorm, 5, 5, UM_READS_IN | UM_READS_OUT)                                      \
    X(LAYERNORM, layernorm, 3, 3, UM_READS_IN)                                                     \
    X(MAXPOOL, maxpool, 1, 1, UM_READS_NONE)                                                       \
    X(UPSAMPLE, upsample, 1, 1, UM_READS_NONE)                                                     \
    X(SOFTMAX, softmax, 1, 1, UM_READS_OUT)                                                        \
    X(LOG_SOFTMAX, log_softmax, 1, 1, UM_READS_OUT)                                                \
    X(DROPOUT, dropout, 1, 1, UM_READS_NONE)                                                       \
    X(GRU, gru, 6, 6, UM_READS_IN | UM_READS_OUT)                                                  \
    X(EMBEDDING, embedding, 2, 2, UM_READS_IN)

typedef enum um_op {
#define X(id, stem, lo, hi, reads) UM_OP_##id,
    UM_OPS(X)
#undef X
        UM_OP_COUNT
} um_op;

typedef enum um_unary {
    UM_RELU,
    UM_ELU,        /* x > 0 ? x : exp(x) - 1 */
    UM_QUICK_GELU, /* x * sigmoid(1.702 x) */
    UM_SIGMOID,
    UM_TANH,
    UM_EXP,
    UM_LOG,
    UM_SQRT,
    UM_SQUARE,
    UM_ABS,
    UM_SIN,
    UM_COS
} um_unary;

typedef enum um_binary { UM_ADD, UM_SUB, UM_MUL, UM_DIV } um_binary;
typedef enum um_reduction { UM_SUM, UM_MEAN } um_reduction;

/*
 * Spatial dimensions are always three: T, H, W. A picture uses T = 1 with kernel 1, stride 1 and
 * no padding there; a sequence uses H = W = 1.
 */
typedef struct um_conv_attr {
    int stride[3];
    int pad[3]; /* zeros on both sides */
    int groups; /* 1, or C for depthwise */
    bool relu;  /* max(0, .) on the result; inference graphs only */
} um_conv_attr;

typedef struct um_pool_attr {
    int kernel[3], stride[3], pad[3]; /* padding never wins the maximum */
    bool ceil;                        /* round the output size up (windows may hang over the end) */
} um_pool_attr;

typedef struct um_norm_attr {
    float eps;
    float momentum;   /* batch norm: running = (1 - momentum) * running + momentum * batch */
    bool use_running; /* batch norm: running statistics, not updated (evaluation, frozen) */
    bool relu;        /* batch norm: max(0, .) on the result */
} um_norm_attr;

/* Parameters of an operator; which member is alive follows from the operator. */
typedef union um_attr {
    um_unary unary;
    um_binary binary;
    struct {
        float scale, shift;
    } affine; /* scale * x + shift */
    struct {
        um_reduction kind;
        unsigned axes; /* bit i: dimension i goes; the result drops it unless keep */
        bool keep;
    } reduce;
    um_shape reshape;
    struct {
        int perm[UM_MAX_RANK]; /* output dimension i is input dimension perm[i] */
    } transpose;
    struct {
        int axis;
        int64_t start, length;
    } slice;
    struct {
        int axis;
    } concat;
    struct {
        bool ta, tb; /* the last two dimensions of a, b are exchanged */
        float alpha; /* factor on the product */
    } matmul;
    um_conv_attr conv;
    struct {
        float theta;
    } cdc_fold;
    um_norm_attr norm;
    um_pool_attr pool;
    struct {
        int axis, factor;
    } upsample; /* nearest */
    struct {
        float rate;
        int group; /* so many consecutive elements of the last dimension fall together */
    } dropout;
    struct {
        int hidden;
    } gru;
} um_attr;

#endif
