/* umcl detect from outside: every output, every way to name a video, every exit code. */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>

/* Small, and rendered at half the rate at which they are looked at. */
#define CLIP "synth -q --width 192 --height 144 --fps 15 "

static int render(void **state)
{
    if (cli_setup(state) != 0) return -1;
    mkdir("clips", 0700);
    mkdir("clips/more", 0700);
    cli_ends(0, CLIP "-o clips/talk.mp4 --seconds 4");
    cli_ends(0, CLIP "-o clips/more/two.mkv --seconds 2.2 --people 2 --width 320 --seed 2");
    cli_ends(0, CLIP "-o clips/nobody.mp4 --seconds 0.4 --no-face");
    cli_write("clips/notes.txt", "not a video", 11);
    cli_write("clips/.hidden.mp4", "not a video", 11);
    model_judge("fake.safetensors", 0, 0, 0);
    model_judge("real.safetensors", 1.1, 1.1, 1.1);
    model_judge("doubt.safetensors", 0.5, -1, 2);
    return 0;
}

typedef struct video {
    const char *path, *status, *verdict, *reason;
    json_t *score, *low, *high, *tracks, *warnings;
    int width, height;
    json_int_t frames, faces;
    double duration;
} video;

/* Exactly these fields, of these types. */
static video read_video(json_t *from)
{
    json_error_t e;
    video v;

    if (json_unpack_ex(from, &e, JSON_STRICT,
                       "{s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:F, s:I, s:I, s:s, s:o, s:o}",
                       "path", &v.path, "status", &v.status, "verdict", &v.verdict, "score",
                       &v.score, "score_low", &v.low, "score_high", &v.high, "width", &v.width,
                       "height", &v.height, "duration", &v.duration, "frames", &v.frames, "faces",
                       &v.faces, "reason", &v.reason, "tracks", &v.tracks, "warnings",
                       &v.warnings) != 0)
        fail_msg("%s", e.text);
    assert_true(json_is_array(v.warnings));
    assert_int_equal(json_array_size(v.tracks), v.faces);
    return v;
}

static bool is_share(const json_t *j)
{
    return json_is_real(j) && json_real_value(j) >= 0 && json_real_value(j) <= 1;
}

static void check_window(json_t *from, double *last)
{
    double start, end, score;
    json_error_t e;

    if (json_unpack_ex(from, &e, JSON_STRICT, "{s:F, s:F, s:F}", "start", &start, "end", &end,
                       "score", &score) != 0)
        fail_msg("%s", e.text);
    assert_true(start > *last);
    assert_float_equal(end - start, 2, 0.01);
    assert_true(score >= 0 && score <= 1);
    *last = start;
}

static void check_track(json_t *from, double duration)
{
    double start, end, px, face_score, last = -1;
    json_t *score, *pulse, *windows, *w;
    const char *status;
    json_error_t e;
    size_t i;
    int id;

    if (json_unpack_ex(from, &e, JSON_STRICT, "{s:i, s:F, s:F, s:o, s:s, s:F, s:F, s:o, s:o}", "id",
                       &id, "start", &start, "end", &end, "score", &score, "status", &status,
                       "face_px", &px, "face_score", &face_score, "pulse", &pulse, "windows",
                       &windows) != 0)
        fail_msg("%s", e.text);
    assert_true(json_is_null(pulse)); /* landmarks show none */
    assert_true(id >= 1 && start >= 0 && end > start && end <= duration + 0.01);
    assert_true(px > 20 && px < 200 && face_score > 0 && face_score <= 1);
    assert_true(strcmp(status, "ok") ? json_is_null(score) : is_share(score));
    json_array_foreach(windows, i, w) check_window(w, &last);
}

static void check_model(json_t *from)
{
    const char *kind, *version, *hash, *recipe, *program;
    double threshold, low, high;
    json_error_t e;

    if (json_unpack_ex(from, &e, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:F, s:F, s:F, s:s}", "kind",
                       &kind, "version", &version, "hash", &hash, "crop_recipe", &recipe,
                       "threshold", &threshold, "doubt_low", &low, "doubt_high", &high, "program",
                       &program) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(kind, "lrnet");
    assert_int_equal(strlen(hash), strlen("sha256:") + 64);
    assert_string_equal(program, UMCL_VERSION);
    assert_true(low <= threshold && threshold <= high);
}

