#include "autograd/ops.h"

#include <string.h>

static um_node *record1(um_graph *g, um_op op, const um_attr *attr, um_node *x)
{
    return um_record(g, op, attr, 1, &x);
}

um_node *um_unary_op(um_graph *g, um_unary kind, um_node *x)
{
    return record1(g, UM_OP_UNARY, &(um_attr){.unary = kind}, x);
}

um_node *um_relu(um_graph *g, um_node *x)
{
    return um_unary_op(g, UM_RELU, x);
}

um_node *um_elu(um_graph *g, um_node *x)
{
    return um_unary_op(g, UM_ELU, x);
}

um_node *um_sigmoid(um_graph *g, um_node *x)
{
    return um_unary_op(g, UM_SIGMOID, x);
}

um_node *um_tanh(um_graph *g, um_node *x)
{
    return um_unary_op(g, UM_TANH, x);
}

um_node *um_affine(um_graph *g, um_node *x, float scale, float shift)
{
    return record1(g, UM_OP_AFFINE, &(um_attr){.affine = {scale, shift}}, x);
}

um_node *um_binary_op(um_graph *g, um_binary kind, um_node *a, um_node *b)
{
    return um_record(g, UM_OP_BINARY, &(um_attr){.binary = kind}, 2, (um_node *[]){a, b});
}

um_node *um_add(um_graph *g, um_node *a, um_node *b)
{
    return um_binary_op(g, UM_ADD, a, b);
}

um_node *um_sub(um_graph *g, um_node *a, um_node *b)
{
    return um_binary_op(g, UM_SUB, a, b);
}

um_node *um_mul(um_graph *g, um_node *a, um_node *b)
{
    return um_binary_op(g, UM_MUL, a, b);
}

um_node *um_div(um_graph *g, um_node *a, um_node *b)
{
    return um_binary_op(g, UM_DIV, a, b);
}

um_node *um_prelu(um_graph *g, um_node *x, um_node *slope)
{
    return um_record(g, UM_OP_PRELU, NULL, 2, (um_node *[]){x, slope});
}

um_node *um_reduce(um_graph *g, um_reduction kind, um_node *x, unsigned axes, bool keep)
{
    return record1(g, UM_OP_REDUCE, &(um_attr){.reduce = {kind, axes, keep}}, x);
}

um_node *um_reshape(um_graph *g, um_node *x, um_shape shape)
{
    return record1(g, UM_OP_RESHAPE, &(um_attr){.reshape = shape}, x);
}

um_node *um_transpose(um_graph *g, um_node *x, const int *perm)
{
    um_attr attr = {0};
    int rank = um_node_shape(x)->rank;

    memcpy(attr.transpose.perm, perm, (size_t)rank * sizeof *perm);
    return record1(g, UM_OP_TRANSPOSE, &attr, x);
}

um_node *um_slice(um_graph *g, um_node *x, int axis, int64_t start, int64_t length)
{
    return record1(g, UM_OP_SLICE, &(um_attr){.slice = {axis, start, length}}, x);
}

um_node *um_concat(um_graph *g, int axis, int n, um_node *const *x)
{
    return um_record(g, UM_OP_CONCAT, &(um_attr){.concat = {axis}}, n, x);
}

um_node *um_matmul(um_graph *g, um_node *a, um_node *b, bool ta, bool tb, float alpha)
{
    return um_record(g, UM_OP_MATMUL, &(um_attr){.matmul = {ta, tb, alpha}}, 2,
                     (um_node *[]){a, b});
}

um_node *um_linear(um_graph *g, um_node *x, um_node *w, um_node *b)
{
    return um_record(g, UM_OP_LINEAR, NULL, b ? 3 : 2, (um_node *[]){x, w, b});
}

um_node *um_conv(um_graph *g, um_node *x, um_node *w, um_node *b, const um_conv_attr *attr)
{
    if (attr->relu && um_graph_mode(g) != UM_INFER)
        return um_graph_fault(g, UMCL_ERR_INTERNAL, "conv: relu is for inference graphs");
    return um_record(g, UM_OP_CONV, &(um_attr){.conv = *attr}, b ? 3 : 2, (um_node *[]){x, w, b});
}

um_node *um_cdc_fold(um_graph *g, um_node *w, float theta)
{
    return record1(g, UM_OP_CDC_FOLD, &(um_attr){.cdc_fold = {theta}}, w);
}

um_node *um_stem(um_graph *g, um_node *x, um_node *w, um_node *b)
{
    return um_record(g, UM_OP_STEM, NULL, 3, (um_node *[]){x, w, b});
}

um_node *um_batchnorm(um_graph *g, um_node *x, um_node *gamma, um_node *beta, um_node *mean,
                      um_node *var, const um_norm_attr *attr)
{
    um_attr a = {.norm = *attr};

    if (um_graph_mode(g) == UM_INFER) a.norm.use_running = true;
    return um_record(g, UM_OP_BATCHNORM, &a, 5, (um_node *[]){x, gamma, beta, mean, var});
}

um_node *um_layernorm(um_graph *g, um_node *x, um_node *gamma, um_node *beta, float eps)
{
    return um_record(g, UM_OP_LAYERNORM, &(um_attr){.norm = {.eps = eps}}, 3,
                     (um_node *[]){x, gamma, beta});
}

um_node *um_maxpool(um_graph *g, um_node *x, const um_pool_attr *attr)
{
    return record1(g, UM_OP_MAXPOOL, &(um_attr){.pool = *attr}, x);
}

um_node *um_upsample(um_graph *g, um_node *x, int axis, int factor)
{
    return record1(g, UM_OP_UPSAMPLE, &(um_attr){.upsample = {axis, factor}}, x);
}

um_node *um_softmax(um_graph *g, um_node *x)
{
    return record1(g, UM_OP_SOFTMAX, NULL, x);
}

um_node *um_log_softmax(um_graph *g, um_node *x)
{
    return record1(g, UM_OP_LOG_SOFTMAX, NULL, x);
}

um_node *um_dropout(um_graph *g, um_node *x, float rate, int group)
{
    if (um_graph_mode(g) == UM_INFER || rate == 0) return x;
    return record1(g, UM_OP_DROPOUT, &(um_attr){.dropout = {rate, group}}, x);
}

um_node *um_gru(um_graph *g, um_node *x, um_node *w_ih, um_node *w_hh, um_node *b_ih, um_node *b_hh,
                um_node *h0)
{
    const um_shape *s = um_node_shape(w_hh);
    int hidden = s->rank ? (int)um_shape_last(s) : 0;

    return um_record(g, UM_OP_GRU, &(um_attr){.gru = {hidden}}, 6,
                     (um_node *[]){x, w_ih, w_hh, b_ih, b_hh, h0});
}

um_node *um_embedding(um_graph *g, um_node *ids, um_node *table)
{
    return um_record(g, UM_OP_EMBEDDING, NULL, 2, (um_node *[]){ids, table});
}
