#include "model/prompt_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/model_file.h"
#include "nn/init.h"
#include "text/tokenizer.h"

#define WIDTH UM_CLIP_WIDTH
#define TENSOR "prompts"
#define META_ENCODER "text_encoder"

/* The sets that have rows, and whether each has them for both classes. */
static const struct {
    um_prompt_set set;
    bool classes;
} sets[] = {{UM_PROMPTS_SIMPLE, true},
            {UM_PROMPTS_DESCRIPTION, true},
            {UM_PROMPTS_UNRELATED, false},
            {UM_PROMPTS_INVALID, false},
            {UM_PROMPTS_NEUTRAL, false}};
enum { N_SETS = sizeof sets / sizeof *sets };

/* Row of prompt `i`; the number of all rows for a set that is not there. */
static size_t row_of(um_prompt_set set, bool fake, size_t i)
{
    size_t at = 0;

    for (int s = 0; s < N_SETS; s++) {
        size_t n = um_prompt_count(sets[s].set);

        if (sets[s].set == set) return at + (sets[s].classes && fake ? n : 0) + i;
        at += sets[s].classes ? 2 * n : n;
    }
    return at;
}

static size_t row_count(void)
{
    return row_of(UM_PROMPTS_OPPOSITE, false, 0);
}

const float *um_prompt_embedding(const um_prompt_table *t, um_prompt_set set, bool fake, size_t i)
{
    if (set == UM_PROMPTS_OPPOSITE) {
        set = UM_PROMPTS_DESCRIPTION;
        fake = !fake;
    }
    return t->embedding + row_of(set, fake, i) * WIDTH;
}

static umcl_status new_table(um_prompt_table *out, const char *encoder)
{
    *out = (um_prompt_table){.n = row_count()};
    snprintf(out->encoder, sizeof out->encoder, "%s", encoder);
    return um_calloc(&out->embedding, out->n * WIDTH, sizeof(float));
}

void um_prompt_table_clear(um_prompt_table *t)
{
    free(t->embedding);
    *t = (um_prompt_table){0};
}

umcl_status um_prompt_table_random(um_prompt_table *out, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "prompts");

    UM_TRY(new_table(out, "random"));
    for (size_t i = 0; i < out->n * WIDTH; i++) out->embedding[i] = (float)um_rng_normal(&rng);
    return UMCL_OK;
}

/* The transformer on one text at a time. */
typedef struct text_encoder {
    um_tokenizer *tokenizer;
    um_params *params;
    um_graph *graph;
    um_clip_text_in in;
    um_node *out;
} text_encoder;

static umcl_status open_encoder(text_encoder *e, const char *weights, const char *vocab,
                                char name[96])
{
    um_nn nn = {.prefix = ""};
    um_st_file *file = NULL;
    umcl_status st;

    UM_CHECK(um_tokenizer_open(&e->tokenizer, vocab));
    UM_CHECK(um_params_new(&e->params, um_backend_cpu()));
    UM_CHECK(um_graph_new(&e->graph, um_params_backend(e->params), UM_INFER));
    nn.g = e->graph;
    nn.set = e->params;
    e->out = um_clip_text(&e->in, &nn, 1);
    um_output(e->graph, e->out);
    UM_CHECK(um_graph_compile(e->graph));
    if (weights) {
        const char *hash;

        UM_CHECK(um_weights_open(&file, weights, "clip-text"));
        UM_CHECK(um_params_load(e->params, file, ""));
        hash = um_st_meta(file, UM_META_HASH);
        snprintf(name, 96, "clip%s%s", hash ? " " : "", hash ? hash : "");
    } else {
        UM_CHECK(um_init_formula(e->params, "a", "clip."));
        snprintf(name, 96, "builtin");
    }
done:
    um_st_free(file);
    return st;
}

static void close_encoder(text_encoder *e)
{
    um_tokenizer_free(e->tokenizer);
    um_graph_free(e->graph);
    um_params_free(e->params);
}

static umcl_status embed(text_encoder *e, const char *text, float *to)
{
    int64_t tokens[UM_TEXT_CONTEXT];

    UM_TRY(um_tokenize(e->tokenizer, text, tokens, NULL));
    UM_TRY(um_clip_text_write(e->graph, &e->in, tokens));
    UM_TRY(um_graph_forward(e->graph));
    return um_read(e->graph, e->out, to);
}

umcl_status um_prompt_table_make(um_prompt_table *out, const char *weights, const char *vocab)
{
    text_encoder e = {0};
    umcl_status st;

    *out = (um_prompt_table){0};
    if (!weights != !vocab)
        return um_fail(UMCL_ERR_INVALID,
                       "text encoder: expected weights and vocabulary together, found one of them");
    UM_CHECK(new_table(out, ""));
    UM_CHECK(open_encoder(&e, weights, vocab, out->encoder));
    for (int s = 0; s < N_SETS; s++)
        for (int fake = 0; fake <= sets[s].classes; fake++)
            for (size_t i = 0; i < um_prompt_count(sets[s].set); i++)
                UM_CHECK(embed(&e, um_prompt(sets[s].set, fake, i),
                               out->embedding + row_of(sets[s].set, fake, i) * WIDTH));
done:
    if (st != UMCL_OK) um_prompt_table_clear(out);
    close_encoder(&e);
    return st;
}

umcl_status um_prompt_table_save(const um_prompt_table *t, um_st_writer *w)
{
    const int64_t dim[2] = {(int64_t)t->n, WIDTH};

    UM_TRY(um_st_writer_meta(w, META_ENCODER, t->encoder));
    return um_st_writer_add(w, TENSOR, UM_ST_F32, 2, dim, t->embedding);
}

umcl_status um_prompt_table_load(um_prompt_table *out, const um_st_file *file, const char *path)
{
    const um_st_tensor *t = um_st_find(file, TENSOR);
    const char *encoder = um_st_meta(file, META_ENCODER);
    umcl_status st;

    *out = (um_prompt_table){0};
    if (!t || !encoder)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected the prompts' embeddings, found none", path);
    if (t->rank != 2 || t->dim[0] != (int64_t)row_count() || t->dim[1] != WIDTH)
        return um_fail(UMCL_ERR_SHAPE, "%s: expected %zu embeddings of %d values, found others",
                       path, row_count(), WIDTH);
    UM_CHECK(new_table(out, encoder));
    UM_CHECK(um_st_to_f32(out->embedding, t));
done:
    if (st != UMCL_OK) um_prompt_table_clear(out);
    return st;
}
