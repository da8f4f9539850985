#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/rng.h"
#include "face/calibrate.h"
#include "face/landmark_text.h"
#include "face/stabilise.h"

#define FRAMES 120
#define N UM_N_LANDMARKS

/* A textured plane, moved by (dx, dy), as seen through the square `box` at 400 px. */
static void see(um_image *crop, um_box box, float dx, float dy, um_rng *noise)
{
    float scale = um_box_width(box) / UM_ALIGNED_SIDE;

    for (int y = 0; y < crop->height; y++)
        for (int x = 0; x < crop->width; x++) {
            float a = box.x0 + ((float)x + 0.5f) * scale - dx;
            float b = box.y0 + ((float)y + 0.5f) * scale - dy;
            float t = 128 + 30 * sinf(0.31f * a + 0.07f * b) + 30 * sinf(0.23f * b - 0.11f * a) +
                      25 * sinf(0.09f * a + 0.13f * b);

            t += (float)um_rng_range(noise, -3, 3); /* the camera's own noise */
            crop->data[(size_t)y * crop->stride + (size_t)x] =
                (uint8_t)lrintf(fminf(fmaxf(t, 0), 255));
        }
}

/* An oval of 68 points around (320, 240), 150 px across. */
static void oval(um_landmarks *lm)
{
    for (int i = 0; i < N; i++) {
        float angle = 6.2831853f * (float)i / N, r = 45 + 30 * (float)(i % 2);

        lm->p[i][0] = 320 + r * cosf(angle);
        lm->p[i][1] = 240 + r * sinf(angle);
    }
}

typedef struct jitter {
    double raw, calibrated;           /* r.m.s. distance from the truth, px */
    double raw_step, calibrated_step; /* r.m.s. movement from frame to frame beyond the true one */
} jitter;

/* Landmarks measured with `sigma` px of noise on a face that moves by (vx, vy) a frame. */
static jitter measure(float sigma, float vx, float vy)
{
    static uint8_t pixels[UM_ALIGNED_SIDE * UM_ALIGNED_SIDE];
    um_image crop = {UM_ALIGNED_SIDE, UM_ALIGNED_SIDE, 1, UM_ALIGNED_SIDE, pixels};
    um_rng noise = um_rng_new(3, "landmark noise"), camera = um_rng_new(4, "camera noise");
    um_landmarks truth, raw, out, last_raw = {0}, last_out = {0};
    um_calibrator *c;
    jitter j = {0};

    oval(&truth);
    assert_ok(um_calibrator_new(&c));
    um_calibrator_reset(c);
    for (int f = 0; f < FRAMES; f++) {
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 2; k++)
                raw.p[i][k] =
                    truth.p[i][k] + (float)f * (k ? vy : vx) + sigma * (float)um_rng_normal(&noise);
        see(&crop, um_calibrator_box(c, &raw), (float)f * vx, (float)f * vy, &camera);
        um_calibrator_step(c, &out, &raw, &crop);
        for (int i = 0; i < N && f >= 20; i++)
            for (int k = 0; k < 2; k++) {
                float v = k ? vy : vx, at = truth.p[i][k] + (float)f * v;

                j.raw += pow(raw.p[i][k] - at, 2);
                j.calibrated += pow(out.p[i][k] - at, 2);
                j.raw_step += pow(raw.p[i][k] - last_raw.p[i][k] - v, 2);
                j.calibrated_step += pow(out.p[i][k] - last_out.p[i][k] - v, 2);
            }
        last_raw = raw;
        last_out = out;
    }
    um_calibrator_free(c);
    j.raw = sqrt(j.raw / ((FRAMES - 20) * N));
    j.calibrated = sqrt(j.calibrated / ((FRAMES - 20) * N));
    j.raw_step = sqrt(j.raw_step / ((FRAMES - 20) * N));
    j.calibrated_step = sqrt(j.calibrated_step / ((FRAMES - 20) * N));
    print_message("noise %.1f px, motion (%.1f, %.1f): error %.3f -> %.3f px, "
                  "step %.3f -> %.3f px\n",
                  (double)sigma, (double)vx, (double)vy, j.raw, j.calibrated, j.raw_step,
                  j.calibrated_step);
    return j;
}

static void still_face_jitters_less(void **state)
{
    jitter j = measure(1, 0, 0);

    (void)state;
    assert_true(j.calibrated < 0.6 * j.raw);
    assert_true(j.calibrated_step < 0.4 * j.raw_step);
}

static void moving_face_is_followed(void **state)
{
    jitter j = measure(0.5f, 1.5f, -0.8f);

    (void)state;
    assert_true(j.calibrated < j.raw);
    assert_true(j.calibrated_step < j.raw_step);
}

