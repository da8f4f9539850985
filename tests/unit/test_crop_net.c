/* The yardstick: its size, that it learns what is there to see, and that a judge takes it. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "model/crop_net.h"
#include "model/judge.h"
#include "model/meso4.h"
#include "support_clip.h"
#include "train/crop_fit.h"

enum { SIDE = UM_MESO4_SIDE, BYTES = SIDE * SIDE * 3, N_CROPS = 8 };

/* Crops of a rendered face; "fakes" have dark stripes. */
static um_texture_faces crops(bool fake)
{
    um_face_clip clip = clip_of_face(N_CROPS, SIDE, false);
    um_texture_faces set = {0};

    for (size_t i = 0; i < N_CROPS; i++) {
        um_face_clip one;

        assert_ok(um_face_clip_new(&one, 1, SIDE, false));
        memcpy(one.rgb, clip.rgb + i * BYTES, BYTES);
        one.landmarks[0] = clip.landmarks[i];
        for (int p = 0; fake && p < BYTES; p++)
            if (p / 3 % SIDE % 8 < 2) one.rgb[p] /= 2;
        assert_ok(um_texture_faces_add(&set, &one, i / 2));
    }
    um_face_clip_clear(&clip);
    return set;
}

static um_crop_fit_options quick(void)
{
    um_crop_fit_options o = UM_CROP_FIT_OPTIONS_INIT;

    o.net = um_crop_net_find(UM_MESO4_KIND);
    o.epochs = 3;
    o.steps = 8;
    o.batch = 8;
    o.strength = 0;
    return o;
}

static void has_its_size(void **state)
{
    um_crop_runner *runner;
    um_params *params;
    uint8_t *rgb = malloc(9 * BYTES);
    double all[9], one;

    (void)state;
    for (size_t i = 0; i < 9 * BYTES; i++) rgb[i] = (uint8_t)um_rng_at(1, i);
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_crop_runner_new(&runner, params, um_crop_net_find(UM_MESO4_KIND), SIDE));
    assert_int_equal(um_params_size(params), 27977);
    assert_ok(um_crop_run(runner, rgb, 9, all)); /* more than it takes at once */
    assert_ok(um_crop_run(runner, rgb + 8 * BYTES, 1, &one));
    assert_true(isfinite(one) && all[8] == one && all[8] != all[7]);
    um_crop_runner_free(runner);
    um_params_free(params);
    free(rgb);
}

/* The second epoch is said to be the best one. */
typedef struct seen {
    double loss[3], logit;
    const um_texture_faces *face;
} seen;

static double logit_of(um_params *params, const um_texture_faces *set)
{
    um_crop_runner *runner;
    double logit;

    assert_ok(um_crop_runner_new(&runner, params, um_crop_net_find(UM_MESO4_KIND), SIDE));
    assert_ok(um_crop_run(runner, set->clips[0].rgb, 1, &logit));
    um_crop_runner_free(runner);
    return logit;
}

static umcl_status watch(void *user, const um_crop_epoch *e, double *value)
{
    seen *s = user;

    assert_int_equal(e->epochs, 3);
    s->loss[e->epoch - 1] = e->loss;
    *value = e->epoch == 2;
    if (e->epoch == 2) s->logit = logit_of(e->params, s->face);
    return UMCL_OK;
}

static void learns_and_keeps_the_best(void **state)
{
    um_texture_faces real = crops(false), fake = crops(true);
    um_crop_fit_options o = quick();
    seen s = {.face = &fake};
    um_params *best, *again, *last;

    (void)state;
    um_threads_set(1);
    assert_ok(um_crop_fit(&best, &real, &fake, &o, watch, &s));
    assert_true(s.loss[2] < s.loss[0] && s.loss[2] < 0.6); /* 0.69 without learning */
    assert_true(logit_of(best, &fake) == s.logit);
    assert_ok(um_crop_fit(&again, &real, &fake, &o, watch, &s));
    assert_true(logit_of(again, &fake) == logit_of(best, &fake));
    assert_ok(um_crop_fit(&last, &real, &fake, &o, NULL, NULL));
    assert_true(logit_of(last, &fake) != s.logit);
    um_params_free(best);
    um_params_free(again);
    um_params_free(last);
    um_texture_faces_clear(&real);
    um_texture_faces_clear(&fake);
}

static void needs_both_classes(void **state)
{
    um_texture_faces real = crops(false), none = {0};
    um_crop_fit_options o = quick();
    um_params *params;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "found 8 real and 0 fake ones",
                 um_crop_fit(&params, &real, &none, &o, NULL, NULL));
    um_texture_faces_clear(&real);
}

/* Through a file: the mean over the frames, and the rule as it was written. */
static void a_judge_takes_it(void **state)
{
    const um_rule rule = {0.5, 0.25, 0.625, 0.5, 0.75};
    char path[] = "meso4_XXXXXX";
    uint8_t *rgb = malloc(16 * BYTES);
    um_window window = {.crops = rgb, .crop_step = 10};
    double each[16], mean = 0, score, logit;
    um_crop_runner *runner;
    const um_judge_info *info;
    um_params *params;
    um_st_writer *w;
    um_judge *judge;

    (void)state;
    for (size_t i = 0; i < 16 * BYTES; i++) rgb[i] = (uint8_t)um_rng_at(1, i);
    close(mkstemp(path));
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_crop_runner_new(&runner, params, um_crop_net_find(UM_MESO4_KIND), SIDE));
    assert_ok(um_crop_run(runner, rgb, 16, each));
    for (int i = 0; i < 16; i++) mean += each[i] / 16;
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_rule_write(&rule, w));
    assert_ok(um_params_save(params, w, ""));
    assert_ok(um_model_file_write(w, path, UM_MESO4_KIND, "1", "a test", NULL));
    um_st_writer_free(w);

    assert_ok(um_judge_open(&judge, path));
    info = um_judge_get_info(judge);
    assert_string_equal(info->kind, "meso4");
    assert_int_equal(info->window, 160);
    assert_int_equal(info->window / info->crop_step, UM_CROP_FRAMES);
    assert_memory_equal(&info->rule, &rule, sizeof rule);
    assert_ok(um_judge_score(judge, &window, &score, &logit));
    assert_true(fabs(logit - mean) < 1e-9);
    assert_true(fabs(score - um_rule_probability(&rule, mean)) < 1e-9);
    um_judge_free(judge);
    um_crop_runner_free(runner);
    um_params_free(params);
    remove(path);
    free(rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_size),
        cmocka_unit_test(learns_and_keeps_the_best),
        cmocka_unit_test(needs_both_classes),
        cmocka_unit_test(a_judge_takes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
