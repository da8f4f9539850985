/* Cuts between shots, and the smooth crop within one. */
#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "face/crop.h"
#include "face/cut.h"

/* A scene of soft blobs, panned by (x, y), brightened by `gain`. */
static void scene(um_image *im, int number, float x, float y, float gain)
{
    uint64_t key = um_rng_new((uint64_t)number, "scene").key;

    for (int v = 0; v < UM_CUT_HEIGHT; v++)
        for (int u = 0; u < UM_CUT_WIDTH; u++) {
            float t = 90;

            for (uint64_t b = 0; b < 12; b++) {
                float cx = (float)um_rng_uniform_at(key, 4 * b) * UM_CUT_WIDTH;
                float cy = (float)um_rng_uniform_at(key, 4 * b + 1) * UM_CUT_HEIGHT;
                float r = 3 + 6 * (float)um_rng_uniform_at(key, 4 * b + 2);
                float h = 160 * ((float)um_rng_uniform_at(key, 4 * b + 3) - 0.5f);
                float d2 = powf((float)u - cx - x, 2) + powf((float)v - cy - y, 2);

                t += h * expf(-d2 / (2 * r * r));
            }
            im->data[v * UM_CUT_WIDTH + u] =
                (uint8_t)lrintf(fminf(fmaxf((t - 128) * gain + 128 + 60 * (gain - 1), 0), 255));
        }
}

static void cuts_are_found_and_nothing_else(void **state)
{
    uint8_t pixels[UM_CUT_WIDTH * UM_CUT_HEIGHT];
    um_image im = {UM_CUT_WIDTH, UM_CUT_HEIGHT, 1, UM_CUT_WIDTH, pixels};
    um_cut_detector cut = UM_CUT_INIT;
    int found = 0;

    (void)state;
    for (int f = 0; f < 300; f++) {
        int number = f / 50; /* a cut every 50 frames */
        float pan = (float)(f % 50) * (number % 2 ? 0.4f : 0.0f);
        float gain = f % 50 == 25 ? 1.5f : 1; /* a flash in every shot */
        bool is_cut;

        if (number == 3) gain = 0.2f + 0.8f * (float)(f % 50) / 50; /* a fade-in */
        scene(&im, number, pan, pan / 2, gain);
        is_cut = um_cut_step(&cut, &im);
        if (is_cut) found++;
        if (is_cut != (f % 50 == 0 && f > 0)) fail_msg("frame %d: cut %d", f, is_cut);
    }
    assert_int_equal(found, 5);
}

static void crop_is_smooth_and_keeps_up(void **state)
{
    um_rng rng = um_rng_new(6, "crop");
    um_crop_filter f = UM_CROP_FILTER_INIT;
    double in = 0, out = 0;
    float last_in = 0, last_out = 0;
    um_box b = {0};

    (void)state;
    for (int i = 0; i < 200; i++) { /* still, with a trembling box */
        float x = 300 + (float)um_rng_normal(&rng), y = 200 + (float)um_rng_normal(&rng);

        b = um_crop_filter_step(&f, (um_box){x - 50, y - 60, x + 50, y + 60});
        if (i > 50) {
            in += pow(x - last_in, 2);
            out += pow(0.5f * (b.x0 + b.x1) - last_out, 2);
        }
        last_in = x;
        last_out = 0.5f * (b.x0 + b.x1);
    }
    print_message("crop: step %.3f -> %.3f px\n", sqrt(in / 149), sqrt(out / 149));
    assert_true(out < 0.1 * in);
    assert_float_equal(um_box_width(b), 156, 2);
    for (int i = 1; i <= 60; i++) { /* then it runs: a face size a second */
        float x = 300 + 4.0f * (float)i;

        b = um_crop_filter_step(&f, (um_box){x - 50, 140, x + 50, 260});
        last_in = x;
    }
    print_message("crop: lags %.1f px at 4 px a frame\n", (double)(last_in - 0.5f * (b.x0 + b.x1)));
    assert_true(last_in - 0.5f * (b.x0 + b.x1) < 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_are_found_and_nothing_else),
        cmocka_unit_test(crop_is_smooth_and_keeps_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
