/* The pulse encoder's stem in slices, and taken up where windows share frames. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/pulse_stem.h"

#define FRAME_BYTES ((size_t)UM_PHYSFORMER_SIZE * UM_PHYSFORMER_SIZE * 3)
#define MAP ((size_t)UM_PHYSFORMER_STEM)
#define TOLERANCE 1e-5 /* relative; 0 where oneDNN takes the same kernel for every length */
enum { T = 56, LONG = 180, SLICE = 44, EDGE = 4 };

static uint8_t *face[2]; /* [LONG, 128, 128, 3] */
static um_params *params;
static um_pulse_stem *stem;
static um_graph *whole;
static um_node *in, *out;
static float *maps;

static int prepare(void **state)
{
    um_nn nn = {.prefix = "", .seed = 3};

    (void)state;
    um_threads_set(1);
    for (int f = 0; f < 2; f++) {
        um_rng rng = um_rng_new((uint64_t)f, "face");

        assert_ok(um_calloc(&face[f], LONG, FRAME_BYTES));
        for (size_t i = 0; i < LONG * FRAME_BYTES / 8; i++) {
            uint64_t word = um_rng_u64(&rng);

            memcpy(face[f] + 8 * i, &word, 8);
        }
    }
    assert_ok(um_calloc(&maps, T, MAP * sizeof *maps));
    assert_ok(um_params_new(&params, um_backend_cpu()));
    nn.set = params;
    assert_ok(um_graph_new(&whole, um_backend_cpu(), UM_INFER));
    nn.g = whole;
    in = um_input(whole, "clip", UM_F32, UM_SHAPE(1, T, 128, 128, 3));
    out = um_physformer_stem(&nn, in);
    um_output(whole, out);
    assert_ok(um_graph_compile(whole));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    um_graph_free(whole);
    um_params_free(params);
    free(face[0]);
    free(face[1]);
    free(maps);
    return 0;
}

static int open_stem(void **state)
{
    um_nn nn = {.set = params, .prefix = "", .seed = 3};

    (void)state;
    assert_ok(um_pulse_stem_new(&stem, &nn, T));
    return 0;
}

static int close_stem(void **state)
{
    (void)state;
    um_pulse_stem_free(stem);
    return 0;
}

/* The window of `which` face from `first` on gives what the whole clip at once gives. */
static void check(int which, int first)
{
    const uint8_t *rgb = face[which] + (size_t)first * FRAME_BYTES;
    const float *right = um_data(out);
    double most = 0, size = 0;

    assert_ok(um_pulse_stem_run(stem, rgb, maps));
    um_physformer_input(um_data(in), rgb, T);
    assert_ok(um_graph_forward(whole));
    for (size_t i = 0; i < T * MAP; i++) {
        size = fmax(size, fabs((double)right[i]));
        most = fmax(most, fabs((double)maps[i] - (double)right[i]));
    }
    assert_true(size > 0.1);
    if (!(most <= TOLERANCE * size)) fail_msg("window at %d: off by %g of %g", first, most, size);
}

static void run(int which, int first)
{
    assert_ok(um_pulse_stem_run(stem, face[which] + (size_t)first * FRAME_BYTES, maps));
}

/* How many frames a window cost. */
static size_t cost(int which, int first)
{
    size_t before = um_pulse_stem_frames(stem);

    check(which, first);
    return um_pulse_stem_frames(stem) - before;
}

static void slices_give_the_whole(void **state)
{
    (void)state;
    assert_int_equal(cost(0, 0), 2 * SLICE);
    assert_true(um_pulse_stem_memory(stem) < um_graph_memory(whole));
}

/* Windows along a face: half of each is the half of the one before. */
static void shared_frames_are_not_computed_again(void **state)
{
    (void)state;
    run(0, 0);
    assert_int_equal(cost(0, T / 2), EDGE + SLICE);
    assert_int_equal(cost(0, T), EDGE + SLICE);
    assert_int_equal(cost(0, T + 7), EDGE + SLICE);
    assert_int_equal(cost(0, T + 7), 0);
    assert_int_equal(cost(0, T), 2 * SLICE); /* back in time: nothing is taken up */
}

static void two_faces_side_by_side(void **state)
{
    (void)state;
    run(0, 0);
    run(1, 10);
    assert_int_equal(cost(0, T / 2), EDGE + SLICE);
    assert_int_equal(cost(1, 10 + T / 2), EDGE + SLICE);
}

/* One value of one pixel in a shared frame: everything counts as new. */
static void a_changed_pixel_is_seen(void **state)
{
    (void)state;
    run(0, 0);
    face[0][(size_t)(T - 1) * FRAME_BYTES + 4711] ^= 1;
    assert_int_equal(cost(0, T / 2), 2 * SLICE);
}

static void changed_parameters_are_seen(void **state)
{
    um_param *p = um_params_find(params, "Stem1.0.weight");
    size_t n = (size_t)um_shape_count(&p->value.shape);
    float *host;

    (void)state;
    run(0, 0);
    assert_ok(um_calloc(&host, n, sizeof *host));
    assert_ok(um_param_get(params, p, host));
    for (size_t i = 0; i < n; i++) host[i] = -host[i];
    assert_ok(um_param_set(params, p, host));
    free(host);
    assert_int_equal(cost(0, 0), 2 * SLICE);
}

int main(void)
{
#define WITH_STEM(test) cmocka_unit_test_setup_teardown(test, open_stem, close_stem)
    const struct CMUnitTest tests[] = {
        WITH_STEM(slices_give_the_whole), WITH_STEM(shared_frames_are_not_computed_again),
        WITH_STEM(two_faces_side_by_side), WITH_STEM(a_changed_pixel_is_seen),
        WITH_STEM(changed_parameters_are_seen)};

    return cmocka_run_group_tests(tests, prepare, finish);
}
