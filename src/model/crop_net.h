/*
 * Networks that judge single crops of a face, the yardsticks UMCL is measured against: which there
 * are, how they read a crop, and one of them in use. A window's log-odds are the mean over its
 * frames.
 */
#ifndef UM_MODEL_CROP_NET_H
#define UM_MODEL_CROP_NET_H

#include "nn/layers.h"

#define UM_CROP_SIDE 128  /* pixels of a crop as it is kept */
#define UM_CROP_FRAMES 16 /* of a window */

#define UM_META_SIDE "side" /* metadata: pixels of a crop as the network reads it; absent: kept */

typedef struct um_crop_net {
    const char *kind;    /* of its model files */
    int least, most;     /* pixels to a side that it can read */
    float centre, range; /* it reads (v - centre) / range */
    const char *head;    /* prefix of the parameters that pre-trained weights lack; NULL: there are
                            no such weights */
    /** Records it on crops [N, 1, side, side, 3]: log-odds of fake [N, 1]. */
    um_node *(*record)(um_nn *nn, um_node *crops, float dropout);
} um_crop_net;

/** NULL: none of this kind. */
const um_crop_net *um_crop_net_find(const char *kind);

/** Whether it reads crops of this size. UMCL_ERR_INVALID: the sentence says which it reads. */
umcl_status um_crop_net_check(const um_crop_net *net, int side);

/** A crop [128, 128, 3] as the network reads it, [side, side, 3]: bilinear where sizes differ. */
void um_crop_net_input(const um_crop_net *net, int side, float *out, const uint8_t *rgb);

/** A network in use. */
typedef struct um_crop_runner um_crop_runner;

/** `params` is borrowed; parameters that it lacks are added. Errors: um_crop_net_check's. */
umcl_status um_crop_runner_new(um_crop_runner **out, um_params *params, const um_crop_net *net,
                               int side);
void um_crop_runner_free(um_crop_runner *r);

/** Log-odds [n] of crops [n, 128, 128, 3]. */
umcl_status um_crop_run(um_crop_runner *r, const uint8_t *rgb, size_t n, double *logit);

#endif
