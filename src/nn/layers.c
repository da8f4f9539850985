#include "nn/layers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

#define BN_EPS 1e-5f
#define NAME_SIZE 192

static umcl_status fresh(um_nn *nn, um_param *p, int64_t fan_in, float fill)
{
    size_t n = (size_t)um_shape_count(&p->value.shape);
    um_rng rng = um_rng_new(nn->seed, p->name);
    double range = fan_in > 0 ? sqrt(6.0 / (double)fan_in) : 0;
    float *host;
    umcl_status st;

    UM_TRY(um_calloc(&host, n, sizeof *host));
    for (size_t i = 0; i < n; i++)
        host[i] = fan_in > 0 ? (float)um_rng_range(&rng, -range, range) : fill;
    st = um_param_set(nn->set, p, host);
    free(host);
    return st;
}

static um_node *use(um_nn *nn, const char *name, um_shape shape, bool buffer, int64_t fan_in,
                    float fill)
{
    char full[NAME_SIZE], have[UM_SHAPE_TEXT], want[UM_SHAPE_TEXT];
    umcl_status st = UMCL_OK;
    um_param *p;

    if (um_graph_status(nn->g) != UMCL_OK) return NULL;
    snprintf(full, sizeof full, "%s%s", nn->prefix, name);
    p = um_params_find(nn->set, full);
    if (!p) {
        st = um_params_add(nn->set, &p, full, shape, buffer);
        if (st == UMCL_OK) st = fresh(nn, p, fan_in, fill);
        if (st != UMCL_OK) return um_graph_fault(nn->g, st, "%s", umcl_last_error());
    }
    if (!um_shape_equal(&p->value.shape, &shape))
        return um_graph_fault(nn->g, UMCL_ERR_SHAPE, "%s: expected %s, the set has %s", full,
                              um_shape_text(want, &shape), um_shape_text(have, &p->value.shape));
    return um_use(nn->g, p);
}

um_node *um_nn_param(um_nn *nn, const char *name, um_shape shape, int64_t fan_in, float fill)
{
    return use(nn, name, shape, false, fan_in, fill);
}

um_node *um_nn_buffer(um_nn *nn, const char *name, um_shape shape, float fill)
{
    return use(nn, name, shape, true, 0, fill);
}

static const char *part(char text[NAME_SIZE], const char *name, const char *last)
{
    snprintf(text, NAME_SIZE, "%s.%s", name, last);
    return text;
}

/* Last dimension of a node that may be missing after a fault. */
static int64_t channels(const um_node *x)
{
    const um_shape *s = um_node_shape(x);

    return s->rank ? um_shape_last(s) : 1;
}

um_node *um_nn_linear(um_nn *nn, const char *name, um_node *x, int out, bool bias)
{
    char text[NAME_SIZE];
    int64_t in = channels(x);
    um_node *w = um_nn_param(nn, part(text, name, "weight"), UM_SHAPE(out, in), in, 0);
    um_node *b = bias ? um_nn_param(nn, part(text, name, "bias"), UM_SHAPE(out), 0, 0) : NULL;

    return um_linear(nn->g, x, w, b);
}

um_node *um_nn_conv(um_nn *nn, const char *name, um_node *x, int out, const int kernel[3],
                    const um_conv_attr *attr, bool bias)
{
    char text[NAME_SIZE];
    int64_t in = channels(x) / attr->groups, taps = (int64_t)kernel[0] * kernel[1] * kernel[2];
    um_node *w = um_nn_param(nn, part(text, name, "weight"),
                             UM_SHAPE(out, in, kernel[0], kernel[1], kernel[2]), in * taps, 0);
    um_node *b = bias ? um_nn_param(nn, part(text, name, "bias"), UM_SHAPE(out), 0, 0) : NULL;

    return um_conv(nn->g, x, w, b, attr);
}

/* gamma, beta, mean, var */
static void bn_nodes(um_nn *nn, const char *name, int64_t c, um_node *out[4])
{
    char text[NAME_SIZE];

    out[0] = um_nn_param(nn, part(text, name, "weight"), UM_SHAPE(c), 0, 1);
    out[1] = um_nn_param(nn, part(text, name, "bias"), UM_SHAPE(c), 0, 0);
    out[2] = um_nn_buffer(nn, part(text, name, "running_mean"), UM_SHAPE(c), 0);
    out[3] = um_nn_buffer(nn, part(text, name, "running_var"), UM_SHAPE(c), 1);
}

um_node *um_nn_batchnorm(um_nn *nn, const char *name, um_node *x, bool relu)
{
    const um_norm_attr attr = {
        .eps = BN_EPS, .momentum = 0.1f, .use_running = nn->frozen_norms, .relu = relu};
    um_node *p[4];

    bn_nodes(nn, name, channels(x), p);
    return um_batchnorm(nn->g, x, p[0], p[1], p[2], p[3], &attr);
}

void um_nn_fold_bn(um_nn *nn, const char *bn, um_node **w, um_node **b)
{
    const um_shape *s = um_node_shape(*w);
    int64_t out = s->rank ? s->dim[0] : 1;
    um_node *p[4], *gain, *shift;
    um_graph *g = nn->g;

    bn_nodes(nn, bn, out, p);
    gain = um_div(g, p[0], um_unary_op(g, UM_SQRT, um_affine(g, p[3], 1, BN_EPS)));
    shift = *b ? um_sub(g, *b, p[2]) : um_affine(g, p[2], -1, 0);
    *b = um_add(g, um_mul(g, shift, gain), p[1]);
    *w = um_mul(g, *w, um_reshape(g, gain, UM_SHAPE(out, 1, 1, 1, 1)));
}

um_node *um_nn_conv_bn(um_nn *nn, const char *bn, um_node *x, um_node *w, um_node *b,
                       const um_conv_attr *attr, bool relu)
{
    um_conv_attr a = *attr;

    if (um_graph_mode(nn->g) == UM_TRAIN)
        return um_nn_batchnorm(nn, bn, um_conv(nn->g, x, w, b, attr), relu);
    um_nn_fold_bn(nn, bn, &w, &b);
    a.relu = relu;
    return um_conv(nn->g, x, w, b, &a);
}

um_node *um_nn_layernorm(um_nn *nn, const char *name, um_node *x, float eps)
{
    char text[NAME_SIZE];
    int64_t c = channels(x);
    um_node *gamma = um_nn_param(nn, part(text, name, "weight"), UM_SHAPE(c), 0, 1);
    um_node *beta = um_nn_param(nn, part(text, name, "bias"), UM_SHAPE(c), 0, 0);

    return um_layernorm(nn->g, x, gamma, beta, eps);
}

um_node *um_nn_prelu(um_nn *nn, const char *name, um_node *x)
{
    char text[NAME_SIZE];

    return um_prelu(nn->g, x,
                    um_nn_param(nn, part(text, name, "weight"), UM_SHAPE(channels(x)), 0, 0.25f));
}
