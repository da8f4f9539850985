#include "../test.h"

#include <math.h>
#include <time.h>

#include "base/rng.h"
#include "face/flow.h"

#define SIDE 400
#define N 68

/* A smooth texture of a few waves, sampled exactly at any shift. */
static void paint(um_image *im, float dx, float dy, float degrees)
{
    float c = cosf(degrees * 0.0174533f), s = sinf(degrees * 0.0174533f);

    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++) {
            float u = (float)x + 0.5f - dx - SIDE / 2, v = (float)y + 0.5f - dy - SIDE / 2;
            float a = c * u + s * v, b = -s * u + c * v;
            float t = 128 + 30 * sinf(0.21f * a + 0.05f * b) + 25 * sinf(0.13f * b - 0.08f * a) +
                      25 * sinf(0.043f * a * 1.3f + 0.061f * b) + 20 * cosf(0.31f * b);

            im->data[(size_t)y * im->stride + (size_t)x] = (uint8_t)lrintf(fminf(fmaxf(t, 0), 255));
        }
}

static void scatter(float (*p)[2])
{
    um_rng rng = um_rng_new(7, "points");

    for (int i = 0; i < N; i++)
        for (int k = 0; k < 2; k++) p[i][k] = (float)um_rng_range(&rng, 60, SIDE - 60);
}

typedef struct pair {
    um_image a, b;
    um_pyramid *pa, *pb;
} pair;

static void pair_new(pair *p, float dx, float dy, float degrees)
{
    static uint8_t pixels[2][SIDE * SIDE];

    p->a = (um_image){SIDE, SIDE, 1, SIDE, pixels[0]};
    p->b = (um_image){SIDE, SIDE, 1, SIDE, pixels[1]};
    assert_ok(um_pyramid_new(&p->pa, SIDE, SIDE));
    assert_ok(um_pyramid_new(&p->pb, SIDE, SIDE));
    paint(&p->a, 0, 0, 0);
    paint(&p->b, dx, dy, degrees);
    um_pyramid_set(p->pa, &p->a);
    um_pyramid_set(p->pb, &p->b);
}

static void pair_free(pair *p)
{
    um_pyramid_free(p->pa);
    um_pyramid_free(p->pb);
}

static void shifts_are_found_below_a_pixel(void **state)
{
    static const float shift[][2] = {{0, 0}, {0.3f, -0.7f}, {1.25f, 2.5f}, {-6.4f, 3.1f}, {11, -9}};
    float at[N][2], to[N][2], error[N];

    (void)state;
    scatter(at);
    for (size_t k = 0; k < sizeof shift / sizeof *shift; k++) {
        pair p;
        float worst = 0;

        pair_new(&p, shift[k][0], shift[k][1], 0);
        memcpy(to, at, sizeof to);
        um_flow_round_trip(p.pa, p.pb, (const float(*)[2])at, to, error, N);
        for (int i = 0; i < N; i++) {
            worst = fmaxf(worst, hypotf(to[i][0] - at[i][0] - shift[k][0],
                                        to[i][1] - at[i][1] - shift[k][1]));
            assert_true(error[i] < 0.1f);
        }
        print_message("shift (%g, %g): worst error %.4f px\n", (double)shift[k][0],
                      (double)shift[k][1], (double)worst);
        assert_true(worst < 0.06f);
        pair_free(&p);
    }
}

static void rotation_is_followed(void **state)
{
    float at[N][2], to[N][2], error[N], worst = 0;
    const float c = cosf(2 * 0.0174533f), s = sinf(2 * 0.0174533f);
    pair p;

    (void)state;
    scatter(at);
    memcpy(to, at, sizeof to);
    pair_new(&p, 0, 0, 2);
    um_flow_round_trip(p.pa, p.pb, (const float(*)[2])at, to, error, N);
    for (int i = 0; i < N; i++) {
        float x = at[i][0] - SIDE / 2, y = at[i][1] - SIDE / 2;

        if (error[i] > 2) continue;
        worst = fmaxf(worst, hypotf(to[i][0] - SIDE / 2 - (c * x - s * y),
                                    to[i][1] - SIDE / 2 - (s * x + c * y)));
    }
    print_message("2 degrees: worst error %.3f px\n", (double)worst);
    assert_true(worst < 0.3f);
    pair_free(&p);
}

static void lost_points_say_so(void **state)
{
    const float at[4][2] = {{200, 200}, {-300, 10}, {NAN, 3}, {399.9f, 399.9f}};
    float to[4][2];
    bool found[4];
    pair p;

    (void)state;
    pair_new(&p, 0, 0, 0);
    memcpy(to, at, sizeof to);
    um_flow_track(p.pa, p.pb, at, to, found, 4);
    assert_true(found[0]);
    assert_false(found[1]);
    assert_false(found[2]);
    memset(p.a.data, 90, p.a.stride * SIDE); /* no texture, nothing to hold on to */
    um_pyramid_set(p.pa, &p.a);
    um_flow_track(p.pa, p.pb, at, to, found, 1);
    assert_false(found[0]);
    pair_free(&p);
    assert_fails(UMCL_ERR_INVALID, "sides", um_pyramid_new(&p.pa, 0, 5));
}

static void round_trip_is_fast(void **state)
{
    float at[N][2], to[N][2], error[N];
    struct timespec a, b;
    pair p;
    double ms, best = 1e9;

    (void)state;
    scatter(at);
    pair_new(&p, 2.3f, -1.6f, 0.5f);
    for (int round = 0; round < 10; round++) {
        memcpy(to, at, sizeof to);
        clock_gettime(CLOCK_MONOTONIC, &a);
        um_pyramid_set(p.pb, &p.b);
        um_flow_round_trip(p.pa, p.pb, (const float(*)[2])at, to, error, N);
        clock_gettime(CLOCK_MONOTONIC, &b);
        ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) * 1e-6;
        if (ms < best) best = ms;
    }
    print_message("one pyramid and 68 points there and back: %.2f ms\n", best);
    assert_true(best < 100); /* sanitizers; the figure above is the one to read */
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts_are_found_below_a_pixel),
        cmocka_unit_test(rotation_is_followed),
        cmocka_unit_test(lost_points_say_so),
        cmocka_unit_test(round_trip_is_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
