/* The texture encoder: size, shapes, and that its training learns what is there to see. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "data/track_crops.h"
#include "model/texture_runner.h"
#include "support_clip.h"
#include "train/texture_fit.h"

enum { SIDE = UM_TEXTURE_SIDE, N_CROPS = 8 };

/* Crops of a rendered face; "fakes" have a grid that no augmentation hides. */
static um_texture_faces crops(bool fake)
{
    um_face_clip clip = clip_of_face(N_CROPS, SIDE, false);
    um_texture_faces set = {0};

    for (size_t i = 0; i < N_CROPS; i++) {
        um_face_clip one;

        assert_ok(um_face_clip_new(&one, 1, SIDE, false));
        memcpy(one.rgb, clip.rgb + i * SIDE * SIDE * 3, SIDE * SIDE * 3);
        one.landmarks[0] = clip.landmarks[i];
        for (int p = 0; fake && p < SIDE * SIDE; p++)
            if (p % SIDE % 8 < 2)
                for (int c = 0; c < 3; c++) one.rgb[3 * p + c] /= 2;
        assert_ok(um_texture_faces_add(&set, &one, i / 2));
        assert_null(one.rgb);
    }
    um_face_clip_clear(&clip);
    return set;
}

static um_texture_material found(void)
{
    return (um_texture_material){.real = crops(false), .fake = crops(true)};
}

static um_texture_fit_options quick(int steps)
{
    um_texture_fit_options o = UM_TEXTURE_FIT_OPTIONS_INIT;

    o.steps = steps;
    o.batch = 8;
    o.fakes = 1;
    o.strength = 0;
    return o;
}

static double last_loss;

static bool watch(void *user, int step, int steps, double loss, double right, um_params *params)
{
    (void)steps;
    (void)right;
    assert_non_null(params);
    *(int *)user = step;
    last_loss = loss;
    return true;
}

static void is_small_and_knows_its_shapes(void **state)
{
    um_texture_runner *runner;
    um_params *params;
    float feature[UM_TEXTURE_FEATURE];
    uint8_t *rgb = calloc(3, SIDE * SIDE * 3);
    double logit, twice;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_texture_runner_new(&runner, params));
    assert_true(um_params_size(params) < 2000000);
    assert_non_null(um_params_find(params, "block3.conv2.bn.running_var"));
    for (size_t i = 0; i < SIDE * SIDE * 3; i++) rgb[i] = (uint8_t)(i * 7919 >> 4);
    memcpy(rgb + SIDE * SIDE * 3, rgb, SIDE * SIDE * 3);
    assert_ok(um_texture_run(runner, rgb, 1, feature, &logit));
    assert_true(isfinite(logit) && isfinite((double)feature[0]));
    assert_ok(um_texture_run(runner, rgb, 2, NULL, &twice)); /* the mean of two equal crops */
    assert_true(fabs(twice - logit) < 1e-5);
    um_texture_runner_free(runner);
    um_params_free(params);
    free(rgb);
}

/* The evidence of the places adds up to the crop's: its mean is the crop's log-odds. */
static void evidence_has_the_logit_as_mean(void **state)
{
    enum { PLACES = UM_TEXTURE_MAP * UM_TEXTURE_MAP };
    um_face_clip clip = clip_of_face(N_CROPS + 1, SIDE, false); /* more than a batch */
    um_texture_runner *runner;
    um_params *params;
    float map[(N_CROPS + 1) * PLACES];

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_texture_runner_new(&runner, params));
    assert_ok(um_texture_evidence(runner, clip.rgb, clip.n, map));
    for (size_t i = 0; i < clip.n; i++) {
        double logit, mean = 0;

        for (int p = 0; p < PLACES; p++) mean += (double)map[i * PLACES + (size_t)p] / PLACES;
        assert_ok(um_texture_run(runner, clip.rgb + i * SIDE * SIDE * 3, 1, NULL, &logit));
        assert_true(fabs(mean - logit) < 1e-4);
    }
    um_texture_runner_free(runner);
    um_params_free(params);
    um_face_clip_clear(&clip);
}

