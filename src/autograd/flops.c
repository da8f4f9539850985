#include "autograd/flops.h"

#include "autograd/graph_internal.h"

const char *um_flops_name(um_flops_kind kind)
{
    static const char *const names[UM_N_FLOPS] = {"convolutions", "linear_layers",
                                                  "matrix_products", "recurrent_layers"};

    return names[kind];
}

/* Multiply-adds of one value of the result: a kernel [O, C / groups, kT, kH, kW]. */
static double kernel_size(const um_shape *w)
{
    return (double)um_shape_count(w) / (double)w->dim[0];
}

/* Every step and direction: three gates of the input and three of the state. */
static double gru(const um_call *c)
{
    const um_shape *x = &c->in[0].shape;
    double h = c->attr.gru.hidden;

    return (double)(x->dim[0] * x->dim[1]) * 2 * 3 * h * ((double)x->dim[2] + h);
}

static void add_product(um_flops *sum, const um_call *c)
{
    const um_shape *a = &c->in[0].shape, *b = &c->in[1].shape;
    double out = (double)um_shape_count(&c->out.shape);

    switch (c->op) {
    case UM_OP_CONV: sum->of[UM_FLOPS_CONVOLUTION] += 2 * out * kernel_size(b); break;
    /* Its maximum over 2 x 2 places comes after the convolution of all of them. */
    case UM_OP_STEM: sum->of[UM_FLOPS_CONVOLUTION] += 2 * 4 * out * kernel_size(b); break;
    case UM_OP_LINEAR: sum->of[UM_FLOPS_LINEAR] += 2 * out * (double)b->dim[1]; break;
    case UM_OP_MATMUL:
        sum->of[UM_FLOPS_MATMUL] +=
            2 * out * (double)a->dim[c->attr.matmul.ta ? a->rank - 2 : a->rank - 1];
        break;
    case UM_OP_GRU: sum->of[UM_FLOPS_RECURRENT] += 2 * gru(c); break;
    default: break;
    }
}

void um_graph_flops(um_flops *sum, const um_graph *g)
{
    for (size_t i = 0; i < g->count; i++) {
        const um_node *n = g->nodes[i];

        if (n->kind == UM_NODE_OP && !(n->is_static && g->mode == UM_INFER))
            add_product(sum, &n->call);
    }
}

double um_flops_all(const um_flops *f)
{
    double sum = 0;

    for (int k = 0; k < UM_N_FLOPS; k++) sum += f->of[k];
    return sum;
}
