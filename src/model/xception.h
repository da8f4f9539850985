/*
 * Xception (Chollet, CVPR 2017), the image baseline of the paper's tables: depthwise-separable
 * convolutions with shortcuts, on single crops. 20,806,952 parameters before its last layer; names
 * and shapes are those of the public PyTorch checkpoints (xception-43020ad28.pth), whose last layer
 * of 1000 classes is replaced by one log-odds. Feature maps are channels-last.
 */
#ifndef UM_MODEL_XCEPTION_H
#define UM_MODEL_XCEPTION_H

#include "nn/layers.h"

#define UM_XCEPTION_KIND "xception"
#define UM_XCEPTION_LEAST 32 /* pixels to a side of the crops it takes, */
#define UM_XCEPTION_MOST 512
#define UM_XCEPTION_HEAD "fc" /* name of its last layer */

/** One block: `layers` separable convolutions beside a shortcut. */
typedef struct um_xception_block_spec {
    int out, layers;
    int stride;      /* 1, or 2: a maximum over 3 x 3 and a shortcut with a convolution */
    bool relu_first; /* the block begins with a ReLU */
    bool grow_last;  /* the last convolution widens, else the first */
} um_xception_block_spec;

/** Records a block on x [N, 1, H, W, C]; `name` as in "block4". */
um_node *um_xception_block(um_nn *nn, const char *name, um_node *x,
                           const um_xception_block_spec *spec);

/**
 * Records the network on crops [N, 1, S, S, 3], S in UM_XCEPTION_LEAST .. MOST, values
 * (v - 127.5) / 127.5, channels R, G, B.
 *
 * @param dropout before the last layer; FaceForensics++'s: 0.5
 * @return log-odds of fake [N, 1]
 */
um_node *um_xception(um_nn *nn, um_node *crops, float dropout);

#endif
