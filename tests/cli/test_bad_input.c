/*
 * Input that is damaged, empty, odd or not there: each kind gets its own sentence and the exit code
 * that is promised for it, and nothing crashes, hangs or leaks.
 */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/file.h"

#define CORPUS UMCL_TEST_SOURCE "/fuzz/corpus/media/"
#define CLIP "synth -q --width 192 --height 144 --fps 15 "

/* Writes the first `share` of a file. */
static void cut(const char *to, const char *from, double share)
{
    char *bytes;
    size_t n;

    assert_ok(um_file_read(&bytes, &n, from, (size_t)1 << 30));
    cli_write(to, bytes, (size_t)((double)n * share));
    free(bytes);
}

/* Frames of a size in which there is nothing to see, or not even that. */
static void write_y4m(const char *path, int side, int frames)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fprintf(f, "YUV4MPEG2 W%d H%d F30:1 C420jpeg\n", side, side);
    for (int i = 0; i < frames; i++) fprintf(f, "FRAME\n%.*s", 3 * side, "abc");
    fclose(f);
}

static int prepare(void **state)
{
    static const char text[] = "This is a letter, and no video at all.\n";

    if (cli_setup(state) != 0) return -1;
    cli_ends(0, CLIP "-o talk.mp4 --seconds 2.4");
    cli_write("empty.mp4", "", 0);
    cli_write("letter.mp4", text, sizeof text - 1);
    cut("headless.mp4", "talk.mp4", 0.05);
    cut("sound.mp4", CORPUS "sound.wav", 1);
    write_y4m("nosize.y4m", 0, 3);
    write_y4m("dot.y4m", 1, 90);
    mkdir("folder", 0700);
    mkdir("folder/inner", 0700);
    cli_write("folder/inner/readme.txt", text, sizeof text - 1);
    model_judge("real.safetensors", 1.1, 1.1, 1.1);
    return 0;
}

/* One video's answer as JSON, the caller's. */
static json_t *judge(int code, const char *path)
{
    json_t *doc, *video;

    cli_ends(code, "detect --json -m real.safetensors '%s'", path);
    doc = cli_json();
    assert_int_equal(json_array_size(json_object_get(doc, "videos")), 1);
    video = json_incref(json_array_get(json_object_get(doc, "videos"), 0));
    json_decref(doc);
    return video;
}

static const char *text_of(const json_t *video, const char *key)
{
    return json_string_value(json_object_get(video, key));
}

/* No score, and this status and reason. */
static void expect(int code, const char *path, const char *status, const char *reason)
{
    json_t *v = judge(code, path);

    assert_string_equal(text_of(v, "status"), status);
    assert_string_equal(text_of(v, "verdict"), "no_decision");
    assert_true(json_is_null(json_object_get(v, "score")));
    assert_says(text_of(v, "reason"), reason);
    if (code == 1) assert_says(cli_err(), "umcl detect: 1 of 1 files could not be read\n");
    json_decref(v);
}

static void test_no_video(void **state)
{
    (void)state;
    expect(1, "empty.mp4", "unreadable", "empty.mp4: expected a video, found an empty file");
    expect(1, "letter.mp4", "unreadable", "letter.mp4: expected a video or a picture");
    expect(1, "sound.mp4", "unreadable", "sound.mp4: expected a video stream, found 1 other");
    expect(1, "headless.mp4", "unreadable", "headless.mp4: expected a video");
    expect(1, "nosize.y4m", "unreadable",
           "nosize.y4m: expected a video or a picture, cannot read it as "
           "one: Invalid data");
    expect(1, "absent.mp4", "unreadable", "absent.mp4: cannot open: No such file");
    expect(1, "talk.mp4/x.mp4", "unreadable", "cannot open: Not a directory");
    expect(1, "/dev/null", "unreadable", "/dev/null: expected a video, found no data");
}

/* Videos that play, but show no face for long enough. */
static void test_nothing_to_judge(void **state)
{
    (void)state;
    expect(3, "dot.y4m", "no_face", "no face was found in 3.0 s of video");
    expect(3, CORPUS "one-pixel.mkv", "no_face", "no face was found");
    cli_ends(0, CLIP "-o three.mp4 --seconds 0.2 ");
    expect(3, "three.mp4", "too_short", "the longest face track has 0.2 s, a window needs 2.0 s");
    cli_ends(0, CLIP "-o guest.mp4 --seconds 3 --appear 1 --vanish 2.4");
    expect(3, "guest.mp4", "too_short", "the longest face track has 1.");
    cli_ends(0, CLIP "-o wall.mp4 --seconds 1 --no-face");
    expect(3, "wall.mp4", "no_face", "no face was found in 1.0 s of video");
    cli_ends(0, CLIP "-o far.mp4 --seconds 2.4 --face-px 28");
    expect(3, "far.mp4", "low_quality", "faces are smaller than 40 px");
}

