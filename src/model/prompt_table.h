/*
 * The prompts' embeddings, computed once and stored in the model file: the text transformer is not
 * needed to train or to detect. Rows are numbered over all sets in the order of um_prompt_set and,
 * within SIMPLE and DESCRIPTION, real before fake.
 */
#ifndef UM_MODEL_PROMPT_TABLE_H
#define UM_MODEL_PROMPT_TABLE_H

#include "base/safetensors.h"
#include "model/clip_text.h"
#include "text/prompts.h"

typedef struct um_prompt_table {
    char encoder[96]; /* "builtin", or "clip <sha256 of its weights>" */
    size_t n;
    float *embedding; /* [n, 512] */
} um_prompt_table;

/**
 * Embeds every prompt.
 *
 * @param weights CLIP's text weights (umcl import clip-text); NULL: the builtin encoder, the same
 *                network with weights by formula
 * @param vocab   the public vocabulary; given with `weights`, NULL without
 * @return as um_weights_open and um_tokenizer_open
 */
umcl_status um_prompt_table_make(um_prompt_table *out, const char *weights, const char *vocab);
void um_prompt_table_clear(um_prompt_table *t);

/** A table of the right size whose rows are random: for tests of what reads it. */
umcl_status um_prompt_table_random(um_prompt_table *out, uint64_t seed);

/** Row of prompt `i` of a set; OPPOSITE is the other class's DESCRIPTION. */
const float *um_prompt_embedding(const um_prompt_table *t, um_prompt_set set, bool fake, size_t i);

/** Stored as tensor "prompts" with its encoder's name as metadata; borrowed until written. */
umcl_status um_prompt_table_save(const um_prompt_table *t, um_st_writer *w);

/** UMCL_ERR_FORMAT, UMCL_ERR_SHAPE (not this program's prompts). */
umcl_status um_prompt_table_load(um_prompt_table *out, const um_st_file *file, const char *path);

#endif