static void learns_and_repeats_itself(void **state)
{
    um_texture_material m = found();
    um_texture_fit_options o = quick(12);
    um_params *first, *second;
    int steps = 0;

    (void)state;
    um_threads_set(1);
    assert_ok(um_texture_fit(&first, &m, &o, watch, &steps));
    assert_int_equal(steps, 12);
    assert_true(last_loss < 0.6); /* 0.69 without learning */
    assert_ok(um_texture_fit(&second, &m, &o, NULL, NULL));
    for (size_t i = 0; i < um_params_count(first); i++) {
        const um_param *a = um_params_at(first, i), *b = um_params_at(second, i);

        assert_memory_equal(um_f32(&a->value), um_f32(&b->value),
                            (size_t)um_shape_count(&a->value.shape) * sizeof(float));
    }
    um_params_free(first);
    um_params_free(second);
    um_texture_material_clear(&m);
}

/* Stills alone, frames alone; fakes alone are nothing. */
static void pseudo_fakes_need_no_fakes(void **state)
{
    um_texture_material stills = {.stills = crops(false)}, frames = {.real = crops(false)};
    um_texture_material fakes = {.fake = crops(true)};
    um_texture_fit_options o = quick(1);
    um_params *params;

    (void)state;
    o.strength = 1;
    assert_ok(um_texture_fit(&params, &stills, &o, NULL, NULL));
    um_params_free(params);
    assert_ok(um_texture_fit(&params, &frames, &o, NULL, NULL));
    um_params_free(params);
    assert_fails(UMCL_ERR_INVALID, "expected real faces",
                 um_texture_fit(&params, &fakes, &o, NULL, NULL));
    um_texture_material_clear(&stills);
    um_texture_material_clear(&frames);
    um_texture_material_clear(&fakes);
}

/* A second loss of weight 0 leaves the blend's layer to the weight decay alone. */
static void asks_where_it_is_blended(void **state)
{
    um_texture_material m = {.real = crops(false)};
    um_texture_fit_options o = quick(2);
    um_params *asked, *unasked;
    const um_param *a, *b;
    double moved = 0;

    (void)state;
    o.weight_decay = 0;
    assert_ok(um_texture_fit(&asked, &m, &o, NULL, NULL));
    o.blend = 0;
    assert_ok(um_texture_fit(&unasked, &m, &o, NULL, NULL));
    a = um_params_find(asked, "blend.weight");
    b = um_params_find(unasked, "blend.weight");
    for (int i = 0; i < UM_TEXTURE_FEATURE; i++)
        moved += fabs((double)um_f32(&a->value)[i] - (double)um_f32(&b->value)[i]);
    assert_true(moved > 1e-4);
    um_params_free(asked);
    um_params_free(unasked);
    um_texture_material_clear(&m);
}

/* The crop of a picture lies around the face, with the landmarks on it. */
static void crop_of_a_picture(void **state)
{
    um_face_clip face = clip_of_face(1, 300, false), crop;
    um_image picture = um_face_clip_crop(&face, 0);
    um_box on;

    (void)state;
    assert_ok(um_picture_crop(&crop, &picture, &face.landmarks[0]));
    assert_int_equal(crop.side, UM_CROP_SIDE);
    on = um_landmarks_face_box(&crop.landmarks[0]);
    assert_true(fabsf(0.5f * (on.x0 + on.x1) - 64) < 0.1f);
    assert_true(fabsf(0.5f * (on.y0 + on.y1) - 64) < 0.1f);
    assert_true(fabsf(fmaxf(um_box_width(on), um_box_height(on)) - 128 / 1.3f) < 0.1f);
    um_face_clip_clear(&crop);
    um_face_clip_clear(&face);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_small_and_knows_its_shapes),
        cmocka_unit_test(evidence_has_the_logit_as_mean),
        cmocka_unit_test(learns_and_repeats_itself),
        cmocka_unit_test(pseudo_fakes_need_no_fakes),
        cmocka_unit_test(asks_where_it_is_blended),
        cmocka_unit_test(crop_of_a_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
