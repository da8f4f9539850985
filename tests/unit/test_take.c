/*
 * Takes: functions of plan and number alone, in two aligned views, real and fake by turns.
 */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "data/augment.h"
#include "face/stabilise.h"
#include "model/lrnet.h"
#include "support_tracks.h"

#define CACHE "take.cache"

enum { FRAMES = 170, SHORT = 100 };

static made_tracks made, brief;

static int prepare(void **state)
{
    (void)state;
    um_threads_set(1);
    tracks_make(&made, 4, FRAMES, CACHE);
    tracks_make(&brief, 2, SHORT, CACHE ".brief");
    return 0;
}

static int finish(void **state)
{
    (void)state;
    tracks_clear(&made);
    tracks_clear(&brief);
    return 0;
}

/* Crops of every tenth frame, as the texture encoder takes them. */
static um_take_options thin(double pseudo)
{
    um_take_options o = UM_TAKE_OPTIONS_INIT;

    o.crop_step = 10;
    o.pseudo = pseudo;
    return o;
}

static um_take make(const made_tracks *from, const um_take_options *o, size_t i)
{
    um_take_plan plan;
    um_take take;

    assert_ok(um_take_plan_new(&plan, from->tracks, from->n, o));
    assert_ok(um_take_new(&take, o));
    assert_ok(um_take_make(&take, &plan, i));
    um_take_plan_clear(&plan);
    return take;
}

static size_t bytes_of(const um_take *t)
{
    return t->crops[UM_HQ].n * UM_CROP_BYTES;
}

/* Mean difference of two takes' crops in one view, in grey levels. */
static double crop_difference(const um_face_clip *a, const um_face_clip *b)
{
    double sum = 0;

    for (size_t i = 0; i < a->n * UM_CROP_BYTES; i++) sum += abs(a->rgb[i] - b->rgb[i]);
    return sum / (double)(a->n * UM_CROP_BYTES);
}

static bool same(const um_take *a, const um_take *b)
{
    return a->fake == b->fake &&
           !memcmp(a->landmarks, b->landmarks, sizeof(float) * UM_WINDOW * UM_LRNET_INPUTS) &&
           !memcmp(a->crops[UM_HQ].rgb, b->crops[UM_HQ].rgb, bytes_of(a)) &&
           !memcmp(a->crops[UM_LQ].rgb, b->crops[UM_LQ].rgb, bytes_of(a));
}

static void a_take_is_a_function_of_its_number(void **state)
{
    const um_take_options o = thin(0.5);
    um_take_plan plan;
    um_take take, first;

    (void)state;
    assert_ok(um_take_plan_new(&plan, made.tracks, made.n, &o));
    assert_ok(um_take_new(&take, &o));
    for (size_t i = 0; i < 6; i++) { /* after others, in the same buffers */
        assert_ok(um_take_make(&take, &plan, (i + 3) % 6));
        first = make(&made, &o, (i + 3) % 6);
        assert_true(same(&take, &first));
        assert_int_equal(take.fake, (i + 3) % 2);
        um_take_clear(&first);
    }
    first = make(&made, &o, 0);
    assert_false(same(&take, &first));
    um_take_clear(&first);
    um_take_clear(&take);
    um_take_plan_clear(&plan);
}

static void another_seed_gives_other_takes(void **state)
{
    um_take_options o = thin(0);
    um_take a = make(&made, &o, 0), b;

    (void)state;
    o.seed = 2;
    b = make(&made, &o, 0);
    assert_false(same(&a, &b));
    um_take_clear(&a);
    um_take_clear(&b);
}

