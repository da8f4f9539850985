/* Small trees in the layout of each pulse data set, from one generated clip. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/safetensors.h"
#include "base/str.h"
#include "data/pulse_clips.h"
#include "media/video.h"
#include "support_clip.h"
#include "support_tree.h"

enum { N = 96, SIDE = UM_CROP_SIDE, USED = 64 };

#define ROOT "pulse_data.tree"
#define CACHE "pulse_data.cache"
#define HZ 1.25

static double beat(double t)
{
    return sin(2 * M_PI * HZ * t);
}

static void write_video(const char *path)
{
    const um_video_writer_options as = {.width = SIDE, .height = SIDE, .fps = 30, .crf = 10};
    um_face_clip clip = clip_of_face(N, SIDE, false);
    um_video_writer *video;

    assert_ok(um_video_writer_open(&video, path, &as));
    for (size_t i = 0; i < N; i++) {
        um_image crop = um_face_clip_crop(&clip, i);
        assert_ok(um_video_writer_add(video, &crop));
    }
    assert_ok(um_video_writer_finish(video));
    um_face_clip_clear(&clip);
}

typedef enum column { WAVE, RATE, TIME, DUMP, LINES } column;

/* Four seconds of the wave, `hz` times a second. */
static char *wave_text(column kind, double hz)
{
    um_str s = UM_STR_INIT;

    for (int i = 0; i < 4 * hz; i++) {
        double t = i / hz, v = 50 + 20 * beat(t);

        if (kind == DUMP)
            um_str_printf(&s, "%.3f,75,98,%.4f\n", 1000 * t, v);
        else
            um_str_printf(&s, "%.6f%s",
                          kind == TIME   ? t
                          : kind == RATE ? 60 * HZ
                                         : v,
                          kind == LINES ? "\n" : " ");
    }
    assert_ok(um_str_status(&s));
    return s.text;
}

static void put_ubfc(void)
{
    char *wave = wave_text(WAVE, 30), *rates = wave_text(RATE, 30);
    char *times = wave_text(TIME, 30), *dump = wave_text(DUMP, 60);
    um_str text = UM_STR_INIT;

    um_str_printf(&text, "%s\n%s\n%s\n", wave, rates, times);
    tree_put(ROOT, text.text, "subject1/ground_truth.txt");
    write_video(ROOT "/subject1/vid.avi");
    tree_put(ROOT, dump, "5-gt/gtdump.xmp");
    write_video(ROOT "/5-gt/vid.avi");
    free(wave);
    free(rates);
    free(times);
    free(dump);
    um_str_clear(&text);
}

static void put_vipl(void)
{
    char *wave = wave_text(LINES, 60);
    um_str text = UM_STR_INIT;

    um_str_printf(&text, "Wave\n%s", wave);
    tree_put(ROOT, text.text, "p1/v1/source2/wave.csv");
    tree_put(ROOT, "HR\n72\n", "p1/v1/source2/gt_HR.csv");
    write_video(ROOT "/p1/v1/source2/video.avi");
    tree_put(ROOT, text.text, "p1/v1/source4/wave.csv"); /* infrared */
    write_video(ROOT "/p1/v1/source4/video.avi");
    free(wave);
    um_str_clear(&text);
}

static void put_pure(void)
{
    um_str s = UM_STR_INIT;
    um_image picture;

    um_str_append(&s, "{\"/FullPackage\": [");
    for (int i = 0; i < 240; i++)
        um_str_printf(&s, "%s{\"Timestamp\": %lld, \"Value\": {\"waveform\": %d}}", i ? "," : "",
                      1392643993642815000LL + i * 1000000000LL / 60,
                      (int)(500 + 300 * beat(i / 60.0)));
    um_str_append(&s, "], \"/Image\": [");
    for (int i = 0; i < N; i++)
        um_str_printf(&s, "%s{\"Timestamp\": %lld}", i ? "," : "",
                      1392643993642815000LL + i * 1000000000LL / 30);
    um_str_append(&s, "]}");
    tree_put(ROOT, s.text, "01-01.json");
    assert_ok(um_mkdirs(ROOT "/01-01"));
    assert_ok(um_image_new(&picture, 32, 32, 3));
    assert_ok(um_image_write(&picture, ROOT "/01-01/Image1392643993642815000.png"));
    um_image_clear(&picture);
    um_str_clear(&s);
}

