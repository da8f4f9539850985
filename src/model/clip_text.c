#include "model/clip_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "nn/sequence.h"

enum { LAYERS = 12, HEADS = 8, WIDTH = UM_CLIP_WIDTH, CONTEXT = UM_CLIP_CONTEXT };
#define LN_EPS 1e-5f

static const char *sub(char text[96], const char *name, const char *part)
{
    snprintf(text, 96, "%s.%s", name, part);
    return text;
}

/* 0 where row i may look at column j <= i, far below every score elsewhere. */
static um_node *causal_mask(um_graph *g)
{
    float *mask;
    um_node *node = NULL;

    if (um_calloc(&mask, (size_t)CONTEXT * CONTEXT, sizeof *mask) != UMCL_OK)
        return um_graph_fault(g, UMCL_ERR_NOMEM, "clip-text: no memory for the mask");
    for (int i = 0; i < CONTEXT; i++)
        for (int j = i + 1; j < CONTEXT; j++) mask[i * CONTEXT + j] = -1e30f;
    node = um_constant(g, UM_SHAPE(CONTEXT, CONTEXT), mask);
    free(mask);
    return node;
}

/* PyTorch's MultiheadAttention: one projection to q, k and v. */
static um_node *attention(um_nn *nn, const char *name, um_node *x, um_node *mask)
{
    char text[96];
    um_node *w = um_nn_param(nn, sub(text, name, "attn.in_proj_weight"), UM_SHAPE(3 * WIDTH, WIDTH),
                             WIDTH, 0);
    um_node *b = um_nn_param(nn, sub(text, name, "attn.in_proj_bias"), UM_SHAPE(3 * WIDTH), 0, 0);
    um_node *qkv = um_linear(nn->g, x, w, b), *part[3];

    for (int i = 0; i < 3; i++) part[i] = um_slice(nn->g, qkv, 2, (int64_t)i * WIDTH, WIDTH);
    x = um_nn_attention(nn->g, part[0], part[1], part[2], HEADS, 0.125f, mask, 0);
    return um_nn_linear(nn, sub(text, name, "attn.out_proj"), x, WIDTH, true);
}

static um_node *mlp(um_nn *nn, const char *name, um_node *x)
{
    char text[96];

    x = um_nn_linear(nn, sub(text, name, "mlp.c_fc"), x, 4 * WIDTH, true);
    x = um_unary_op(nn->g, UM_QUICK_GELU, x);
    return um_nn_linear(nn, sub(text, name, "mlp.c_proj"), x, WIDTH, true);
}

/* y = x + attention(LN(x)); z = y + mlp(LN(y)) */
static um_node *block(um_nn *nn, const char *name, um_node *x, um_node *mask)
{
    char text[96];
    um_node *h = um_nn_layernorm(nn, sub(text, name, "ln_1"), x, LN_EPS);

    x = um_add(nn->g, x, attention(nn, name, h, mask));
    h = um_nn_layernorm(nn, sub(text, name, "ln_2"), x, LN_EPS);
    return um_add(nn->g, x, mlp(nn, name, h));
}

um_node *um_clip_text(um_clip_text_in *in, um_nn *nn, int64_t batch)
{
    um_graph *g = nn->g;
    um_node *table =
        um_nn_param(nn, "token_embedding.weight", UM_SHAPE(UM_CLIP_VOCABULARY, WIDTH), WIDTH, 0);
    um_node *place = um_nn_param(nn, "positional_embedding", UM_SHAPE(CONTEXT, WIDTH), WIDTH, 0);
    um_node *mask = causal_mask(g), *x, *projection;

    in->tokens = um_input(g, "tokens", UM_I32, UM_SHAPE(batch, CONTEXT));
    in->ends = um_input(g, "ends", UM_I32, UM_SHAPE(batch));
    x = um_add(g, um_embedding(g, in->tokens, table), place);
    for (int i = 0; i < LAYERS; i++) {
        char name[64];

        snprintf(name, sizeof name, "transformer.resblocks.%d", i);
        x = block(nn, name, x, mask);
    }
    /* Only the row at each text's end is read: a table lookup picks it. */
    x = um_embedding(g, in->ends, um_reshape(g, x, UM_SHAPE(batch * CONTEXT, WIDTH)));
    x = um_nn_layernorm(nn, "ln_final", x, LN_EPS);
    projection = um_nn_param(nn, "text_projection", UM_SHAPE(WIDTH, UM_CLIP_WIDTH), WIDTH, 0);
    return um_matmul(g, x, projection, false, false, 1);
}

umcl_status um_clip_text_write(um_graph *g, const um_clip_text_in *in, const int64_t *tokens)
{
    int64_t batch = um_node_shape(in->ends)->dim[0];
    int32_t *ids = NULL, *ends = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&ids, (size_t)(batch * CONTEXT), sizeof *ids));
    UM_CHECK(um_calloc(&ends, (size_t)batch, sizeof *ends));
    for (int64_t b = 0; b < batch; b++) {
        int64_t best = 0;

        for (int64_t i = 0; i < CONTEXT; i++) {
            int64_t token = tokens[b * CONTEXT + i];

            if (token < 0 || token >= UM_CLIP_VOCABULARY) {
                st = um_fail(UMCL_ERR_INVALID, "clip-text: expected tokens below %d, found %lld",
                             UM_CLIP_VOCABULARY, (long long)token);
                goto done;
            }
            ids[b * CONTEXT + i] = (int32_t)token;
            if (token > tokens[b * CONTEXT + best]) best = i;
        }
        ends[b] = (int32_t)(b * CONTEXT + best);
    }
    UM_CHECK(um_write(g, in->tokens, ids));
    st = um_write(g, in->ends, ends);
done:
    free(ids);
    free(ends);
    return st;
}