/* The low-quality view shows the same frames, with less in them. */
static void check_views(um_lq_view lq)
{
    um_take_options o = thin(0);
    um_take t;

    o.lq = lq;
    t = make(&made, &o, 1);
    assert_int_equal(t.crops[UM_HQ].n, 16);
    assert_int_equal(t.crops[UM_LQ].n, 16);
    assert_memory_equal(t.crops[UM_HQ].landmarks, t.crops[UM_LQ].landmarks,
                        16 * sizeof *t.crops[UM_HQ].landmarks);
    for (size_t i = 0; i < 16; i++) { /* nearest to its own frame in the other view */
        um_face_clip lq_frame = t.crops[UM_LQ], hq_frame = t.crops[UM_HQ];
        double own;

        lq_frame.n = hq_frame.n = 1;
        lq_frame.rgb += i * UM_CROP_BYTES;
        hq_frame.rgb += i * UM_CROP_BYTES;
        own = crop_difference(&lq_frame, &hq_frame);
        assert_true(own > 0.2 && own < 12);
        for (size_t k = 0; k < 16; k += 5) {
            hq_frame.rgb = t.crops[UM_HQ].rgb + k * UM_CROP_BYTES;
            assert_true(own <= crop_difference(&lq_frame, &hq_frame));
        }
    }
    um_take_clear(&t);
}

static void views_are_aligned_and_differ(void **state)
{
    (void)state;
    check_views(UM_LQ_SYNTHETIC);
    check_views(UM_LQ_CODEC);
}

static void shaking_is_noise_of_sigma(void **state)
{
    um_take_options o = thin(0);
    size_t n = UM_WINDOW * UM_LRNET_INPUTS;
    um_take t = make(&made, &o, 0);
    float *out = calloc(n, sizeof *out), *again = calloc(n, sizeof *again);
    double square = 0, mean = 0;

    (void)state;
    um_take_shake(out, t.landmarks, &o, 9);
    for (size_t i = 0; i < n; i++) {
        double d = (double)out[i] - t.landmarks[i];

        mean += d / (double)n;
        square += d * d / (double)n;
    }
    assert_float_equal(sqrt(square), 0.01, 0.0005);
    assert_float_equal(mean, 0, 0.0005);
    um_take_shake(again, t.landmarks, &o, 9);
    assert_memory_equal(out, again, n * sizeof *out);
    um_take_shake(again, t.landmarks, &o, 10);
    assert_memory_not_equal(out, again, n * sizeof *out);
    free(out);
    free(again);
    um_take_clear(&t);
}

/* Share of the crops' values in which two takes differ by more than a grey level or two. */
static double share_changed(const um_take *a, const um_take *b)
{
    size_t changed = 0;

    for (size_t i = 0; i < bytes_of(a); i++)
        changed += abs(a->crops[UM_HQ].rgb[i] - b->crops[UM_HQ].rgb[i]) > 2;
    return (double)changed / (double)bytes_of(a);
}

/* Both halves of a pseudo-fake: the same window, mirrored alike; only the blended face differs. */
static void halves_of_a_pseudo_fake_differ_in_the_blending(void **state)
{
    um_take_options o = thin(1);

    (void)state;
    o.strength = 0;
    for (size_t i = 0; i < 8; i += 2) {
        um_take real = make(&made, &o, i), fake = make(&made, &o, i + 1);
        size_t row = 16 * 128 * 3; /* the outermost rows lie outside of every face */
        double off = 0;

        assert_false(real.fake);
        assert_true(fake.fake);
        assert_false(same(&real, &fake));
        assert_true(share_changed(&real, &fake) < 0.6);
        for (size_t f = 0; f < 16; f++)
            for (size_t k = 0; k < row / 16; k++)
                off += abs(real.crops[UM_HQ].rgb[f * UM_CROP_BYTES + k] -
                           fake.crops[UM_HQ].rgb[f * UM_CROP_BYTES + k]);
        assert_true(off / (double)row < 0.5);
        for (size_t k = 0; k < UM_WINDOW * UM_LRNET_INPUTS; k++)
            assert_true(fabsf(real.landmarks[k] - fake.landmarks[k]) < 0.2f);
        um_take_clear(&real);
        um_take_clear(&fake);
    }
}

