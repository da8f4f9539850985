/*
 * Face detection by MTCNN: a pyramid of scaled pictures, P-Net's proposals on each, R-Net's and
 * O-Net's judgement of them, with facenet-pytorch's arithmetic so that its public weights give its
 * results. Our own detector has the same form.
 */
#ifndef UM_FACE_MTCNN_H
#define UM_FACE_MTCNN_H

#include "base/safetensors.h"
#include "face/geometry.h"
#include "face/mtcnn_net.h"

#define UM_MTCNN_KIND "mtcnn" /* of model files */

typedef struct um_mtcnn um_mtcnn;

typedef struct um_mtcnn_options {
    float min_face;     /* smallest face looked for, pixels, >= 12 */
    float threshold[3]; /* scores that pass P-, R- and O-Net */
    float factor;       /* between the pyramid's scales, 0.1..0.95 */
} um_mtcnn_options;

#define UM_MTCNN_OPTIONS_INIT                                                                      \
    ((um_mtcnn_options){.min_face = 40, .threshold = {0.6f, 0.7f, 0.7f}, .factor = 0.709f})

/**
 * Takes the networks from a file that holds "pnet.", "rnet." and "onet." parameters. Metadata
 * "threshold" ("0.6 0.7 0.7"), where there is one, becomes the default thresholds.
 *
 * @return UMCL_ERR_NOT_FOUND or UMCL_ERR_SHAPE (a tensor is missing or misshaped, by name),
 *         UMCL_ERR_FORMAT (a weight is not finite), UMCL_ERR_NOMEM
 */
umcl_status um_mtcnn_load(um_mtcnn **out, const um_st_file *file);

/**
 * The same from a path: also what um_st_read returns, and for one of our model files what
 * um_model_file_check does.
 */
umcl_status um_mtcnn_open(um_mtcnn **out, const char *path);

/** Around parameters that somebody else owns (training): they must outlive the detector. */
umcl_status um_mtcnn_wrap(um_mtcnn **out, um_params *set);
void um_mtcnn_free(um_mtcnn *m);

/** The options that belong to the weights. */
um_mtcnn_options um_mtcnn_defaults(const um_mtcnn *m);

/** Finds faces in a picture of 3 channels. `hints` are more squares for O-Net to judge (where a
 * tracker expects faces); n_hints may be 0.
 *
 * @param faces pixels of the picture; borrowed, valid until the next call. Best score first
 * @return UMCL_ERR_INVALID (options), UMCL_ERR_NOMEM, UMCL_ERR_INTERNAL (a kernel failed)
 */
umcl_status um_mtcnn_detect(um_mtcnn *m, const um_face **faces, size_t *n_faces,
                            const um_image *rgb, const um_mtcnn_options *options,
                            const um_box *hints, size_t n_hints);

/**
 * Runs the cascade up to P-Net (UM_PNET) or R-Net (UM_RNET) and gives the squares that would go on
 * to the next network: hard negatives for training.
 *
 * @param box borrowed, valid until the next call
 */
umcl_status um_mtcnn_propose(um_mtcnn *m, const um_box **box, size_t *n, const um_image *rgb,
                             const um_mtcnn_options *options, um_mtcnn_stage last_stage);

#endif
