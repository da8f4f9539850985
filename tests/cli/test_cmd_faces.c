/* umcl faces from outside: what it finds, compared with what was rendered, and what it draws. */
#include "support_cli.h"
#include "support_models.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "media/video.h"

#define SIZE "--width 256 --height 192 "
#define FRAMES 24 /* of the clip */

static int render(void **state)
{
    if (cli_setup(state) != 0) return -1;
    cli_ends(0, "synth -q -o face.png --truth face.json --seed 3 " SIZE);
    cli_ends(0, "synth -q -o face.jpg --seed 3 " SIZE);
    cli_ends(0, "synth -q -o two.png --seed 4 --people 2 --width 400 --height 192");
    cli_ends(0, "synth -q -o clip.mp4 --truth clip.json --seconds 0.8 " SIZE);
    cli_ends(0, "synth -q -o wall.png --no-face " SIZE);
    return 0;
}

/* The only element of "files" of the document that was printed; the caller's. */
static json_t *only_file(const char *status, int width, int height)
{
    json_t *doc = cli_json(), *files, *file, *frames;
    const char *schema, *path, *found;
    json_error_t e;
    int w, h;

    if (json_unpack_ex(doc, &e, JSON_STRICT, "{s:s, s:o}", "schema", &schema, "files", &files) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(schema, "umcl.faces/1");
    assert_int_equal(json_array_size(files), 1);
    file = json_incref(json_array_get(files, 0));
    if (json_unpack_ex(file, &e, JSON_STRICT, "{s:s, s:s, s:i, s:i, s:o}", "path", &path, "status",
                       &found, "width", &w, "height", &h, "frames", &frames) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(found, status);
    assert_int_equal(w, width);
    assert_int_equal(h, height);
    assert_true(json_is_array(frames));
    json_decref(doc);
    return file;
}

static json_t *frame_at(const json_t *file, size_t i)
{
    return json_array_get(json_object_get(file, "frames"), i);
}

/* Face `k` of frame `i` of a document of rendered truth or of found faces. */
static json_t *face_at(const json_t *file, size_t i, size_t k)
{
    json_t *faces = json_object_get(frame_at(file, i), "faces");

    assert_true(json_array_size(faces) > k);
    return json_array_get(faces, k);
}

static void read_points(float p[][2], size_t n, const json_t *face, const char *key)
{
    const json_t *list = json_object_get(face, key);

    assert_int_equal(json_array_size(list), n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            p[i][k] = (float)json_number_value(json_array_get(json_array_get(list, i), k));
}

static um_box read_box(const json_t *face)
{
    double b[4];

    assert_int_equal(
        json_unpack(json_object_get(face, "box"), "[F, F, F, F]", &b[0], &b[1], &b[2], &b[3]), 0);
    assert_true(b[2] > b[0] && b[3] > b[1]);
    return (um_box){(float)b[0], (float)b[1], (float)b[2], (float)b[3]};
}

/* Exactly these fields, of these types. */
static void check_face(const json_t *face)
{
    json_t *box, *points, *landmarks;
    float p[5][2], lm[68][2];
    json_error_t e;
    double score;
    int track;

    if (json_unpack_ex((json_t *)face, &e, JSON_STRICT, "{s:i, s:o, s:F, s:o, s:o}", "track",
                       &track, "box", &box, "score", &score, "points", &points, "landmarks",
                       &landmarks) != 0)
        fail_msg("%s", e.text);
    assert_true(track >= 1 && score > 0 && score <= 1);
    read_box(face);
    read_points(p, 5, face, "points");
    read_points(lm, 68, face, "landmarks");
}

static float overlap(um_box a, um_box b)
{
    float w = fminf(a.x1, b.x1) - fmaxf(a.x0, b.x0), h = fminf(a.y1, b.y1) - fmaxf(a.y0, b.y0);
    float area_a = (a.x1 - a.x0) * (a.y1 - a.y0), area_b = (b.x1 - b.x0) * (b.y1 - b.y0);

    return w > 0 && h > 0 ? w * h / (area_a + area_b - w * h) : 0;
}

/* The found face lies on the rendered one: its box, and its points within a share of the distance
   of the outer eye corners. */
static void check_place(const json_t *found, const json_t *truth)
{
    float lm[68][2], true_lm[68][2], p[5][2], eyes, error = 0;

    read_points(lm, 68, found, "landmarks");
    read_points(true_lm, 68, truth, "landmarks");
    read_points(p, 5, found, "points");
    eyes = hypotf(true_lm[45][0] - true_lm[36][0], true_lm[45][1] - true_lm[36][1]);
    for (int i = 0; i < 68; i++)
        error += hypotf(lm[i][0] - true_lm[i][0], lm[i][1] - true_lm[i][1]) / 68 / eyes;
    if (error > 0.08f) fail_msg("landmarks are off by %.3f", (double)error);
    if (overlap(read_box(found), read_box(truth)) < 0.5f) fail_msg("the box is elsewhere");
    assert_true(hypotf(p[2][0] - true_lm[30][0], p[2][1] - true_lm[30][1]) < 0.25f * eyes);
}

static void test_picture(void **state)
{
    static const char *const names[] = {"face.png", "face.jpg"};
    json_t *truth = json_load_file("face.json", 0, NULL), *file;

    (void)state;
    for (int i = 0; i < 2; i++) {
        cli_ends(0, "faces --json %s", names[i]);
        assert_string_equal(cli_err(), "");
        file = only_file("ok", 256, 192);
        assert_int_equal(json_array_size(json_object_get(file, "frames")), 1);
        assert_int_equal(json_array_size(json_object_get(frame_at(file, 0), "faces")), 1);
        check_face(face_at(file, 0, 0));
        check_place(face_at(file, 0, 0), face_at(truth, 0, 0));
        json_decref(file);
    }
    json_decref(truth);
    cli_ends(0, "faces face.png");
    assert_says(cli_out(), "face.png: 256 x 192, 1 face\n  face 1: box ");
    cli_ends(0, "faces wall.png two.png");
    assert_says(cli_out(), "wall.png: 256 x 192, 0 faces\n");
    assert_says(cli_out(), "two.png: 400 x 192, 2 faces\n");
    cli_ends(0, "faces --json wall.png");
    json_decref(only_file("no_face", 256, 192));
}

static void test_video(void **state)
{
    json_t *truth = json_load_file("clip.json", 0, NULL), *file;
    double time;

    (void)state;
    cli_ends(0, "faces --json clip.mp4");
    file = only_file("ok", 256, 192);
    assert_int_equal(json_array_size(json_object_get(file, "frames")), FRAMES);
    for (size_t i = 0; i < FRAMES; i++) {
        time = json_number_value(json_object_get(frame_at(file, i), "time"));
        assert_float_equal(time, i / 30.0, 1e-3);
        check_face(face_at(file, i, 0));
        assert_int_equal(json_integer_value(json_object_get(face_at(file, i, 0), "track")), 1);
        check_place(face_at(file, i, 0), face_at(truth, i, 0));
    }
    json_decref(file);
    json_decref(truth);
    cli_ends(0, "faces clip.mp4");
    assert_says(cli_out(), "clip.mp4: 256 x 192, 1 track\n  track 1: 0.00-0.77 s, 24 frames (0 ");
    cli_ends(0, "faces - <clip.mp4");
    assert_says(cli_out(), "-: 256 x 192, 1 track\n");
}

static void test_options(void **state)
{
    json_t *file;

    (void)state;
    cli_ends(0, "faces --json --every 10 --start 0.1 --detect-every 8 clip.mp4");
    file = only_file("ok", 256, 192);
    assert_int_equal(json_array_size(json_object_get(file, "frames")), 3);
    assert_float_equal(json_number_value(json_object_get(frame_at(file, 1), "time")),
                       0.1 + 10 / 30.0, 1e-3);
    check_face(face_at(file, 2, 0));
    json_decref(file);
    cli_ends(0, "faces --json --duration 0.2 --overview 200 clip.mp4");
    file = only_file("ok", 256, 192);
    assert_int_equal(json_array_size(json_object_get(file, "frames")), 6);
    json_decref(file);
    cli_ends(0, "faces --max-faces 1 two.png");
    assert_says(cli_out(), "two.png: 400 x 192, 1 face\n");
    assert_says(cli_err(), "two.png: more than 1 faces; the smallest were ignored");
    cli_ends(0, "faces --min-face 200 face.png");
    assert_says(cli_out(), "face.png: 256 x 192, 0 faces\n");
    cli_ends(0, "faces --landmarks " SHIPPED("face_landmarks") " face.png");
    assert_says(cli_out(), ", 1 face\n");
    /* The same weights, which now ask for more certainty than there is. */
    model_with("strict.safetensors", SHIPPED("face_detector"), "threshold", "0.6 0.7 0.9999999");
    cli_ends(0, "faces -w strict.safetensors --json face.png");
    json_decref(only_file("no_face", 256, 192));
}

/* Number of samples in which two pictures of one size differ by more than 24 levels. */
static int difference(const um_image *a, const um_image *b)
{
    int n = 0;

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < 3 * a->width; x++)
            n += abs(a->data[(size_t)y * a->stride + (size_t)x] -
                     b->data[(size_t)y * b->stride + (size_t)x]) > 24;
    return n;
}

static void check_drawn(const char *drawn, const char *original)
{
    um_image a, b;
    int n;

    assert_ok(um_image_read(&a, drawn));
    assert_ok(um_image_read(&b, original));
    n = difference(&a, &b);
    if (n < 1000 || n > 40000) fail_msg("%s differs in %d samples", drawn, n);
    um_image_clear(&a);
    um_image_clear(&b);
}

static int count_frames(const char *path)
{
    const um_video_options as_is = {.fps = 0};
    um_video *video;
    int n = 0;

    assert_ok(um_video_open(&video, path, &as_is));
    for (um_frame *frame;; n++) {
        assert_ok(um_video_next(video, &frame));
        if (!frame) break;
        um_frame_unref(frame);
    }
    um_video_close(video);
    return n;
}

static void test_draw(void **state)
{
    (void)state;
    cli_ends(0, "faces --draw drawn.png face.png");
    check_drawn("drawn.png", "face.png");
    cli_ends(0, "faces --draw drawn.jpg face.jpg");
    check_drawn("drawn.jpg", "face.jpg");
    cli_ends(0, "faces --json --draw drawn.mkv clip.mp4");
    json_decref(only_file("ok", 256, 192));
    check_drawn("drawn.mkv", "clip.mp4");
    assert_int_equal(count_frames("drawn.mkv"), FRAMES);
    cli_ends(0, "faces --draw plain.png wall.png");
    cli_ends(1, "faces --json --draw drawn.gif face.png");
    json_decref(only_file("ok", 256, 192));
    assert_says(cli_err(), "drawn.gif: expected a name ending in .png, .jpg or .jpeg");
    cli_ends(1, "faces --draw no/folder.mp4 clip.mp4");
    assert_says(cli_err(), "umcl faces: no/folder.mp4");
    cli_ends(2, "faces --draw both.png face.png two.png");
    cli_ends(2, "faces --draw in.png - <face.png");
    assert_says(cli_err(), "--draw takes one file, and not standard input");
}

/* A picture turned counter-clockwise. */
static um_image turned(const um_image *im)
{
    um_image out;

    assert_ok(um_image_new(&out, im->height, im->width, 3));
    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++)
            memcpy(out.data + (size_t)(im->width - 1 - x) * out.stride + 3 * (size_t)y,
                   im->data + (size_t)y * im->stride + 3 * (size_t)x, 3);
    return out;
}

/* Pixels are those of the picture as a player shows it. */
static void test_rotation(void **state)
{
    const um_video_writer_options o = {
        .width = 192, .height = 256, .fps = 30, .crf = 10, .rotation = 90};
    json_t *truth = json_load_file("face.json", 0, NULL), *file;
    um_video_writer *w;
    um_image upright, lying;

    (void)state;
    assert_ok(um_image_read(&upright, "face.png"));
    lying = turned(&upright);
    assert_ok(um_video_writer_open(&w, "turned.mp4", &o));
    for (int i = 0; i < 6; i++) assert_ok(um_video_writer_add(w, &lying));
    assert_ok(um_video_writer_finish(w));
    cli_ends(0, "faces --json --draw upright.mp4 turned.mp4");
    file = only_file("ok", 256, 192);
    check_place(face_at(file, 5, 0), face_at(truth, 0, 0));
    check_drawn("upright.mp4", "face.png");
    json_decref(file);
    json_decref(truth);
    um_image_clear(&upright);
    um_image_clear(&lying);
}

static void test_unreadable(void **state)
{
    json_t *doc, *frames;
    const char *path, *status, *error;
    int w, h;

    (void)state;
    cli_write("letter.png", "a letter", 8);
    cli_ends(1, "faces --json face.png letter.png");
    doc = cli_json();
    assert_int_equal(json_array_size(json_object_get(doc, "files")), 2);
    assert_int_equal(json_unpack(json_array_get(json_object_get(doc, "files"), 1),
                                 "{s:s, s:s, s:s, s:i, s:i, s:o !}", "path", &path, "status",
                                 &status, "error", &error, "width", &w, "height", &h, "frames",
                                 &frames),
                     0);
    assert_string_equal(path, "letter.png");
    assert_string_equal(status, "unreadable");
    assert_says(error, "letter.png: expected a video or a picture");
    assert_int_equal(w + h + (int)json_array_size(frames), 0);
    json_decref(doc);
    assert_says(cli_err(), "umcl faces: letter.png: expected a video or a picture");
    cli_ends(1, "faces --start 60 clip.mp4");
    assert_says(cli_err(), "clip.mp4: no frame can be decoded from second 60.0 on");
}

static void test_usage_and_progress(void **state)
{
    static const char *const bad[] = {"--every 0",     "--every x",    "--detect-every 0",
                                      "--min-face 11", "--start -1",   "--duration nan",
                                      "--overview 63", "--max-faces 0"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cli_ends(2, "faces %s face.png", bad[i]);
        assert_says(cli_err(), "is not a number, or out of range");
        assert_string_equal(cli_out(), "");
    }
    assert_int_equal(cli_on_terminal("faces clip.mp4"), 0);
    assert_says(cli_err(), "clip.mp4: 0.0 s");
    assert_int_equal(cli_on_terminal("faces -q clip.mp4"), 0);
    assert_string_equal(cli_err(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_video),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_draw),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_usage_and_progress),
    };
    return cmocka_run_group_tests(tests, render, cli_teardown);
}