static void first_frame_and_lost_points_are_the_detector_s(void **state)
{
    static uint8_t pixels[UM_ALIGNED_SIDE * UM_ALIGNED_SIDE]; /* black: nothing to follow */
    um_image crop = {UM_ALIGNED_SIDE, UM_ALIGNED_SIDE, 1, UM_ALIGNED_SIDE, pixels};
    um_landmarks raw, out;
    um_calibrator *c;

    (void)state;
    assert_ok(um_calibrator_new(&c));
    um_calibrator_reset(c);
    oval(&raw);
    for (int f = 0; f < 3; f++) {
        raw.p[5][0] += 2;
        um_calibrator_box(c, &raw);
        assert_int_equal(um_calibrator_step(c, &out, &raw, &crop), 0);
        for (int i = 0; i < N; i++) assert_float_equal(out.p[i][0], raw.p[i][0], 1e-3);
    }
    um_calibrator_free(c);
}

static void centre_is_held(void **state)
{
    um_held_centre centre = UM_CENTRE_INIT;
    um_landmarks lm;
    um_box first, second, third;

    (void)state;
    oval(&lm);
    first = um_stabilised_box(&centre, &lm, 100);
    assert_float_equal(um_box_width(first), 120, 1e-3);
    for (int i = 0; i < N; i++) lm.p[i][0] += 1.4f;
    second = um_stabilised_box(&centre, &lm, 100);
    assert_float_equal(second.x0, first.x0, 0);
    for (int i = 0; i < N; i++) lm.p[i][0] += 0.1f;
    third = um_stabilised_box(&centre, &lm, 100);
    assert_float_equal(third.x0 - first.x0, 1.5, 1e-3);
}

static void normalised_to_the_mean_face(void **state)
{
    um_landmarks frames[2];
    float out[2 * 2 * N];

    (void)state;
    oval(&frames[0]);
    oval(&frames[1]);
    um_landmarks_normalise(out, frames, 2);
    for (int i = 0; i < 2 * N; i++) {
        assert_true(fabsf(out[i]) < 0.84f); /* 1 / 1.2 of the half side */
        assert_float_equal(out[i], out[2 * N + i], 0);
    }
}

static void text_reads_and_writes(void **state)
{
    static const char *const files[] = {
        SHARED("reference/lrnet/ff_real.txt"),
        SHARED("reference/lrnet/dfo_fake.txt"),
    };

    (void)state;
    need_shared(SHARED("reference/lrnet"));
    for (int i = 0; i < 2; i++) {
        char *a, *b;
        size_t na, nb, n;
        float *rows;

        assert_ok(um_landmark_text_read(&rows, &n, files[i]));
        assert_int_equal(n, i ? 371 : 757);
        assert_ok(um_landmark_text_write("landmark_text_test.txt", rows, n));
        assert_ok(um_file_read(&a, &na, files[i], 1 << 24));
        assert_ok(um_file_read(&b, &nb, "landmark_text_test.txt", 1 << 24));
        assert_int_equal(na, nb);
        assert_memory_equal(a, b, na);
        free(a);
        free(b);
        free(rows);
    }
    remove("landmark_text_test.txt");
}

static void text_refuses(void **state)
{
    const char *path = "landmark_text_bad.txt";
    float *rows, bad[2 * N] = {NAN};
    char row[2 * N * 4 + 8] = "";
    size_t n;

    (void)state;
    assert_fails(UMCL_ERR_NOT_FOUND, "no_such", um_landmark_text_read(&rows, &n, "no_such.txt"));
    assert_ok(um_file_write(path, "\n\n", 2));
    assert_fails(UMCL_ERR_FORMAT, "none", um_landmark_text_read(&rows, &n, path));
    assert_ok(um_file_write(path, "1 2 3\n", 6));
    assert_fails(UMCL_ERR_FORMAT, "line 1", um_landmark_text_read(&rows, &n, path));
    for (int i = 0; i < 2 * N; i++) strcat(row, "0.5 ");
    assert_ok(um_file_write(path, row, strlen(row)));
    assert_ok(um_landmark_text_read(&rows, &n, path));
    assert_int_equal(n, 1);
    free(rows);
    strcat(row, "7");
    assert_ok(um_file_write(path, row, strlen(row)));
    assert_fails(UMCL_ERR_FORMAT, "found 137", um_landmark_text_read(&rows, &n, path));
    memcpy(row, "nan ", 4);
    assert_ok(um_file_write(path, row, strlen(row)));
    assert_fails(UMCL_ERR_FORMAT, "number 1 ", um_landmark_text_read(&rows, &n, path));
    memcpy(row, "abc ", 4);
    assert_ok(um_file_write(path, row, strlen(row)));
    assert_fails(UMCL_ERR_FORMAT, "'abc", um_landmark_text_read(&rows, &n, path));
    assert_ok(um_file_write(path, "\0\0\0", 3));
    assert_fails(UMCL_ERR_FORMAT, "zero byte", um_landmark_text_read(&rows, &n, path));
    assert_fails(UMCL_ERR_INVALID, "out of range", um_landmark_text_write(path, bad, 1));
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(still_face_jitters_less),
        cmocka_unit_test(moving_face_is_followed),
        cmocka_unit_test(first_frame_and_lost_points_are_the_detector_s),
        cmocka_unit_test(centre_is_held),
        cmocka_unit_test(normalised_to_the_mean_face),
        cmocka_unit_test(text_reads_and_writes),
        cmocka_unit_test(text_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
