/* Weights and inputs by formula against the numbers that fix the formula. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "nn/init.h"
#include "support_parity.h"

#define CHECK REFERENCE("formula_check.json")

static void uniforms(double out[3], const char *name)
{
    json_t *root = json_load_file(CHECK, 0, NULL), *list = json_object_get(root, name);

    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++)
        out[i] = strtod(json_string_value(json_array_get(list, i)), NULL);
    json_decref(root);
}

static void test_input(void **state)
{
    double u[3];
    float x[3], tail[2];

    (void)state;
    need_shared(CHECK);
    uniforms(u, "a/clip");
    for (uint64_t i = 0; i < 3; i++)
        assert_true(um_rng_uniform_at(um_fnv1a(UM_FNV_OFFSET, "a/clip", 6), i) == u[i]);
    um_init_input(x, "a", "clip", 0, 3);
    for (int i = 0; i < 3; i++) assert_true(x[i] == (float)(2 * u[i] - 1));
    um_init_input(tail, "a", "clip", 1, 2);
    assert_memory_equal(tail, x + 1, sizeof tail);
}

/* Each kind of name has its own range. */
static void test_weights(void **state)
{
    static const struct {
        const char *name;
        um_shape shape;
        double scale, shift; /* of s */
    } kinds[] = {
        {"Stem0.0.weight", {5, {24, 3, 1, 5, 5}}, 0.2, 0}, /* sqrt(3 / 75) */
        {"norm.weight", {1, {4}}, 0.1, 1},
        {"norm.bias", {1, {4}}, 0.1, 0},
        {"gru.bias_ih_l0", {1, {12}}, 0.1, 0},
        {"attn.in_proj_bias", {1, {12}}, 0.1, 0},
        {"norm.running_mean", {1, {4}}, 0.1, 0},
        {"norm.running_var", {1, {4}}, 0.25, 1.25},
        {"token_embedding.weight", {2, {7, 4}}, 0.02, 0},
        {"positional_embedding", {2, {7, 4}}, 0.02, 0},
        {"text_projection", {2, {4, 12}}, 0.5, 0}, /* sqrt(3 / 12) */
    };
    const size_t n = sizeof kinds / sizeof *kinds;
    um_params *set;
    um_param *p;
    double u[3];
    float s[3];

    (void)state;
    need_shared(CHECK);
    assert_ok(um_params_new(&set, um_backend_cpu()));
    for (size_t i = 0; i < n; i++)
        assert_ok(um_params_add(set, &p, kinds[i].name, kinds[i].shape, false));
    assert_ok(um_init_formula(set, "a", "physformer."));
    for (size_t i = 0; i < n; i++) {
        char full[64];

        p = um_params_at(set, i);
        snprintf(full, sizeof full, "physformer.%s", kinds[i].name);
        um_init_input(s, "a", full, 0, 3);
        for (int k = 0; k < 3; k++)
            assert_true(fabs(um_f32(&p->value)[k] - (kinds[i].shift + kinds[i].scale * s[k])) <
                        2e-7);
    }
    uniforms(u, "a/physformer.Stem0.0.weight");
    for (int k = 0; k < 3; k++)
        assert_true(um_f32(&um_params_at(set, 0)->value)[k] ==
                    (float)((2 * u[k] - 1) * sqrt(3.0 / 75)));
    um_params_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_weights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