/* What `umcl extract` would have made of the recording. */
static void put_faces(const char *name)
{
    static float times[N];
    static um_box boxes[N];
    static uint8_t bridged[N];
    um_face_clip clip = clip_of_face(N, SIDE, false);
    um_st_writer *w;
    char path[256];

    snprintf(path, sizeof path, "%s/%s", CACHE, name);
    assert_ok(um_mkdirs(path));
    snprintf(path, sizeof path, "%s/%s/track1.mp4", CACHE, name);
    write_video(path);
    for (size_t i = 0; i < N; i++) {
        times[i] = (float)i / 30;
        boxes[i] = (um_box){0, 0, SIDE, SIDE};
    }
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_meta(w, "recipe", UM_STORE_RECIPE));
    assert_ok(um_st_writer_add(w, "track1.landmarks", UM_ST_F32, 3,
                               (int64_t[]){N, UM_N_LANDMARKS, 2}, clip.landmarks));
    assert_ok(um_st_writer_add(w, "track1.times", UM_ST_F32, 1, (int64_t[]){N}, times));
    assert_ok(um_st_writer_add(w, "track1.crops", UM_ST_F32, 2, (int64_t[]){N, 4}, boxes));
    assert_ok(um_st_writer_add(w, "track1.bridged", UM_ST_U8, 1, (int64_t[]){N}, bridged));
    snprintf(path, sizeof path, "%s/%s/tracks.safetensors", CACHE, name);
    assert_ok(um_st_write(w, path));
    um_st_writer_free(w);
    um_face_clip_clear(&clip);
}

static int make_tree(void **state)
{
    static const char *const names[] = {"01-01", "5-gt", "p1_v1_source2", "subject1"};

    (void)state;
    tree_make(ROOT);
    tree_make(CACHE);
    put_ubfc();
    put_vipl();
    put_pure();
    tree_put(ROOT, "1\n", "subject2/ground_truth.txt"); /* without its video */
    tree_put(ROOT, "1\n2\n", "p2/v1/source1/wave.csv");
    tree_put(ROOT, "no video", "p2/v1/source1/video.avi");
    for (int i = 0; i < 4; i++) put_faces(names[i]);
    return 0;
}

static int remove_tree(void **state)
{
    (void)state;
    tree_remove(ROOT);
    tree_remove(CACHE);
    return 0;
}

static void every_layout_is_found(void **state)
{
    static const char *const names[] = {"01-01", "5-gt", "p1_v1_source2", "subject1"};
    static const um_pulse_layout layouts[] = {UM_PULSE_LAYOUT_PURE, UM_PULSE_LAYOUT_UBFC1,
                                              UM_PULSE_LAYOUT_VIPL, UM_PULSE_LAYOUT_UBFC2};
    um_pulse_data d;

    (void)state;
    assert_ok(um_pulse_data_read(&d, ROOT));
    assert_int_equal(d.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(d.items[i].name, names[i]);
        assert_int_equal(d.items[i].layout, layouts[i]);
        assert_float_equal(d.items[i].fps, 30, 0.01);
        assert_true(d.items[i].wave.n >= 120);
    }
    assert_int_equal(d.missing.count, 2);
    assert_non_null(strstr(d.missing.text[0], "p2/v1/source1/video.avi"));
    assert_non_null(strstr(d.missing.text[1], "subject2: ground_truth.txt without vid.avi"));
    um_pulse_data_clear(&d);
    assert_fails(UMCL_ERR_NOT_FOUND, "nowhere", um_pulse_data_read(&d, "nowhere"));
    assert_fails(UMCL_ERR_NOT_FOUND, "found none; " ROOT "/subject2: ground_truth.txt without",
                 um_pulse_data_read(&d, ROOT "/subject2"));
}

/* A link to an upper folder ends at the greatest depth. */
static void links_that_go_round_end(void **state)
{
    um_pulse_data d;

    (void)state;
    assert_int_equal(symlink("..", ROOT "/subject1/up"), 0);
    assert_ok(um_pulse_data_read(&d, ROOT));
    assert_true(d.count >= 4 && d.count < 50);
    um_pulse_data_clear(&d);
    assert_int_equal(unlink(ROOT "/subject1/up"), 0);
}

static void clips_have_the_measured_wave(void **state)
{
    um_pulse_source source = {.measured = 1};
    um_pulse_clip clip;

    (void)state;
    assert_ok(um_pulse_source_add_data(&source, ROOT, CACHE));
    for (uint64_t key = 0; key < 4; key++) {
        double dot = 0;

        assert_ok(um_pulse_clip_draw(&source, &clip, USED, key));
        assert_float_equal(clip.bpm, 60 * HZ, 3);
        for (size_t i = 0; i + 12 < USED; i++) /* half a beat later it is turned over */
            dot += (double)(clip.wave[i] * clip.wave[i + 12]) / (USED - 12);
        assert_true(dot < -0.8 && dot > -1.2);
        assert_true(clip.face.rgb[SIDE * SIDE] > 0);
        um_pulse_clip_clear(&clip);
    }
    assert_fails(UMCL_ERR_INVALID, "expected people", um_pulse_clip_draw(&source, &clip, N + 4, 1));
    um_pulse_source_clear(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_found),
        cmocka_unit_test(links_that_go_round_end),
        cmocka_unit_test(clips_have_the_measured_wave),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