/* What is left of a file that was cut short is judged, with a warning. */
static void test_cut_short(void **state)
{
    json_t *v;

    (void)state;
    cut("half.mp4", "talk.mp4", 0.6);
    v = judge(3, "half.mp4");
    assert_string_equal(text_of(v, "status"), "too_short");
    assert_int_equal(json_integer_value(json_object_get(v, "faces")), 1);
    assert_int_equal(json_array_size(json_object_get(v, "warnings")), 1);
    assert_says(json_string_value(json_array_get(json_object_get(v, "warnings"), 0)),
                "damaged packets or frames were skipped");
    json_decref(v);
}

/* Two frames a second, shown fifteen times each: judged, but not silently. */
static void test_slow(void **state)
{
    json_t *v;

    (void)state;
    cli_ends(0, "synth -q -o slow.mp4 --width 192 --height 144 --fps 2 --seconds 2.5");
    v = judge(0, "slow.mp4");
    assert_string_equal(text_of(v, "status"), "ok");
    assert_string_equal(json_string_value(json_array_get(json_object_get(v, "warnings"), 0)),
                        "2.0 frames a second show little of how a face moves");
    json_decref(v);
}

static void test_crowd(void **state)
{
    json_t *v;

    (void)state;
    cli_ends(0, "synth -q -o crowd.mp4 --width 1280 --height 960 --seconds 0.03 --people 200");
    v = judge(3, "crowd.mp4");
    assert_int_equal(json_integer_value(json_object_get(v, "faces")), 32);
    assert_string_equal(json_string_value(json_array_get(json_object_get(v, "warnings"), 0)),
                        "more than 32 faces at once: the smallest were not judged");
    json_decref(v);
}

static void test_folders(void **state)
{
    json_t *doc;

    (void)state;
    cli_ends(1, "detect --json folder");
    assert_string_equal(cli_err(), "umcl detect: folder: expected videos, found none in this "
                                   "folder\n");
    doc = cli_json();
    assert_int_equal(json_array_size(json_object_get(doc, "videos")), 0);
    json_decref(doc);
    cli_ends(1, "detect -m real.safetensors folder talk.mp4");
    assert_says(cli_out(), "verdict   real");
    cli_ends(1, "extract -o cache folder");
    assert_says(cli_err(), "umcl extract: folder: expected videos");
    cli_ends(1, "faces folder");
    assert_says(cli_err(), "folder: expected a video, found a directory");
}

static void test_no_permission(void **state)
{
    (void)state;
    cut("closed.mp4", "talk.mp4", 1);
    mkdir("closed", 0700);
    cut("closed/in.mp4", "talk.mp4", 1);
    assert_int_equal(chmod("closed.mp4", 0), 0);
    assert_int_equal(chmod("closed", 0), 0);
    expect(1, "closed.mp4", "unreadable", "closed.mp4: cannot open: Permission denied");
    expect(1, "closed", "unreadable", "closed: cannot open: Permission denied");
    cli_ends(1, "detect -m closed.mp4 talk.mp4");
    assert_says(cli_err(), "closed.mp4: cannot open: Permission denied");
    chmod("closed", 0700);
}

static void test_fifo(void **state)
{
    json_t *v;

    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(system("cat talk.mp4 >fifo &"), 0);
    v = judge(0, "fifo");
    assert_string_equal(text_of(v, "verdict"), "real");
    json_decref(v);
    assert_int_equal(system(": >fifo &"), 0);
    expect(1, "fifo", "unreadable", "fifo: expected a video, found no data");
    assert_int_equal(system("head -c 100 talk.mp4 >fifo &"), 0);
    expect(1, "fifo", "unreadable", "fifo: expected a video");
    cli_ends(1, "detect -m fifo talk.mp4");
    assert_says(cli_err(), "fifo: expected a regular file, found a device, pipe or socket");
}

