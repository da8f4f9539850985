/* Windows along a track: judged as they fill, or by a worker behind it. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "detect/track_windows.h"
#include "face/crop.h"

#define MODEL(name) UMCL_TEST_SOURCE "/models/" name ".safetensors"
enum { FRAMES = 400 };

static um_image crop; /* of every frame */

static int prepare(void **state)
{
    um_rng rng = um_rng_new(1, "crop");

    (void)state;
    if (um_image_new(&crop, UM_CROP_SIDE, UM_CROP_SIDE, 3) != UMCL_OK) return -1;
    for (size_t i = 0; i < crop.stride * UM_CROP_SIDE; i++)
        crop.data[i] = (uint8_t)um_rng_u64(&rng);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    um_image_clear(&crop);
    return 0;
}

/* A made-up face that wobbles. */
static um_track_frame frame_of(int i)
{
    um_track_frame f = {.track = 1,
                        .frame = i,
                        .time = i / 30.0,
                        .score = 1,
                        .crop = &crop,
                        .crop_box = {60, 60, 260, 260}};
    um_rng rng = um_rng_new((uint64_t)i, "wobble");

    for (int k = 0; k < UM_N_LANDMARKS; k++) {
        f.calibrated.p[k][0] = 100 + 10 * (float)(k % 9) + (float)um_rng_normal(&rng);
        f.calibrated.p[k][1] = 100 + 12 * (float)(k / 9) + (float)um_rng_normal(&rng);
    }
    return f;
}

static umcl_status feed(um_track_windows *t, um_judge *judge, int n)
{
    for (int i = 0; i < n; i++) {
        um_track_frame f = frame_of(i);

        UM_TRY(um_track_windows_add(t, judge, &f, um_judge_get_info(judge)->stride));
    }
    return um_track_windows_finish(t, judge);
}

static void a_worker_changes_nothing(void **state)
{
    um_track_windows alone;
    um_judge *judge;

    (void)state;
    assert_ok(um_judge_open(&judge, MODEL("lrnet")));
    assert_ok(um_track_windows_start(&alone, um_judge_get_info(judge), 1));
    assert_ok(feed(&alone, judge, FRAMES));
    assert_true(alone.n_windows > 5);
    for (int threads = 1; threads <= 2; threads++) {
        um_track_windows behind;
        um_worker *worker;

        assert_ok(um_worker_new(&worker, threads, 1));
        assert_ok(um_track_windows_start(&behind, um_judge_get_info(judge), 1));
        behind.worker = worker;
        assert_ok(feed(&behind, judge, FRAMES));
        assert_ok(um_worker_finish(worker));
        assert_int_equal(behind.n_windows, alone.n_windows);
        assert_memory_equal(behind.windows, alone.windows, alone.n_windows * sizeof *alone.windows);
        um_worker_free(worker);
        um_track_windows_clear(&behind);
    }
    um_track_windows_clear(&alone);
    um_judge_free(judge);
}

/* The judge's sentence comes back to the one who follows the face, who need not stop at once. */
static void a_window_that_cannot_be_judged(void **state)
{
    static const char sentence[] = "expected every 1-th crop, found";
    um_judge *judge;

    (void)state;
    assert_ok(um_judge_open(&judge, MODEL("umcl")));
    for (int threads = 1; threads <= 2; threads++) {
        umcl_status st = UMCL_OK;
        um_track_windows t;
        um_worker *worker;

        assert_ok(um_worker_new(&worker, threads, 1));
        assert_ok(um_track_windows_start(&t, um_judge_get_info(judge), 1));
        free(t.crops); /* as no caller does */
        t.crops = NULL;
        t.worker = worker;
        for (int i = 0; i < FRAMES && st == UMCL_OK; i++) {
            um_track_frame f = frame_of(i);

            st = um_track_windows_add(&t, judge, &f, 10);
        }
        assert_fails(UMCL_ERR_INVALID, sentence, um_worker_finish(worker));
        if (threads == 1) assert_int_equal(st, UMCL_ERR_INVALID);
        um_worker_free(worker);
        assert_int_equal(t.n_windows, 0);
        um_track_windows_clear(&t);
    }
    um_judge_free(judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_worker_changes_nothing),
                                       cmocka_unit_test(a_window_that_cannot_be_judged)};

    return cmocka_run_group_tests(tests, prepare, finish);
}
