#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "face/assign.h"
#include "face/track.h"

static um_face face_at(float x, float y, float size)
{
    return (um_face){.box = {x - size / 2, y - size / 2, x + size / 2, y + size / 2},
                     .score = 0.99f};
}

/* Looks of made-up people: the same noise for the same person, a little of it new each time. */
static um_appearance look_of(int person, um_rng *rng)
{
    uint8_t pixels[256];
    um_image im = {16, 16, 1, 16, pixels};
    um_appearance look;
    uint64_t key = um_rng_new((uint64_t)person, "person").key;

    for (size_t i = 0; i < 256; i++)
        pixels[i] = (uint8_t)(60 + 100 * um_rng_uniform_at(key, i) + um_rng_range(rng, 0, 60));
    um_appearance_set(&look, &im);
    return look;
}

static um_tracker *tracker(void)
{
    um_tracker *t;

    assert_ok(um_tracker_new(&t, &UM_TRACKER_OPTIONS_INIT));
    return t;
}

static const um_track *by_id(const um_tracker *t, int id)
{
    for (size_t i = 0; i < um_tracker_count(t); i++)
        if (um_tracker_at(t, i)->id == id) return um_tracker_at(t, i);
    return NULL;
}

static void assignment_is_the_cheapest(void **state)
{
    um_rng rng = um_rng_new(5, "assign");

    (void)state;
    for (int round = 0; round < 50; round++) {
        static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        float cost[9], best = 1e9f, got = 0;
        int column[3];

        for (int i = 0; i < 9; i++) cost[i] = (float)um_rng_uniform(&rng);
        assert_ok(um_assign(column, cost, 3, 3, 10));
        for (int k = 0; k < 6; k++)
            best = fminf(best, cost[order[k][0]] + cost[3 + order[k][1]] + cost[6 + order[k][2]]);
        for (int i = 0; i < 3; i++) got += cost[3 * i + column[i]];
        assert_float_equal(got, best, 1e-6);
    }
    {
        const float cost[4] = {0.1f, 5, 0.2f, 5}; /* both want the first column */
        int column[2];

        assert_ok(um_assign(column, cost, 2, 2, 1));
        assert_int_equal(column[0], 0);
        assert_int_equal(column[1], -1);
    }
}

static void detection_every_eighth_frame(void **state)
{
    um_tracker *t = tracker();

    (void)state;
    for (int f = 0; f < 100; f++) {
        um_face a = face_at(100 + 3.0f * (float)f, 200, 80);

        um_tracker_advance(t, f);
        if (f % 8 == 0) assert_ok(um_tracker_update(t, &a, NULL, 1));
        assert_int_equal(um_tracker_count(t), 1);
        assert_int_equal(um_tracker_at(t, 0)->id, 1);
        if (f > 40) assert_true(um_box_iou(um_tracker_at(t, 0)->box, a.box) > 0.9f);
    }
    um_tracker_free(t);
}

/* Two faces walk through each other; near the meeting only the front one is detected. */
static void crossing_faces_keep_their_numbers(void **state)
{
    static const float speed[] = {2, 4, 7};

    (void)state;
    for (int s = 0; s < 3; s++) {
        um_tracker *t = tracker();
        um_rng rng = um_rng_new(9, "looks");
        int frames = (int)(400 / speed[s]);

        for (int f = 0; f < frames; f++) {
            float xa = 100 + speed[s] * (float)f, xb = 500 - speed[s] * (float)f;
            um_face faces[2] = {face_at(xa, 200, 80), face_at(xb, 206, 76)};
            um_appearance looks[2] = {look_of(1, &rng), look_of(2, &rng)};
            /* A few pixels of detector noise. */
            for (int k = 0; k < 2; k++)
                faces[k].box = um_box_shift(faces[k].box, (float)um_rng_range(&rng, -2, 2),
                                            (float)um_rng_range(&rng, -2, 2));
            um_tracker_advance(t, f);
            if (f % 5) continue;
            assert_ok(um_tracker_update(t, faces, looks, fabsf(xa - xb) < 28 ? 1 : 2));
        }
        assert_int_equal(um_tracker_count(t), 2);
        assert_true(by_id(t, 1) && by_id(t, 2));
        assert_true(by_id(t, 1)->box.x0 > 300);
        assert_true(by_id(t, 2)->box.x0 < 300);
        um_tracker_free(t);
    }
}

