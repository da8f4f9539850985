/* umcl dataset: tables, lists, findings, exit codes. */
#include "../test.h"

#include <ftw.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/file.h"
#include "data/labels.h"

#define ROOT "tree_cli_dataset"
#define OUT ROOT ".out"
#define ERR ROOT ".err"

/* Runs `umcl ARGS`. Returns the exit code. */
static int run_umcl(const char *args)
{
    char command[1024];
    int status;

    snprintf(command, sizeof command, "'%s' %s >" OUT " 2>" ERR, UMCL_TEST_PROGRAM, args);
    status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int run(const char *args)
{
    char line[512];

    snprintf(line, sizeof line, "dataset %s", args);
    return run_umcl(line);
}

static bool says(const char *file, const char *part)
{
    char *text;
    size_t n;
    bool yes;

    assert_ok(um_file_read(&text, &n, file, (size_t)1 << 20));
    yes = strstr(text, part) != NULL;
    free(text);
    return yes;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void put(const char *path, const char *text)
{
    char full[512];
    FILE *f;

    snprintf(full, sizeof full, ROOT "/%s", path);
    *strrchr(full, '/') = '\0';
    assert_ok(um_mkdirs(full));
    snprintf(full, sizeof full, ROOT "/%s", path);
    f = fopen(full, "wb");
    assert_non_null(f);
    assert_true(fputs(text ? text : path, f) >= 0 && fclose(f) == 0);
}

/* FF++ with one pair a split. */
static int setup(void **state)
{
    static const char *const pairs[][3] = {
        {"000", "003", "train"}, {"010", "005", "val"}, {"020", "021", "test"}};
    char path[256], text[64];

    (void)state;
    nftw(ROOT, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "original_sequences/youtube/c23/videos/%s.mp4",
                     pairs[i][k]);
            put(path, NULL);
            snprintf(path, sizeof path, "manipulated_sequences/FaceSwap/c23/videos/%s_%s.mp4",
                     pairs[i][k], pairs[i][!k]);
            put(path, NULL);
        }
        snprintf(path, sizeof path, "splits/%s.json", pairs[i][2]);
        snprintf(text, sizeof text, "[[\"%s\", \"%s\"]]", pairs[i][0], pairs[i][1]);
        put(path, text);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(OUT);
    remove(ERR);
    return nftw(ROOT, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void help_teaches(void **state)
{
    (void)state;
    assert_int_equal(run("--help"), 0);
    assert_true(says(OUT, "usage: umcl dataset list ROOT"));
    assert_true(says(OUT, "celeb-df"));
    assert_true(says(OUT, "example: umcl dataset check"));
    assert_true(says(OUT, "Exit codes:"));
}

static void usage_errors_name_the_fault(void **state)
{
    (void)state;
    assert_int_equal(run(""), 2);
    assert_true(says(ERR, "expected list or check, found 'nothing'"));
    assert_int_equal(run("show " ROOT), 2);
    assert_int_equal(run("list"), 2);
    assert_true(says(ERR, "expected one folder or file"));
    assert_int_equal(run("list a b"), 2);
    assert_int_equal(run("list " ROOT " --compression c99"), 2);
    assert_true(says(ERR, "found 'c99'"));
    assert_int_equal(run("list " ROOT " --split dev"), 2);
    assert_int_equal(run("list " ROOT " --csv --json"), 2);
    assert_int_equal(run("list " ROOT " --apart --splits " ROOT "/splits"), 2);
    assert_int_equal(run("check " ROOT " --csv"), 2);
    assert_int_equal(run("list " ROOT " --names"), 2);
    assert_int_equal(run("list " ROOT " --nonsense"), 2);
}

static void lists_a_table(void **state)
{
    (void)state;
    assert_int_equal(run("list " ROOT), 0);
    assert_true(says(OUT, "dataset  method    compression  label    train    val   test"));
    assert_true(says(OUT, "FF++     FaceSwap  c23          fake         2      2      2      0"));
    assert_true(says(ERR, "2 remarks; see: umcl dataset check"));
    assert_int_equal(run("list " ROOT " --method Deepfakes --split val"), 0);
    assert_false(says(OUT, "FaceSwap"));
    assert_true(says(OUT, "  0      2      0      0       2\n"));
}

/* What list prints, train and eval read; names do not clash. */
static void lists_csv_that_labels_reads(void **state)
{
    um_labels l;
    const um_label *one;

    (void)state;
    assert_int_equal(run("list " ROOT " --csv"), 0);
    assert_ok(um_labels_read(&l, OUT));
    assert_int_equal(l.count, 12);
    one = um_labels_find(&l, "manipulated_sequences_FaceSwap_c23_videos_010_005");
    assert_non_null(one);
    assert_true(one->fake && one->sure);
    assert_string_equal(one->split, "val");
    assert_string_equal(one->person, "010");
    assert_string_equal(one->dataset, "FF++");
    assert_true(one->path[0] == '/' && um_is_file(one->path));
    um_labels_clear(&l);
    rename(OUT, ROOT "/all.csv");
    assert_int_equal(run("check " ROOT "/all.csv"), 0); /* and so does the command itself */
    assert_true(says(OUT, "12 videos (csv): 0 errors, 0 warnings"));
}

/* Two files with one name, in two folders, get a place of their own in the cache. */
static void extract_takes_the_list(void **state)
{
    static const char *const c[] = {"c23", "c40"};
    char args[256];

    (void)state;
    nftw(ROOT, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    for (int i = 0; i < 2; i++) {
        snprintf(args, sizeof args, ROOT "/original_sequences/youtube/%s/videos", c[i]);
        assert_ok(um_mkdirs(args));
        snprintf(args, sizeof args,
                 "synth -o " ROOT "/original_sequences/youtube/%s/videos/000.mp4 --seconds 0.1 "
                 "--no-face --width 64 --height 64",
                 c[i]);
        assert_int_equal(run_umcl(args), 0);
    }
    assert_int_equal(run("list " ROOT " --csv"), 0);
    rename(OUT, ROOT "/all.csv");
    assert_int_equal(
        run_umcl("extract --no-crops -j1 -q --labels " ROOT "/all.csv -o " ROOT "/cache"), 0);
    assert_true(says(OUT, "2 videos: 2 extracted, 0 there already, 0 failed"));
    for (int i = 0; i < 2; i++) {
        snprintf(args, sizeof args,
                 ROOT "/cache/original_sequences_youtube_%s_videos_000/tracks.safetensors", c[i]);
        assert_true(um_is_file(args));
    }
    put("names.csv", "name,label\nx,fake\n");
    assert_int_equal(run_umcl("extract --labels " ROOT "/names.csv -o " ROOT "/cache"), 2);
    assert_true(says(ERR, "--labels: 'x' has no path"));
    assert_int_equal(run_umcl("extract --labels " ROOT "/none.csv -o " ROOT "/cache"), 1);
}

static void lists_json(void **state)
{
    json_error_t error;
    json_t *doc, *video;

    (void)state;
    assert_int_equal(run("list " ROOT " --json --compression c23"), 0);
    doc = json_load_file(OUT, 0, &error);
    assert_non_null(doc);
    assert_string_equal(json_string_value(json_object_get(doc, "schema")), "umcl.dataset/1");
    assert_string_equal(json_string_value(json_object_get(doc, "layout")), "ff++");
    assert_int_equal(json_array_size(json_object_get(doc, "videos")), 12);
    video = json_array_get(json_object_get(doc, "videos"), 11);
    assert_string_equal(json_string_value(json_object_get(video, "path")),
                        "manipulated_sequences/FaceSwap/c23/videos/021_020.mp4");
    assert_string_equal(json_string_value(json_object_get(video, "source")), "020");
    json_decref(doc);
}

static void check_is_content_with_a_clean_tree(void **state)
{
    (void)state;
    assert_int_equal(run("check " ROOT), 0);
    assert_true(says(OUT, "warning: original_sequences/youtube/c23/videos: expected 1000"));
    assert_true(says(OUT, "12 videos (ff++): 0 errors, 2 warnings"));
}

static void check_fails_on_leaks_and_missing_files(void **state)
{
    json_error_t error;
    json_t *doc, *finding;

    (void)state;
    put("splits/test.json", "[[\"020\", \"021\"], [\"000\", \"022\"]]");
    assert_int_equal(run("check " ROOT " --names"), 1);
    assert_true(says(OUT, "error: split files: ids are in more than one split (1): 000\n  000\n"));
    assert_true(says(OUT, "are not there (1): 022.mp4"));
    assert_true(says(OUT, "--apart divides by people instead"));
    assert_int_equal(run("check " ROOT " --json"), 1);
    doc = json_load_file(OUT, 0, &error);
    assert_non_null(doc);
    assert_string_equal(json_string_value(json_object_get(doc, "schema")), "umcl.dataset_check/1");
    assert_int_equal(json_integer_value(json_object_get(doc, "errors")), 3);
    finding = json_array_get(json_object_get(doc, "findings"), 1);
    assert_string_equal(json_string_value(json_object_get(finding, "severity")), "error");
    assert_string_equal(json_string_value(json_object_get(finding, "kind")), "missing");
    assert_string_equal(json_string_value(json_array_get(json_object_get(finding, "names"), 0)),
                        "022.mp4");
    json_decref(doc);
    assert_int_equal(run("check " ROOT " --apart"), 0);
}

static void tells_what_it_cannot_read(void **state)
{
    (void)state;
    assert_int_equal(run("list /no/such/place"), 1);
    assert_true(says(ERR, "umcl dataset: /no/such/place: no such folder or file"));
    put("other/readme", "text");
    assert_int_equal(run("check " ROOT "/other"), 1);
    assert_true(says(ERR, "expected one of the layouts ff++"));
    put("splits/train.json", "{\"not\": \"pairs\"}");
    assert_int_equal(run("check " ROOT), 1);
    assert_true(says(ERR, "train.json: expected a list of pairs of ids, found an object"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_teaches),
        cmocka_unit_test_setup(usage_errors_name_the_fault, setup),
        cmocka_unit_test_setup(lists_a_table, setup),
        cmocka_unit_test_setup(lists_csv_that_labels_reads, setup),
        cmocka_unit_test(extract_takes_the_list),
        cmocka_unit_test_setup(lists_json, setup),
        cmocka_unit_test_setup(check_is_content_with_a_clean_tree, setup),
        cmocka_unit_test_setup(check_fails_on_leaks_and_missing_files, setup),
        cmocka_unit_test_setup(tells_what_it_cannot_read, setup),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
