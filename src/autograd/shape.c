/* Shape rules: one per operator, from attributes and inputs to the output. */
#include <string.h>

#include "autograd/graph_internal.h"

#define X(id, stem, lo, hi, reads) [UM_OP_##id] = {#stem, lo, hi, reads, um_shape_##stem},
static const um_op_info op_info[] = {UM_OPS(X)};
#undef X
_Static_assert(sizeof op_info / sizeof op_info[0] == UM_OP_COUNT, "an operator lacks its row");

const um_op_info *um_op_get_info(um_op op)
{
    return &op_info[op];
}

static umcl_status misfit(const char *op, const char *expected, const um_tensor *found)
{
    char text[UM_SHAPE_TEXT];

    return um_fail(UMCL_ERR_SHAPE, "%s: expected %s, found %s", op, expected,
                   um_shape_text(text, &found->shape));
}

static umcl_status misfit2(const char *op, const char *expected, const um_tensor *a,
                           const um_tensor *b)
{
    char ta[UM_SHAPE_TEXT], tb[UM_SHAPE_TEXT];

    return um_fail(UMCL_ERR_SHAPE, "%s: expected %s, found %s and %s", op, expected,
                   um_shape_text(ta, &a->shape), um_shape_text(tb, &b->shape));
}

static umcl_status same(const um_tensor *in, um_tensor *out)
{
    *out = *in;
    return UMCL_OK;
}

/* The parameter `p` must hold one value per element of x's last dimension. */
static umcl_status per_channel(const char *op, const um_tensor *x, const um_tensor *p)
{
    if (x->shape.rank >= 1 && p->shape.rank == 1 && p->shape.dim[0] == um_shape_last(&x->shape))
        return UMCL_OK;
    return misfit2(op, "x [.., C] and a parameter [C]", x, p);
}

umcl_status um_shape_unary(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr, (void)n_in;
    return same(in, out);
}

umcl_status um_shape_affine(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr, (void)n_in;
    return same(in, out);
}

umcl_status um_shape_binary(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *a = &in[0].shape, *b = &in[1].shape;
    int rank = a->rank > b->rank ? a->rank : b->rank;

    (void)attr, (void)n_in;
    out->dtype = UM_F32;
    out->shape.rank = rank;
    for (int i = 0; i < rank; i++) {
        int ia = i - (rank - a->rank), ib = i - (rank - b->rank);
        int64_t da = ia >= 0 ? a->dim[ia] : 1, db = ib >= 0 ? b->dim[ib] : 1;
        if (da != db && da != 1 && db != 1)
            return misfit2("binary", "shapes that stretch onto each other", &in[0], &in[1]);
        out->shape.dim[i] = da == 1 ? db : da;
    }
    return UMCL_OK;
}

umcl_status um_shape_prelu(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr, (void)n_in;
    UM_TRY(per_channel("prelu", &in[0], &in[1]));
    return same(in, out);
}

umcl_status um_shape_reduce(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *s = &in[0].shape;

    (void)n_in;
    if (!attr->reduce.axes || attr->reduce.axes >> s->rank)
        return misfit("reduce", "axes of the input", in);
    out->dtype = UM_F32;
    out->shape.rank = 0;
    for (int i = 0; i < s->rank; i++) {
        if (!(attr->reduce.axes >> i & 1))
            out->shape.dim[out->shape.rank++] = s->dim[i];
        else if (attr->reduce.keep)
            out->shape.dim[out->shape.rank++] = 1;
    }
    return UMCL_OK;
}

umcl_status um_shape_reshape(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    int64_t count = um_shape_count(&in->shape), known = 1;
    int free_dim = -1;

    (void)n_in;
    *out = (um_tensor){in->dtype, attr->reshape, NULL};
    for (int i = 0; i < out->shape.rank; i++) {
        if (out->shape.dim[i] == -1 && free_dim < 0)
            free_dim = i;
        else
            known *= out->shape.dim[i];
    }
    if (free_dim >= 0 && known > 0) out->shape.dim[free_dim] = count / known;
    if (known < 1 || um_shape_count(&out->shape) != count)
        return misfit2("reshape", "the same number of elements", in, out);
    return UMCL_OK;
}

umcl_status um_shape_transpose(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    unsigned seen = 0;

    (void)n_in;
    *out = *in;
    for (int i = 0; i < in->shape.rank; i++) {
        int from = attr->transpose.perm[i];
        if (from < 0 || from >= in->shape.rank || (seen >> from & 1))
            return misfit("transpose", "a permutation of the dimensions", in);
        seen |= 1u << from;
        out->shape.dim[i] = in->shape.dim[from];
    }
    return UMCL_OK;
}

