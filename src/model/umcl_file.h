/*
 * Model files of the kind "umcl": encoders behind "pulse.", "landmarks." and "texture.", the
 * head's parameters (model/fusion.h, model/fusion_cpml.h), the prompts' table, and as metadata the
 * modalities, how they are fused and how prompts are chosen.
 */
#ifndef UM_MODEL_UMCL_FILE_H
#define UM_MODEL_UMCL_FILE_H

#include "model/umcl_net.h"

#define UM_META_MODALITIES "modalities"
#define UM_META_FUSION "fusion" /* absent: umcl */
#define UM_META_POLICY "prompt_policy"
#define UM_META_PROMPTS "prompt_set"

/** Adds parameters, table and metadata; everything is borrowed until the writer writes. */
umcl_status um_umcl_save(um_st_writer *w, const um_params *params, const um_umcl_spec *spec);

/** A model that was read. */
typedef struct um_umcl_model {
    um_params *params;
    um_prompt_table table;
    um_umcl_spec spec; /* its table is this one's: a model stays where it was read */
    um_umcl_net *net;
} um_umcl_model;

/**
 * Reads what um_umcl_save wrote, from a file that was opened as a model file.
 *
 * @param policy  how prompts are chosen; NULL: as the file says, which must not be the oracle
 * @param prompts which stand for a class; NULL: as the file says
 * @return UMCL_ERR_FORMAT (metadata), UMCL_ERR_SHAPE, UMCL_ERR_NOT_FOUND (parameters)
 */
umcl_status um_umcl_load(um_umcl_model *out, const um_st_file *file, const char *path,
                         const um_prompt_policy *policy, const um_prompt_set *prompts);
void um_umcl_model_clear(um_umcl_model *m);

/**
 * Fills one encoder of `params` (which has its parameters already) from a file of its own kind
 * ("physformer", "lrnet", "texture") or from a whole model with that modality. The pulse's neck,
 * which PhysFormer lacks, stays as it is unless a whole model has it.
 *
 * @param hash what tells these weights from others: the file's content hash; "" where it has none
 * @return UMCL_ERR_MISMATCH (another kind), and as um_weights_open and um_params_load
 */
umcl_status um_umcl_load_encoder(um_params *params, um_modality_kind kind, const char *path,
                                 char hash[80]);

#endif