/* A name is bytes; what JSON cannot hold is shown as '?'. */
static void test_odd_names(void **state)
{
    json_t *v;

    (void)state;
    v = judge(1, "new\nline \"quoted\" \xff.mp4");
    assert_string_equal(text_of(v, "path"), "new\nline \"quoted\" ?.mp4");
    json_decref(v);
    cli_ends(1, "detect --csv 'a \"b\", c.mp4'");
    assert_says(cli_out(), "\n\"a \"\"b\"\", c.mp4\",unreadable,no_decision,,,,0.000000,0,");
    cut("-q.mp4", "talk.mp4", 1);
    cli_ends(0, "detect -m real.safetensors -- -q.mp4");
}

/* Every fault of a file, in the place of each of the three models. */
static void test_models(void **state)
{
    static const struct {
        const char *option, *shipped, *tensor, *kind;
    } model[] = {
        {"-m", SHIPPED("lrnet"), "g1.gru.weight_ih_l0", "lrnet"},
        {"--face-model", SHIPPED("face_detector"), "onet.conv1.weight", "mtcnn"},
        {"--points-model", SHIPPED("face_landmarks"), "conv1.weight", "landmarks68"},
    };
    static const char huge[] = "\0\0\0\0\0\0\0\x80{}";

    (void)state;
    cli_write("huge.safetensors", huge, sizeof huge - 1);
    for (int i = 0; i < 3; i++) {
        const char *other = model[(i + 1) % 3].shipped, *option = model[i].option;
        struct {
            const char *file, *says;
        } bad[] = {
            {"half.safetensors", "outside of the file's"},
            {"nan.safetensors", "expected finite numbers, found NaN"},
            {"shape.safetensors", "expected ["},
            {"lacking.safetensors", model[i].tensor},
            {"flipped.safetensors", "damaged: expected content hash"},
            {"huge.safetensors", "found a header of 9223372036854775808 bytes in a file of 10"},
            {"letter.mp4", "expected a safetensors file"},
            {"absent.safetensors", "cannot open: No such file"},
            {"folder", "expected a regular file, found a directory"},
            {other, "expected a model of kind "},
        };

        cut("half.safetensors", model[i].shipped, 0.5);
        model_spoilt("nan.safetensors", model[i].shipped, model[i].tensor, MODEL_HAS_NAN);
        model_spoilt("shape.safetensors", model[i].shipped, model[i].tensor, MODEL_HAS_SHAPE);
        model_spoilt("lacking.safetensors", model[i].shipped, model[i].tensor, MODEL_LACKS_TENSOR);
        model_with("flipped.safetensors", model[i].shipped, "content_hash", "sha256:0");
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            cli_ends(1, "detect --json %s %s talk.mp4", option, bad[k].file);
            assert_says(cli_err(), "umcl detect: ");
            assert_says(cli_err(), bad[k].file);
            assert_says(cli_err(), bad[k].says);
            assert_int_equal(cli_count(cli_err(), "\n"), 1);
            assert_string_equal(cli_out(), "");
        }
        assert_says(cli_err(), model[i].kind);
    }
    cli_ends(1, "faces -w half.safetensors talk.mp4");
    cli_ends(1, "faces --landmarks absent.safetensors talk.mp4");
}

/* A detector that was trained on faces made otherwise, or whose numbers are none. */
static void test_other_recipe(void **state)
{
    (void)state;
    model_with("recipe.safetensors", SHIPPED("lrnet"), "recipe", "25 fps; 98 landmarks");
    cli_ends(1, "detect -m recipe.safetensors talk.mp4");
    assert_says(cli_err(), "recipe.safetensors: trained on faces prepared as \"25 fps; 98 "
                           "landmarks\", this program prepares \"30 fps; 68 landmarks");
    model_with("number.safetensors", SHIPPED("lrnet"), "threshold", "a half");
    cli_ends(1, "detect -m number.safetensors talk.mp4");
    assert_says(cli_err(), "number.safetensors: threshold: expected a number, found 'a half'");
    model_with("format.safetensors", SHIPPED("lrnet"), "format", "umcl.model/9");
    cli_ends(1, "detect -m format.safetensors talk.mp4");
    assert_says(cli_err(), "expected a model file (umcl.model/1), found umcl.model/9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_video),      cmocka_unit_test(test_nothing_to_judge),
        cmocka_unit_test(test_cut_short),     cmocka_unit_test(test_slow),
        cmocka_unit_test(test_crowd),         cmocka_unit_test(test_folders),
        cmocka_unit_test(test_no_permission), cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_odd_names),     cmocka_unit_test(test_models),
        cmocka_unit_test(test_other_recipe),
    };
    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