/* A plan of pseudo-fakes alone needs no fakes, any other does. */
static void classes_are_asked_for(void **state)
{
    um_take_options o = thin(1);
    um_take_track real[2] = {made.tracks[0], made.tracks[2]}, fake[1] = {made.tracks[1]};
    um_take_plan plan;

    (void)state;
    assert_ok(um_take_plan_new(&plan, real, 2, &o));
    um_take_plan_clear(&plan);
    o.pseudo = 0.9;
    assert_fails(UMCL_ERR_INVALID, "expected both classes, found 2 real and 0 fake tracks",
                 um_take_plan_new(&plan, real, 2, &o));
    o.pseudo = 1;
    assert_fails(UMCL_ERR_INVALID, "found 0 real and 1 fake", um_take_plan_new(&plan, fake, 1, &o));
    o.crop_step = 0; /* landmarks alone cannot be blended */
    assert_fails(UMCL_ERR_INVALID, "found 2 real and 0 fake", um_take_plan_new(&plan, real, 2, &o));
    assert_fails(UMCL_ERR_INVALID, "found 0 real and 0 fake", um_take_plan_new(&plan, real, 0, &o));
}

/* Mirrored takes and those that are not: as the landmarks say, so do the crops. */
static void some_takes_are_mirrored_in_both(void **state)
{
    um_take_options o = thin(0);
    int mirrored = 0;

    (void)state;
    o.strength = 0;
    for (size_t i = 0; i < 16; i += 2) {
        um_take t = make(&made, &o, i);
        const um_landmarks *crop = &t.crops[UM_HQ].landmarks[0];
        /* The rendered face looks straight: a mirror shows in the side on which its motion begins.
           Both descriptions must agree in every frame. */
        for (size_t f = 0; f < 16; f++) {
            const float *row = t.landmarks + f * 10 * UM_LRNET_INPUTS;
            const um_landmarks *p = &t.crops[UM_HQ].landmarks[f];
            double nose = row[2 * 30] - 0.5 * (row[0] + row[2 * 16]),
                   in_crop = p->p[30][0] - 0.5 * (p->p[0][0] + p->p[16][0]);

            assert_true(row[0] < row[2 * 16] && p->p[0][0] < p->p[16][0]);
            if (fabs(nose) > 0.02) assert_true(nose * in_crop > 0);
        }
        mirrored += crop->p[30][0] > 64;
        um_take_clear(&t);
    }
    assert_in_range(mirrored, 1, 7);
}

static void short_tracks_go_there_and_back(void **state)
{
    um_take_options o = thin(0);
    um_take t = make(&brief, &o, 0);

    (void)state;
    /* Frame 110 stands where frame 88 stood: reflection at 99; crops of every tenth. */
    for (size_t i = SHORT; i < UM_WINDOW; i++)
        for (int k = 0; k < UM_LRNET_INPUTS; k++)
            assert_true(fabsf(t.landmarks[i * UM_LRNET_INPUTS + (size_t)k] -
                              t.landmarks[(2 * (SHORT - 1) - i) * UM_LRNET_INPUTS + (size_t)k]) <
                        0.02f);
    um_take_clear(&t);
}

static void crops_that_are_missing_are_named(void **state)
{
    const um_take_options o = thin(0);
    um_take_track tracks[2] = {made.tracks[0], made.tracks[1]};
    um_take_plan plan;
    um_take take;

    (void)state;
    tracks[0].video = "nobody";
    assert_ok(um_take_plan_new(&plan, tracks, 2, &o));
    assert_ok(um_take_new(&take, &o));
    assert_fails(UMCL_ERR_NOT_FOUND, "nobody/track1.mp4", um_take_make(&take, &plan, 0));
    assert_ok(um_take_make(&take, &plan, 1));
    um_take_clear(&take);
    um_take_plan_clear(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_take_is_a_function_of_its_number),
        cmocka_unit_test(another_seed_gives_other_takes),
        cmocka_unit_test(views_are_aligned_and_differ),
        cmocka_unit_test(shaking_is_noise_of_sigma),
        cmocka_unit_test(halves_of_a_pseudo_fake_differ_in_the_blending),
        cmocka_unit_test(classes_are_asked_for),
        cmocka_unit_test(some_takes_are_mirrored_in_both),
        cmocka_unit_test(short_tracks_go_there_and_back),
        cmocka_unit_test(crops_that_are_missing_are_named),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
