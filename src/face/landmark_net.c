#include "face/landmark_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/model_meta.h"

#define SIDE UM_LANDMARK_SIDE
#define BATCH 8 /* the larger of the two batch sizes that are compiled */
#define REFINEMENTS 1

um_box um_landmark_square(um_box face)
{
    return um_box_square(face, UM_LANDMARK_SCALE);
}

static um_node *conv_bn(um_nn *nn, const char *conv, const char *bn, um_node *x, int out,
                        int stride)
{
    const um_conv_attr attr = {.stride = {1, stride, stride}, .pad = {0, 1, 1}, .groups = 1};
    const um_shape *s = um_node_shape(x);
    int64_t in = s->rank == 5 ? s->dim[4] : 1;
    um_node *w = um_nn_param(nn, conv, UM_SHAPE(out, in, 1, 3, 3), 9 * in, 0);

    return um_nn_conv_bn(nn, bn, x, w, NULL, &attr, true);
}

static um_node *halve(um_nn *nn, um_node *x)
{
    const um_pool_attr attr = {.kernel = {1, 2, 2}, .stride = {1, 2, 2}};

    return um_maxpool(nn->g, x, &attr);
}

um_node *um_landmark_net(um_nn *nn, um_node *x)
{
    int64_t batch = um_node_shape(x)->dim[0];

    x = conv_bn(nn, "conv1.weight", "bn1", x, 16, 2); /* 40 x 40 */
    x = conv_bn(nn, "conv2.weight", "bn2", x, 32, 1);
    x = halve(nn, x); /* 20 x 20 */
    x = conv_bn(nn, "conv3.weight", "bn3", x, 48, 1);
    x = conv_bn(nn, "conv4.weight", "bn4", x, 64, 1);
    x = halve(nn, x); /* 10 x 10 */
    x = conv_bn(nn, "conv5.weight", "bn5", x, 96, 1);
    x = conv_bn(nn, "conv6.weight", "bn6", x, 96, 1);
    x = halve(nn, x); /* 5 x 5 */
    x = conv_bn(nn, "conv7.weight", "bn7", x, 128, 1);
    x = um_reshape(nn->g, x, UM_SHAPE(batch, -1));
    x = um_dropout(nn->g, x, 0.1f, 1);
    x = um_relu(nn->g, um_nn_linear(nn, "fc1", x, 256, true));
    return um_nn_linear(nn, "fc2", x, 2 * UM_N_LANDMARKS, true);
}

void um_landmark_standardise(float *out, const uint8_t *grey, size_t n)
{
    double sum = 0, squares = 0, mean, gain;

    for (size_t i = 0; i < n; i++) {
        sum += grey[i];
        squares += (double)grey[i] * grey[i];
    }
    mean = sum / (double)n;
    /* One grey level on top: a flat crop stays near zero instead of amplifying its noise. */
    gain = 1 / (sqrt(fmax(squares / (double)n - mean * mean, 0)) + 1);
    for (size_t i = 0; i < n; i++) out[i] = (float)(((double)grey[i] - mean) * gain);
}

typedef struct compiled {
    um_graph *graph;
    um_node *in, *out;
    int batch;
} compiled;

struct um_landmarker {
    um_params *params;
    compiled one, many;
    um_image grey; /* one crop */
};

static umcl_status compile_net(compiled *c, um_params *params, int batch)
{
    um_nn nn = {.set = params, .prefix = ""};

    UM_TRY(um_graph_new(&c->graph, um_params_backend(params), UM_INFER));
    nn.g = c->graph;
    c->batch = batch;
    c->in = um_input(c->graph, "crop", UM_F32, UM_SHAPE(batch, 1, SIDE, SIDE, 1));
    c->out = um_landmark_net(&nn, c->in);
    um_output(c->graph, c->out);
    return um_graph_compile(c->graph);
}

umcl_status um_landmarker_open(um_landmarker **out, const char *path)
{
    um_landmarker *lm = NULL;
    um_st_file *file = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_model_file_open(&file, path, UM_LANDMARK_KIND));
    UM_CHECK(um_calloc(&lm, 1, sizeof *lm));
    UM_CHECK(um_params_new(&lm->params, um_backend_cpu()));
    UM_CHECK(um_image_new(&lm->grey, SIDE, SIDE, 1));
    UM_CHECK(compile_net(&lm->one, lm->params, 1));
    UM_CHECK(compile_net(&lm->many, lm->params, BATCH));
    st = um_params_load(lm->params, file, "");
    if (st != UMCL_OK) {
        um_fail_in(st, path);
        goto done;
    }
    *out = lm;
    lm = NULL;
done:
    um_landmarker_free(lm);
    um_st_free(file);
    return st;
}

void um_landmarker_free(um_landmarker *lm)
{
    if (!lm) return;
    um_graph_free(lm->one.graph);
    um_graph_free(lm->many.graph);
    um_params_free(lm->params);
    um_image_clear(&lm->grey);
    free(lm);
}

static umcl_status fill(um_landmarker *lm, float *in, const um_frame *frame, um_box square)
{
    UM_TRY(um_frame_crop(frame, square, &lm->grey));
    /* Rows of a new picture are contiguous. */
    um_landmark_standardise(in, lm->grey.data, (size_t)SIDE * SIDE);
    return UMCL_OK;
}

static void to_frame(um_landmarks *out, const float *p, um_box square)
{
    float side = um_box_width(square);
    float cx = (square.x0 + square.x1) / 2, cy = (square.y0 + square.y1) / 2;

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->p[i][0] = cx + side * p[2 * i];
        out->p[i][1] = cy + side * p[2 * i + 1];
    }
}

static umcl_status locate_some(um_landmarker *lm, const compiled *c, const um_frame *frame,
                               const um_box *squares, size_t n, um_landmarks *out)
{
    float *in = um_data(c->in);
    const float *p;

    for (size_t i = 0; i < n; i++) UM_TRY(fill(lm, in + i * SIDE * SIDE, frame, squares[i]));
    UM_TRY(um_graph_forward(c->graph));
    p = um_data(c->out);
    for (size_t i = 0; i < n; i++) to_frame(&out[i], p + i * 2 * UM_N_LANDMARKS, squares[i]);
    return UMCL_OK;
}

umcl_status um_landmarker_locate(um_landmarker *lm, const um_frame *frame, const um_box *faces,
                                 size_t n, um_landmarks *out)
{
    um_box squares[BATCH];

    for (size_t at = 0; at < n;) {
        const compiled *c = n - at > 1 ? &lm->many : &lm->one;
        size_t some = n - at < (size_t)c->batch ? n - at : (size_t)c->batch;
        for (size_t i = 0; i < some; i++) squares[i] = um_landmark_square(faces[at + i]);
        UM_TRY(locate_some(lm, c, frame, squares, some, out + at));
        for (int r = 0; r < REFINEMENTS; r++) {
            for (size_t i = 0; i < some; i++)
                if (um_landmarks_plausible(&out[at + i]))
                    squares[i] = um_landmark_square(um_landmarks_face_box(&out[at + i]));
            UM_TRY(locate_some(lm, c, frame, squares, some, out + at));
        }
        at += some;
    }
    return UMCL_OK;
}
