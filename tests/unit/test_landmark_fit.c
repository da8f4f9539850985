/* The landmark network's training on rendered faces: samples are what they say, the error falls. */
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "data/synth.h"
#include "face/landmark_net.h"
#include "train/landmark_fit.h"

#define N_FACES 40

static um_face_patch *render(void)
{
    um_face_patch *patches = calloc(N_FACES, sizeof *patches);
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_image picture;

    o.width = 160;
    o.height = 120;
    assert_ok(um_image_new(&picture, o.width, o.height, 3));
    for (int i = 0; i < N_FACES; i++) {
        um_synth *synth;
        um_landmarks lm;
        o.seed = (uint64_t)i;
        assert_ok(um_synth_new(&synth, &o));
        assert_ok(um_synth_frame(synth, 10, &picture));
        assert_true(um_synth_landmarks(synth, 10, 0, (float *)lm.p));
        assert_ok(um_face_patch_cut(&patches[i], &picture, &lm));
        um_synth_free(synth);
    }
    um_image_clear(&picture);
    return patches;
}

static void plain_sample_shows_the_face(void **state)
{
    um_face_patch *patches = render();
    float input[UM_LANDMARK_SIDE * UM_LANDMARK_SIDE], target[2 * UM_N_LANDMARKS];

    (void)state;
    for (int i = 0; i < N_FACES; i++) {
        double sum = 0;
        um_landmark_sample(input, target, &patches[i], NULL);
        for (int k = 0; k < 2 * UM_N_LANDMARKS; k++) assert_true(fabsf(target[k]) < 0.5f);
        for (size_t k = 0; k < sizeof input / sizeof *input; k++) sum += (double)input[k];
        assert_true(fabs(sum) < 10); /* standardised */
    }
    free(patches);
}

typedef struct errors {
    double first, last;
} errors;

static bool keep_error(void *user, const um_landmark_fit_report *r)
{
    errors *e = user;

    if (r->epoch == 0) e->first = r->loss;
    e->last = r->loss;
    return true;
}

static void training_lowers_the_loss(void **state)
{
    um_landmark_fit_options options = UM_LANDMARK_FIT_OPTIONS_INIT;
    um_face_patch *patches = render();
    um_landmarker *lm;
    errors e = {0, 0};

    (void)state;
    options.epochs = 20;
    options.batch = 8;
    options.out = "landmark_fit_test.safetensors";
    assert_ok(um_landmark_fit(patches, 32, patches + 32, 8, &options, keep_error, &e));
    assert_true(e.last < 0.96 * e.first);
    assert_ok(um_landmarker_open(&lm, options.out)); /* the file is a model of this kind */
    um_landmarker_free(lm);
    remove(options.out);
    free(patches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_sample_shows_the_face),
        cmocka_unit_test(training_lowers_the_loss),
    };

    um_threads_set(1); /* nets this small lose more at barriers than they win */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