umcl_status um_shape_slice(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    int axis = attr->slice.axis;

    (void)n_in;
    *out = *in;
    if (axis < 0 || axis >= in->shape.rank || attr->slice.start < 0 || attr->slice.length < 1 ||
        attr->slice.start > in->shape.dim[axis] - attr->slice.length) {
        char text[UM_SHAPE_TEXT];
        return um_fail(UMCL_ERR_SHAPE, "slice: %lld elements from %lld on axis %d are not in %s",
                       (long long)attr->slice.length, (long long)attr->slice.start, axis,
                       um_shape_text(text, &in->shape));
    }
    out->shape.dim[axis] = attr->slice.length;
    return UMCL_OK;
}

umcl_status um_shape_concat(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    int axis = attr->concat.axis;

    *out = in[0];
    if (axis < 0 || axis >= in[0].shape.rank) return misfit("concat", "an axis of the input", in);
    for (int k = 1; k < n_in; k++) {
        um_shape s = in[k].shape;
        if (s.rank == in[0].shape.rank) s.dim[axis] = in[0].shape.dim[axis];
        if (!um_shape_equal(&s, &in[0].shape) || in[k].dtype != in[0].dtype)
            return misfit2("concat", "equal shapes but for the axis", &in[0], &in[k]);
        out->shape.dim[axis] += in[k].shape.dim[axis];
    }
    return UMCL_OK;
}

umcl_status um_shape_matmul(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *a = &in[0].shape, *b = &in[1].shape;
    int r = a->rank;
    bool fits = r >= 2 && b->rank == r;

    (void)n_in;
    for (int i = 0; fits && i < r - 2; i++) fits = a->dim[i] == b->dim[i];
    if (fits)
        fits = a->dim[attr->matmul.ta ? r - 2 : r - 1] == b->dim[attr->matmul.tb ? r - 1 : r - 2];
    if (!fits) return misfit2("matmul", "[.., M, K] and [.., K, N]", &in[0], &in[1]);
    *out = in[0];
    out->shape.dim[r - 2] = a->dim[attr->matmul.ta ? r - 1 : r - 2];
    out->shape.dim[r - 1] = b->dim[attr->matmul.tb ? r - 2 : r - 1];
    return UMCL_OK;
}

umcl_status um_shape_linear(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *x = &in[0].shape, *w = &in[1].shape;

    (void)attr;
    if (x->rank < 1 || w->rank != 2 || um_shape_last(x) != w->dim[1])
        return misfit2("linear", "x [.., I] and w [O, I]", &in[0], &in[1]);
    *out = in[0];
    out->shape.dim[x->rank - 1] = w->dim[0];
    return n_in == 3 ? per_channel("linear", out, &in[2]) : UMCL_OK;
}

umcl_status um_shape_conv(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *x = &in[0].shape, *w = &in[1].shape;
    const um_conv_attr *c = &attr->conv;

    if (x->rank != 5 || w->rank != 5 || c->groups < 1 || x->dim[4] != w->dim[1] * c->groups ||
        w->dim[0] % c->groups)
        return misfit2("conv", "x [B, T, H, W, C] and w [O, C / groups, kT, kH, kW]", &in[0],
                       &in[1]);
    *out = in[0];
    out->shape.dim[4] = w->dim[0];
    for (int i = 0; i < 3; i++) {
        int64_t room = x->dim[1 + i] + 2 * c->pad[i] - w->dim[2 + i];
        if (c->stride[i] < 1 || c->pad[i] < 0 || room < 0)
            return misfit2("conv", "a kernel no larger than the padded input", &in[0], &in[1]);
        out->shape.dim[1 + i] = room / c->stride[i] + 1;
    }
    return n_in == 3 ? per_channel("conv", out, &in[2]) : UMCL_OK;
}

umcl_status um_shape_cdc_fold(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *w = &in[0].shape;

    (void)attr, (void)n_in;
    if (w->rank != 5 || w->dim[2] != 3 || w->dim[3] != 3 || w->dim[4] != 3)
        return misfit("cdc_fold", "w [O, C, 3, 3, 3]", in);
    return same(in, out);
}

umcl_status um_shape_stem(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_shape *x = &in[0].shape, *w = &in[1].shape;
    bool fits = x->rank == 5 && w->rank == 5 && x->dim[4] == w->dim[1];

    (void)attr, (void)n_in;
    for (int i = 2; fits && i < 5; i++) fits = w->dim[i] % 2 == 1;
    if (!fits || x->dim[2] % 2 || x->dim[3] % 2)
        return misfit2("stem", "x [B, T, H, W, C] with even H, W and w [O, C, odd, odd, odd]",
                       &in[0], &in[1]);
    *out = in[0];
    out->shape.dim[2] /= 2;
    out->shape.dim[3] /= 2;
    out->shape.dim[4] = w->dim[0];
    return per_channel("stem", out, &in[2]);
}