static void short_gaps_are_bridged_long_ones_end(void **state)
{
    static const int gap[] = {5, 14, 30};

    (void)state;
    for (int g = 0; g < 3; g++) {
        um_tracker *t = tracker();
        int last_id = 0;

        for (int f = 0; f < 120; f++) {
            um_face a = face_at(100 + 2.0f * (float)f, 150, 60);

            um_tracker_advance(t, f);
            assert_ok(um_tracker_update(t, &a, NULL, f >= 50 && f < 50 + gap[g] ? 0 : 1));
            for (size_t i = 0; i < um_tracker_count(t); i++)
                if (!um_tracker_at(t, i)->ended) last_id = um_tracker_at(t, i)->id;
        }
        assert_int_equal(last_id, gap[g] > 15 ? 2 : 1);
        um_tracker_free(t);
    }
}

static void faces_enter_leave_and_are_cut(void **state)
{
    um_tracker *t = tracker();
    um_face two[2] = {face_at(100, 100, 50), face_at(300, 100, 50)};
    um_face weak = face_at(500, 100, 50);

    (void)state;
    um_tracker_advance(t, 0);
    assert_ok(um_tracker_update(t, two, NULL, 1));
    assert_int_equal(um_tracker_count(t), 1);
    um_tracker_advance(t, 1);
    assert_ok(um_tracker_update(t, two, NULL, 2));
    assert_int_equal(um_tracker_count(t), 2);
    um_tracker_advance(t, 2);
    um_tracker_cut(t);
    assert_true(um_tracker_at(t, 0)->ended);
    assert_ok(um_tracker_update(t, two, NULL, 2));
    um_tracker_advance(t, 3);
    assert_int_equal(um_tracker_count(t), 2);
    assert_int_equal(um_tracker_at(t, 0)->id, 3); /* the same places, but new shots: new tracks */
    weak.score = 0.5f;
    assert_ok(um_tracker_update(t, &weak, NULL, 1));
    um_tracker_advance(t, 4);
    assert_int_equal(um_tracker_count(t), 2);
    um_tracker_end(t, 0);
    um_tracker_advance(t, 5);
    assert_int_equal(um_tracker_count(t), 1);
    assert_int_equal(um_tracker_at(t, 0)->id, 4);
    um_tracker_free(t);
}

static void crowds_are_followed_up_to_the_limit(void **state)
{
    static um_face crowd[300];
    um_tracker *t = tracker();
    um_rng rng = um_rng_new(2, "crowd");
    clock_t begin = clock();

    (void)state;
    for (int f = 0; f < 10; f++) {
        for (int i = 0; i < 200; i++)
            crowd[i] = face_at(50.0f * (float)(i % 20) + (float)um_rng_range(&rng, -2, 2),
                               50.0f * (float)(i / 20), 30);
        um_tracker_advance(t, f);
        assert_ok(um_tracker_update(t, crowd, NULL, 200));
        assert_int_equal(um_tracker_count(t), 200);
    }
    print_message("200 faces: %.1f ms an update\n",
                  1e3 * (double)(clock() - begin) / CLOCKS_PER_SEC / 10);
    for (int i = 0; i < 200; i++) assert_int_equal(um_tracker_at(t, (size_t)i)->id, i + 1);
    for (int i = 200; i < 300; i++) crowd[i] = face_at(50.0f * (float)i, 900, 30);
    um_tracker_advance(t, 10);
    assert_ok(um_tracker_update(t, crowd, NULL, 300));
    assert_int_equal(um_tracker_count(t), UM_MAX_TRACKS);
    assert_int_equal(um_tracker_ignored(t), 300 - UM_MAX_TRACKS);
    um_tracker_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignment_is_the_cheapest),
        cmocka_unit_test(detection_every_eighth_frame),
        cmocka_unit_test(crossing_faces_keep_their_numbers),
        cmocka_unit_test(short_gaps_are_bridged_long_ones_end),
        cmocka_unit_test(faces_enter_leave_and_are_cut),
        cmocka_unit_test(crowds_are_followed_up_to_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
