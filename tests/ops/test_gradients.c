/* Every operator's gradient against central differences. */
#include "../test.h"

#include <stdlib.h>

#include "support_gradcheck.h"

#define S(...) UM_SHAPE(__VA_ARGS__)

static const um_op_case cases[] = {
    {"relu", UM_OP_UNARY, {.unary = UM_RELU}, 1, {S(7, 9)}, .step = 1e-3, .tolerance = 2e-2},
    {"elu", UM_OP_UNARY, {.unary = UM_ELU}, 1, {S(7, 9)}},
    {"quick gelu", UM_OP_UNARY, {.unary = UM_QUICK_GELU}, 1, {S(7, 9)}},
    {"sigmoid", UM_OP_UNARY, {.unary = UM_SIGMOID}, 1, {S(7, 9)}},
    {"tanh", UM_OP_UNARY, {.unary = UM_TANH}, 1, {S(7, 9)}},
    {"exp", UM_OP_UNARY, {.unary = UM_EXP}, 1, {S(7, 9)}},
    {"log", UM_OP_UNARY, {.unary = UM_LOG}, 1, {S(7, 9)}, .lo = 0.5f, .hi = 2},
    {"sqrt", UM_OP_UNARY, {.unary = UM_SQRT}, 1, {S(7, 9)}, .lo = 0.5f, .hi = 2},
    {"square", UM_OP_UNARY, {.unary = UM_SQUARE}, 1, {S(7, 9)}},
    {"abs", UM_OP_UNARY, {.unary = UM_ABS}, 1, {S(7, 9)}, .lo = 0.5f, .hi = 2},
    {"sin", UM_OP_UNARY, {.unary = UM_SIN}, 1, {S(7, 9)}},
    {"cos", UM_OP_UNARY, {.unary = UM_COS}, 1, {S(7, 9)}},
    {"affine", UM_OP_AFFINE, {.affine = {2.5f, -1}}, 1, {S(5, 3)}},
    {"add", UM_OP_BINARY, {.binary = UM_ADD}, 2, {S(4, 5), S(4, 5)}},
    {"sub, row", UM_OP_BINARY, {.binary = UM_SUB}, 2, {S(4, 5), S(5)}},
    {"mul, column", UM_OP_BINARY, {.binary = UM_MUL}, 2, {S(3, 4, 5), S(4, 1)}},
    {"mul, both stretch", UM_OP_BINARY, {.binary = UM_MUL}, 2, {S(3, 1, 5), S(4, 1)}},
    {"div", UM_OP_BINARY, {.binary = UM_DIV}, 2, {S(4, 5), S(4, 5)}, .lo = 0.7f, .hi = 2},
    {"div, scalar", UM_OP_BINARY, {.binary = UM_DIV}, 2, {S(4, 5), S(1)}, .lo = 0.7f, .hi = 2},
    {"prelu", UM_OP_PRELU, {0}, 2, {S(6, 5), S(5)}, .step = 1e-3, .tolerance = 2e-2},
    {"sum", UM_OP_REDUCE, {.reduce = {UM_SUM, 2, false}}, 1, {S(4, 5, 3)}},
    {"mean, kept", UM_OP_REDUCE, {.reduce = {UM_MEAN, 5, true}}, 1, {S(4, 5, 3)}},
    {"mean of all", UM_OP_REDUCE, {.reduce = {UM_MEAN, 7, false}}, 1, {S(4, 5, 3)}},
    {"reshape", UM_OP_RESHAPE, {.reshape = {2, {10, -1}}}, 1, {S(4, 5, 3)}},
    {"transpose", UM_OP_TRANSPOSE, {.transpose = {{2, 0, 3, 1}}}, 1, {S(2, 3, 4, 5)}},
    {"slice", UM_OP_SLICE, {.slice = {1, 1, 3}}, 1, {S(4, 5, 3)}},
    {"concat", UM_OP_CONCAT, {.concat = {1}}, 3, {S(2, 3, 4), S(2, 1, 4), S(2, 2, 4)}},
    {"matmul", UM_OP_MATMUL, {.matmul = {false, false, 0.5f}}, 2, {S(3, 4, 5), S(3, 5, 6)}},
    {"matmul tt", UM_OP_MATMUL, {.matmul = {true, true, 1}}, 2, {S(2, 5, 4), S(2, 6, 5)}},
    {"linear", UM_OP_LINEAR, {0}, 3, {S(2, 3, 5), S(4, 5), S(4)}},
    {"conv 2-D",
     UM_OP_CONV,
     {.conv = {{1, 1, 1}, {0, 1, 1}, 1, false}},
     3,
     {S(2, 1, 7, 6, 5), S(4, 5, 1, 3, 3), S(4)}},
    {"conv 2-D, one channel, stride",
     UM_OP_CONV,
     {.conv = {{1, 2, 2}, {0, 1, 1}, 1, false}},
     2,
     {S(2, 1, 8, 8, 1), S(16, 1, 1, 3, 3)}},
    {"conv 3-D",
     UM_OP_CONV,
     {.conv = {{1, 1, 1}, {1, 1, 1}, 1, false}},
     3,
     {S(2, 4, 5, 6, 3), S(4, 3, 3, 3, 3), S(4)}},
    {"conv over time",
     UM_OP_CONV,
     {.conv = {{1, 1, 1}, {1, 0, 0}, 1, false}},
     3,
     {S(2, 6, 2, 3, 5), S(4, 5, 3, 1, 1), S(4)}},
    {"conv, patches",
     UM_OP_CONV,
     {.conv = {{4, 4, 4}, {0, 0, 0}, 1, false}},
     3,
     {S(1, 8, 8, 8, 3), S(6, 3, 4, 4, 4), S(6)}},
    {"conv, depthwise",
     UM_OP_CONV,
     {.conv = {{1, 1, 1}, {1, 1, 1}, 16, false}},
     2,
     {S(2, 4, 4, 4, 16), S(16, 1, 3, 3, 3)}},
    {"conv 1x1x1",
     UM_OP_CONV,
     {.conv = {{1, 1, 1}, {0, 0, 0}, 1, false}},
     3,
     {S(2, 3, 4, 4, 20), S(24, 20, 1, 1, 1), S(24)}},
    {"cdc fold", UM_OP_CDC_FOLD, {.cdc_fold = {0.7f}}, 1, {S(4, 3, 3, 3, 3)}},
    {"batchnorm",
     UM_OP_BATCHNORM,
     {.norm = {.eps = 1e-5f, .momentum = 0.1f}},
     5,
     {S(40, 6), S(6), S(6), S(6), S(6)},
     .no_grad = 24},
    {"batchnorm, one value per channel and many rows",
     UM_OP_BATCHNORM,
     {.norm = {.eps = 1e-5f, .momentum = 0.1f}},
     5,
     {S(3, 1, 40, 40, 3), S(3), S(3), S(3), S(3)},
     .no_grad = 24},
    {"batchnorm, frozen",
     UM_OP_BATCHNORM,
     {.norm = {.eps = 1e-5f, .use_running = true}},
     5,
     {S(40, 6), S(6), S(6), S(6), S(6)},
     .no_grad = 24},
    {"batchnorm with relu",
     UM_OP_BATCHNORM,
     {.norm = {.eps = 1e-5f, .momentum = 0.1f, .relu = true}},
     5,
     {S(40, 6), S(6), S(6), S(6), S(6)},
     .no_grad = 24,
     .step = 1e-3,
     .tolerance = 5e-2},
    {"layernorm", UM_OP_LAYERNORM, {.norm = {.eps = 1e-6f}}, 3, {S(5, 12), S(12), S(12)}},
    {"maxpool",
     UM_OP_MAXPOOL,
     {.pool = {{1, 2, 2}, {1, 2, 2}, {0, 0, 0}, false}},
     1,
     {S(2, 2, 6, 6, 3)},
     .step = 1e-3,
     .tolerance = 2e-2},
    {"maxpool, overlapping, ceil",
     UM_OP_MAXPOOL,
     {.pool = {{1, 3, 3}, {1, 2, 2}, {0, 0, 0}, true}},
     1,
     {S(2, 1, 8, 8, 3)},
     .step = 1e-3,
     .tolerance = 2e-2},
    {"upsample", UM_OP_UPSAMPLE, {.upsample = {1, 2}}, 1, {S(2, 3, 4)}},
    {"softmax", UM_OP_SOFTMAX, {0}, 1, {S(4, 9)}},
    {"log softmax", UM_OP_LOG_SOFTMAX, {0}, 1, {S(4, 9)}},
    {"dropout", UM_OP_DROPOUT, {.dropout = {0.4f, 2}}, 1, {S(6, 10)}},
    {"gru",
     UM_OP_GRU,
     {.gru = {5}},
     6,
     {S(2, 4, 3), S(2, 15, 3), S(2, 15, 5), S(2, 15), S(2, 15), S(2, 1, 5)}},
    {"embedding", UM_OP_EMBEDDING, {0}, 2, {S(2, 3), S(7, 4)}, .no_grad = 1},
};

static void gradients_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) check_gradient(&cases[i]);
}

static void runs_are_equal_to_the_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float *a, *b;
        size_t n, m;
        run_case(&cases[i], UM_TRAIN, &a, &n);
        run_case(&cases[i], UM_TRAIN, &b, &m);
        if (n != m || memcmp(a, b, n * sizeof *a) != 0) fail_msg("%s: runs differ", cases[i].name);
        free(a);
        free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_match),
        cmocka_unit_test(runs_are_equal_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
