/*
 * The body of one modality's encoder as a graph of its own: windows of a face in, [B, body] out
 * (model/modality.h). Its parameters carry the encoder's own names behind "<modality>.".
 *
 * In UM_TRAIN graphs batch norms take their running statistics: a batch of UMCL is eight samples,
 * run one or two at a time, and must give what inference gives.
 */
#ifndef UM_MODEL_ENCODER_H
#define UM_MODEL_ENCODER_H

#include "autograd/flops.h"
#include "model/modality.h"
#include "model/window.h"
#include "nn/layers.h"

typedef struct um_encoder um_encoder;

/**
 * @param kind   not UM_TEXT
 * @param batch  windows that run at once
 * @param frames of a window; modalities that look at crops: UM_WINDOW
 * @param params borrowed; parameters that it lacks are added, initialised by `seed`
 * @return UMCL_ERR_SHAPE (another number of frames), what recording the graph returns
 */
umcl_status um_encoder_new(um_encoder **out, um_params *params, um_modality_kind kind, size_t batch,
                           int frames, um_mode mode, uint64_t seed);
void um_encoder_free(um_encoder *e);

size_t um_encoder_batch(const um_encoder *e);

/** Bytes of its graphs. */
size_t um_encoder_memory(const um_encoder *e);

/** Adds the operations of one run of it to *sum. */
void um_encoder_flops(um_flops *sum, const um_encoder *e);

/**
 * Fills place `i` of the batch; a pulse encoder in use (UM_INFER, a batch of one) runs its stem
 * here. UMCL_ERR_INVALID: the window lacks what this modality looks at.
 */
umcl_status um_encoder_fill(um_encoder *e, size_t i, const um_window *window);

/** Runs the batch. `key`: of the dropout in UM_TRAIN graphs; the same key, the same masks. */
umcl_status um_encoder_run(um_encoder *e, uint64_t key);

/** Place `i` of the last run's result, [body]. */
const float *um_encoder_body(const um_encoder *e, size_t i);

/** Back-propagates grad [batch, body] of the last run into the parameters' gradients. */
umcl_status um_encoder_backward(um_encoder *e, const float *grad);

#endif