umcl_status um_shape_batchnorm(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr;
    for (int k = 1; k < n_in; k++) UM_TRY(per_channel("batchnorm", &in[0], &in[k]));
    return same(in, out);
}

umcl_status um_shape_layernorm(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr;
    for (int k = 1; k < n_in; k++) UM_TRY(per_channel("layernorm", &in[0], &in[k]));
    return same(in, out);
}

umcl_status um_shape_maxpool(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    const um_pool_attr *p = &attr->pool;

    (void)n_in;
    *out = *in;
    if (in->shape.rank != 5) return misfit("maxpool", "x [B, T, H, W, C]", in);
    for (int i = 0; i < 3; i++) {
        int64_t size = in->shape.dim[1 + i], room = size + 2 * p->pad[i] - p->kernel[i], n;
        if (p->kernel[i] < 1 || p->stride[i] < 1 || p->pad[i] < 0 || 2 * p->pad[i] > p->kernel[i] ||
            (room < 0 && !p->ceil))
            return misfit("maxpool", "a window no larger than the padded input", in);
        n = room < 0 ? 1 : (room + (p->ceil ? p->stride[i] - 1 : 0)) / p->stride[i] + 1;
        /* A window must start inside the input or its left padding (as PyTorch has it). */
        if (p->ceil && (n - 1) * p->stride[i] >= size + p->pad[i]) n--;
        out->shape.dim[1 + i] = n;
    }
    return UMCL_OK;
}

umcl_status um_shape_upsample(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    int axis = attr->upsample.axis;

    (void)n_in;
    *out = *in;
    if (axis < 0 || axis >= in->shape.rank || attr->upsample.factor < 1)
        return misfit("upsample", "an axis of the input and a factor of at least 1", in);
    out->shape.dim[axis] *= attr->upsample.factor;
    return UMCL_OK;
}

umcl_status um_shape_softmax(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr, (void)n_in;
    if (in->shape.rank < 1) return misfit("softmax", "x [.., C]", in);
    return same(in, out);
}

umcl_status um_shape_log_softmax(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    return um_shape_softmax(attr, n_in, in, out);
}

umcl_status um_shape_dropout(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)n_in;
    if (attr->dropout.group < 1 || in->shape.rank < 1 ||
        um_shape_last(&in->shape) % attr->dropout.group)
        return misfit("dropout", "a last dimension divisible by the group", in);
    if (!(attr->dropout.rate >= 0 && attr->dropout.rate < 1))
        return um_fail(UMCL_ERR_INVALID, "dropout: expected a rate in [0, 1), found %g",
                       (double)attr->dropout.rate);
    return same(in, out);
}

umcl_status um_shape_gru(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    int64_t h = attr->gru.hidden, batch, width;
    bool fits = in[0].shape.rank == 3;

    (void)n_in;
    batch = in[0].shape.dim[0];
    width = in[0].shape.dim[2];
    if (fits) {
        const um_shape want[] = {UM_SHAPE(2, 3 * h, width), UM_SHAPE(2, 3 * h, h),
                                 UM_SHAPE(2, 3 * h), UM_SHAPE(2, 3 * h)};
        for (int k = 0; k < 4; k++) fits = fits && um_shape_equal(&want[k], &in[1 + k].shape);
    }
    if (!fits)
        return misfit2("gru", "x [B, T, I], w_ih [2, 3H, I], w_hh [2, 3H, H], biases [2, 3H]",
                       &in[0], &in[1]);
    if (in[5].shape.rank != 3 || in[5].shape.dim[0] != 2 || in[5].shape.dim[2] != h ||
        (in[5].shape.dim[1] != 1 && in[5].shape.dim[1] != batch))
        return misfit2("gru", "h0 [2, 1 or B, H]", &in[0], &in[5]);
    *out = in[0];
    out->shape.dim[2] = 2 * h;
    return UMCL_OK;
}

umcl_status um_shape_embedding(const um_attr *attr, int n_in, const um_tensor *in, um_tensor *out)
{
    (void)attr, (void)n_in;
    if (in[0].dtype != UM_I32 || in[1].shape.rank != 2 || in[0].shape.rank >= UM_MAX_RANK)
        return misfit2("embedding", "integer ids [..] and a table [V, C]", &in[0], &in[1]);
    out->dtype = UM_F32;
    out->shape = in[0].shape;
    out->shape.dim[out->shape.rank++] = in[1].shape.dim[1];
    return UMCL_OK;
}