static void test_json(void **state)
{
    const char *schema;
    json_t *doc, *model, *videos, *track;
    json_error_t e;
    video v;

    (void)state;
    assert_in_set(cli("detect --json -m " SHIPPED("lrnet") " clips/talk.mp4"),
                  ((LargestIntegralType[]){0, 3}), 2);
    assert_string_equal(cli_err(), "");
    doc = cli_json();
    if (json_unpack_ex(doc, &e, JSON_STRICT, "{s:s, s:o, s:o}", "schema", &schema, "model", &model,
                       "videos", &videos) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(schema, "umcl.detect/1");
    check_model(model);
    assert_int_equal(json_array_size(videos), 1);
    v = read_video(json_array_get(videos, 0));
    assert_string_equal(v.path, "clips/talk.mp4");
    assert_string_equal(v.status, "ok");
    assert_true(is_share(v.score) && is_share(v.low) && is_share(v.high));
    assert_true(json_real_value(v.low) <= json_real_value(v.score));
    assert_true(json_real_value(v.high) >= json_real_value(v.score));
    assert_int_equal(v.width, 192);
    assert_int_equal(v.height, 144);
    assert_int_equal(v.frames, 120);
    assert_float_equal(v.duration, 4, 1e-9);
    assert_int_equal(v.faces, 1);
    track = json_array_get(v.tracks, 0);
    check_track(track, v.duration);
    assert_true(json_equal(v.score, json_object_get(track, "score")));
    assert_int_equal(json_array_size(json_object_get(track, "windows")), 3);
    json_decref(doc);
}

/* The model that ships: one window for a face of four seconds, and its pulse. */
static void test_default_model(void **state)
{
    json_t *doc, *track, *pulse;
    const char *kind, *warning;
    video v;

    (void)state;
    assert_in_set(cli("detect --json clips/talk.mp4"), ((LargestIntegralType[]){0, 3}), 2);
    doc = cli_json();
    assert_int_equal(json_unpack(doc, "{s:{s:s}}", "model", "kind", &kind), 0);
    assert_string_equal(kind, "umcl");
    v = read_video(json_array_get(json_object_get(doc, "videos"), 0));
    assert_string_equal(v.status, "ok");
    assert_true(is_share(v.score));
    track = json_array_get(v.tracks, 0);
    assert_int_equal(json_array_size(json_object_get(track, "windows")), 1);
    pulse = json_object_get(track, "pulse");
    assert_true(json_is_real(json_object_get(pulse, "snr_db")));
    warning = json_string_value(json_array_get(v.warnings, 0));
    assert_non_null(warning);
    assert_says(warning, "extended by reflection");
    json_decref(doc);
}

/* Where there is nothing to judge there is no number, in any output. */
static void test_no_face(void **state)
{
    json_t *doc;
    video v;

    (void)state;
    cli_ends(3, "detect --json clips/nobody.mp4");
    doc = cli_json();
    v = read_video(json_array_get(json_object_get(doc, "videos"), 0));
    assert_string_equal(v.status, "no_face");
    assert_string_equal(v.verdict, "no_decision");
    assert_true(json_is_null(v.score) && json_is_null(v.low) && json_is_null(v.high));
    assert_int_equal(v.faces, 0);
    assert_string_equal(v.reason, "no face was found in 0.4 s of video");
    json_decref(doc);
    cli_ends(3, "detect --csv clips/nobody.mp4");
    assert_string_equal(cli_out(), "path,status,verdict,score,score_low,score_high,duration,faces,"
                                   "reason\n\"clips/nobody.mp4\",no_face,no_decision,,,,0.400000,0,"
                                   "\"no face was found in 0.4 s of video\"\n");
    cli_ends(3, "detect clips/nobody.mp4");
    assert_string_equal(cli_out(), "clips/nobody.mp4\n  verdict   no_decision (no_face)\n"
                                   "  reason    no face was found in 0.4 s of video\n");
}

static void test_text(void **state)
{
    (void)state;
    cli_ends(0, "detect -m fake.safetensors clips/talk.mp4");
    assert_says(cli_out(), "clips/talk.mp4\n  verdict   fake\n  P(fake)   0.");
    assert_says(cli_out(), "(90 % interval 0.");
    assert_says(cli_out(), "\n  reason    track 1 (0.0-4.0 s, 3 windows) is at or above the "
                           "threshold 0.00\n");
    assert_says(cli_out(), "\n  track 1   0.00-4.00 s, face ");
    assert_says(cli_out(), " over 3 windows\n");
    assert_string_equal(cli_err(), "");
}

/* A folder: the videos below it by name, hidden files and other endings left out. */
static void test_many_files(void **state)
{
    static const char *const paths[] = {"clips/more/two.mkv", "clips/nobody.mp4", "clips/talk.mp4"};
    json_t *doc, *videos, *track;
    size_t k;

    (void)state;
    cli_ends(3, "detect --json -m fake.safetensors clips");
    doc = cli_json();
    videos = json_object_get(doc, "videos");
    assert_int_equal(json_array_size(videos), 3);
    for (size_t i = 0; i < 3; i++) {
        video v = read_video(json_array_get(videos, i));

        assert_string_equal(v.path, paths[i]);
        assert_string_equal(v.verdict, i == 1 ? "no_decision" : "fake");
        json_array_foreach(v.tracks, k, track) check_track(track, v.duration);
        if (i == 0) assert_int_equal(v.faces, 2);
    }
    json_decref(doc);
}

/* The same objects as in the document, one a line, each with its schema and model. */
static void test_jsonl(void **state)
{
    json_t *doc, *line[2];
    char *text;

    (void)state;
    cli_ends(3, "detect --json --start 3.5 clips/talk.mp4 clips/nobody.mp4");
    doc = cli_json();
    cli_ends(3, "detect --jsonl --start 3.5 clips/talk.mp4 clips/nobody.mp4");
    assert_int_equal(cli_count(cli_out(), "\n"), 2);
    text = strdup(cli_out());
    for (int i = 0; i < 2; i++) {
        line[i] = json_loads(strtok(i ? NULL : text, "\n"), 0, NULL);
        assert_non_null(line[i]);
        assert_string_equal(json_string_value(json_object_get(line[i], "schema")), "umcl.detect/1");
        assert_true(json_equal(json_object_get(line[i], "model"), json_object_get(doc, "model")));
        json_object_del(line[i], "schema");
        json_object_del(line[i], "model");
        assert_true(json_equal(line[i], json_array_get(json_object_get(doc, "videos"), i)));
        json_decref(line[i]);
    }
    free(text);
    json_decref(doc);
}

static void test_lists(void **state)
{
    static const char list[] = "clips/nobody.mp4\r\n\nclips/more\n";

    (void)state;
    cli_write("list.txt", list, sizeof list - 1);
    cli_ends(3, "detect --csv --duration 0.1 --list list.txt");
    assert_int_equal(cli_count(cli_out(), "\n"), 3);
    assert_says(cli_out(), "\n\"clips/nobody.mp4\",no_face,");
    assert_says(cli_out(), "\n\"clips/more/two.mkv\",too_short,no_decision,,,,0.100000,2,");
    cli_ends(3, "detect --csv --duration 0.1 --list - clips/talk.mp4 <list.txt");
    assert_int_equal(cli_count(cli_out(), "\n"), 4);
    cli_ends(2, "detect --list absent.txt");
    assert_says(cli_err(), "--list: cannot read 'absent.txt'");
}

static void test_standard_input(void **state)
{
    char *from_file;

    (void)state;
    cli_ends(0, "detect --csv -m fake.safetensors --duration 2 clips/talk.mp4");
    from_file = strdup(strstr(cli_out(), "mp4\",") + 4);
    cli_ends(0, "detect --csv -m fake.safetensors --duration 2 - <clips/talk.mp4");
    assert_says(cli_out(), "\n\"-\",ok,fake,0.");
    assert_says(cli_out(), from_file);
    free(from_file);
    cli_ends(1, "detect -");
    assert_says(cli_out(), "standard input: expected a video, found no data");
}

static void test_part_of_a_video(void **state)
{
    json_t *doc, *windows;
    double start, end;
    video v;

    (void)state;
    cli_ends(0, "detect --json -m real.safetensors --start 0.5 --duration 2.5 --stride 10 "
                "clips/talk.mp4");
    doc = cli_json();
    v = read_video(json_array_get(json_object_get(doc, "videos"), 0));
    assert_string_equal(v.verdict, "real");
    assert_float_equal(v.duration, 2.5, 1e-9);
    json_unpack(json_array_get(v.tracks, 0), "{s:F, s:F, s:o}", "start", &start, "end", &end,
                "windows", &windows);
    assert_float_equal(start, 0.5, 0.01);
    assert_float_equal(end, 3, 0.01);
    assert_int_equal(json_array_size(windows), 2); /* 75 frames: windows at 0 and 10 */
    json_decref(doc);
    cli_ends(3, "detect clips/talk.mp4 --start 9");
    assert_says(cli_out(), "no_decision (too_short)");
    assert_says(cli_out(), "the video ends before second 9.0");
}

static void test_exit_codes(void **state)
{
    (void)state;
    cli_ends(0, "detect -m real.safetensors --fail-on-fake clips/talk.mp4 --duration 2");
    cli_ends(3, "detect -m doubt.safetensors --fail-on-fake clips/talk.mp4 --duration 2");
    assert_says(cli_out(), "verdict   no_decision\n  P(fake)   0.");
    assert_says(cli_out(), "the score lies in the model's band of doubt, -1.00 to 2.00");
    cli_ends(
        4,
        "detect -m fake.safetensors --fail-on-fake clips/nobody.mp4 clips/talk.mp4 --duration 2");
    cli_ends(1, "detect -m fake.safetensors --fail-on-fake absent.mp4 clips/talk.mp4 --duration 2");
    assert_says(cli_err(), "umcl detect: 1 of 2 files could not be read\n");
    assert_says(cli_out(), "verdict   fake");
}

static void test_usage(void **state)
{
    static const char *const bad[][2] = {
        {"--start -1", "--start: '-1'"},       {"--start nan", "--start: 'nan'"},
        {"--duration 1s", "--duration: '1s'"}, {"--stride 0", "--stride: '0'"},
        {"--stride 161", "--stride: '161'"},   {"--threads 1e9", "--threads: '1e9'"}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cli_ends(2, "detect %s clips/talk.mp4", bad[i][0]);
        assert_says(cli_err(), bad[i][1]);
        assert_says(cli_err(), "is not a number, or out of range");
        assert_string_equal(cli_out(), "");
    }
    cli_ends(2, "detect");
    assert_says(cli_err(), "expected a video, found none");
}

static void test_same_bytes(void **state)
{
    static const char args[] = "detect --json -m real.safetensors --threads 2 clips/more/two.mkv";
    char *first;

    (void)state;
    cli_ends(0, args);
    first = strdup(cli_out());
    cli_ends(0, args);
    assert_string_equal(cli_out(), first);
    free(first);
}

/* What `args` prints with one thread and with three is the same, and so is how it ends. */
static void same_with_threads(const char *args)
{
    int code = cli("detect --json --threads 1 %s", args);
    char *first = strdup(cli_out());

    assert_in_set(code, ((LargestIntegralType[]){0, 3}), 2);
    assert_int_equal(cli("detect --json --threads 3 %s", args), code);
    assert_string_equal(cli_out(), first);
    free(first);
}

/* With several threads windows are judged while faces are followed: the report does not show. */
static void test_threads(void **state)
{
    char bytes[1 << 14];
    FILE *file = fopen("clips/more/two.mkv", "rb");
    size_t n = fread(bytes, 1, sizeof bytes, file);

    (void)state;
    fclose(file);
    cli_write("half.mkv", bytes, n); /* it ends in the middle */
    same_with_threads("-m real.safetensors clips/more/two.mkv clips/nobody.mp4");
    same_with_threads("-m real.safetensors half.mkv");
    same_with_threads("--stride 10 --duration 3.5 clips/talk.mp4"); /* pulse: one window */
}

static void test_progress(void **state)
{
    (void)state;
    cli_on_terminal("detect --csv clips/nobody.mp4");
    assert_says(cli_err(), "0.0 s  clips/nobody.mp4");
    assert_int_equal(cli_count(cli_out(), "\n"), 2);
    cli_on_terminal("detect -q --csv clips/nobody.mp4");
    assert_string_equal(cli_err(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_default_model),
        cmocka_unit_test(test_no_face),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_jsonl),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_part_of_a_video),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, render, cli_teardown);
}
