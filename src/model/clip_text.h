/*
 * The text transformer of CLIP ViT-B/16 (Radford et al., 2021), with the public checkpoint's
 * parameter names. Inference only: it is never trained here.
 */
#ifndef UM_MODEL_CLIP_TEXT_H
#define UM_MODEL_CLIP_TEXT_H

#include "nn/layers.h"

#define UM_CLIP_CONTEXT 77
#define UM_CLIP_VOCABULARY 49408
#define UM_CLIP_WIDTH 512

typedef struct um_clip_text_in {
    um_node *tokens; /* [B, 77], UM_I32 */
    um_node *ends;   /* [B], UM_I32: row of each text's end in the [B * 77] rows of the batch */
} um_clip_text_in;

/** Records the transformer for B texts: embedding [B, 512], not normalised. */
um_node *um_clip_text(um_clip_text_in *in, um_nn *nn, int64_t batch);

/**
 * Fills both inputs from tokens [B, 77]: a text ends at its largest token (end-of-text is the
 * last of the vocabulary). A token outside the vocabulary is UMCL_ERR_INVALID.
 */
umcl_status um_clip_text_write(um_graph *g, const um_clip_text_in *in, const int64_t *tokens);

#endif
