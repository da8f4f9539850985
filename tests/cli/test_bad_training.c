/*
 * What goes wrong on the way from videos to a measured detector: lists, caches, disks and files
 * that are not what they should be. A clear sentence, or a named skip; what was there stays.
 */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"

#define CLIPS 5
#define JOINT                                                                                      \
    "train --labels labels.csv --validate none --takes 8 --batch 4 --epochs 1 --threads 1 -q "
#define LANDMARKS JOINT "--cache cache --modalities l "
#define CROPS(cache) JOINT "--cache " cache " --modalities x --fresh x --freeze x -o x.safetensors"
#define EVAL "eval " SHIPPED("lrnet") " --labels labels.csv --split all "

/* Clips c1 .. c4, every second one called a fake, and c5, which no list names. */
static int prepare(void **state)
{
    FILE *f;

    if (cli_setup(state) != 0) return -1;
    cli_render_set(CLIPS, 3.2);
    f = fopen("labels.csv", "w");
    assert_non_null(f);
    fputs("path,label,person,split\n", f);
    for (int i = 1; i <= CLIPS; i++) {
        if (i < CLIPS) fprintf(f, "set/c%d.mp4,%s,p%d,train\n", i, i % 2 ? "real" : "fake", i);
    }
    fclose(f);
    cli_ends(0, "extract -q -o cache -j 2 set");
    return 0;
}

static void write_text(const char *path, const char *text)
{
    cli_write(path, text, strlen(text));
}

static void copy(const char *to, const char *from, double share)
{
    char *bytes;
    size_t n;

    assert_ok(um_file_read(&bytes, &n, from, 1 << 26));
    cli_write(to, bytes, (size_t)(share * (double)n));
    free(bytes);
}

/* Runs of the program may write files of so many bytes; 0: as before. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A data set in DFDC's layout: folders of videos, each with its list. */
static void test_data_sets(void **state)
{
    (void)state;
    mkdir("dfdc", 0700);
    mkdir("dfdc/part", 0700);
    copy("dfdc/part/a.mp4", "set/c1.mp4", 1);
    copy("dfdc/part/b.mp4", "set/c2.mp4", 1);
    assert_int_equal(symlink("..", "dfdc/part/up"), 0);
    assert_int_equal(symlink("self", "dfdc/self"), 0);
    assert_int_equal(symlink("part", "dfdc/zz_again"), 0);
    write_text("dfdc/part/labels.csv", "filename,label\na.mp4,REAL\nb.mp4,FAKE\ngone.mp4,FAKE\n");
    cli_ends(0, "dataset list dfdc --csv");
    assert_int_equal(cli_count(cli_out(), "\n"),
                     3); /* each video once, whatever links lead to it */
    cli_ends(1, "dataset check dfdc");
    assert_says(cli_out(), "error: part: videos of the list are not there (1): gone.mp4");
    cli_ends(1, "dataset list dfdc --split val");
    assert_says(cli_err(), "umcl dataset: dfdc: expected videos of that --split or --method");
    assert_string_equal(cli_out(), "");
    write_text("dfdc/part/labels.csv", "filename,label\na.mp4,REAL\nb.mp4,REAL\n");
    cli_ends(0, "dataset check dfdc");
    assert_says(cli_out(), "warning: test: real videos only (2)");
    write_text("dfdc/part/labels.csv", "filename,label\na.mp4,REAL\na.mp4,FAKE\n");
    cli_ends(1, "dataset check dfdc");
    assert_says(cli_out(), "error: files are real and fake (1): part/a.mp4");
    write_text("dfdc/part/labels.csv", "filename,label\n");
    cli_ends(1, "dataset list dfdc");
    assert_says(cli_err(), "no videos in the layout dfdc");
    cli_ends(1, "dataset list dfdc/self");
    assert_says(cli_err(), "umcl dataset: dfdc/self: no such folder or file");
}

static void test_lists(void **state)
{
    (void)state;
    write_text("gone.csv", "path,label\nset/c1.mp4,real\nset/gone.mp4,fake\n");
    cli_ends(1, "extract -q -o few --labels gone.csv");
    assert_says(cli_err(), "umcl extract: set/gone.mp4: cannot open");
    assert_says(cli_out(), "2 videos: 1 extracted, 0 there already, 1 failed");
    assert_int_equal(access("few/gone", F_OK), -1);
    write_text("twice.csv", "path,label\nset/c1.mp4,real\n./set/c1.mp4,fake\n");
    cli_ends(1, "extract -q -o few --labels twice.csv");
    assert_says(cli_err(), "twice.csv, line 3: 'c1' stands twice");
    write_text("empty.csv", "path,label,split\n");
    cli_ends(1, "extract -q -o few --labels empty.csv");
    assert_says(cli_err(), "umcl extract: empty.csv: expected rows of videos, found none");
    cli_ends(1, "train --model lrnet --cache cache --labels empty.csv -o m.safetensors");
    assert_says(cli_err(), "empty.csv: expected real and fake faces");
    assert_says(cli_err(), "found 0 real and 0 fake");
    cli_ends(1, "eval --cache cache --labels empty.csv");
    assert_says(cli_err(), "empty.csv: expected rows of the split 'val'");
    write_text("folds.csv", "name,label,split,person\nc1,real,train,a\nc2,fake,train,a\n");
    cli_ends(1, "train --model lrnet --cache cache --labels folds.csv -q -o m.safetensors");
    assert_says(cli_err(),
                "folds.csv: expected real and fake ones also without the people of fold");
    mkdir("loop", 0700);
    assert_int_equal(symlink("..", "loop/up"), 0);
    assert_int_equal(symlink("itself.mp4", "loop/itself.mp4"), 0);
    cli_ends(1, "extract -q -o few loop");
    assert_says(cli_err(), "umcl extract: loop/itself.mp4: cannot open");
    assert_says(cli_out(), "1 videos: 0 extracted, 0 there already, 1 failed");
    assert_false(um_is_file("m.safetensors"));
}

static int file_count(const char *command)
{
    FILE *f = popen(command, "r");
    int n = 0;

    assert_non_null(f);
    for (int c; (c = fgetc(f)) != EOF;) n += c == '\n';
    pclose(f);
    return n;
}

static int unlimit(void **state)
{
    (void)state;
    limit_files(0);
    return 0;
}

/* A size limit is told as a full disk is: writing fails. */
static void test_full_disk(void **state)
{
    (void)state;
    limit_files(8192);
    cli_ends(1, "extract -q -j 1 -o full set");
    limit_files(0);
    assert_says(cli_out(), "5 videos: 0 extracted, 0 there already, 5 failed");
    assert_says(cli_err(), "cannot write: File too large");
    assert_int_equal(file_count("ls -A full"), 0);

    cli_ends(0, LANDMARKS "-o m.safetensors");
    copy("before", "m.safetensors.last", 1);
    limit_files(8192);
    cli_ends(1, LANDMARKS "--epochs 2 -o m.safetensors");
    assert_says(cli_err(), "m.safetensors.best: cannot write: File too large");
    cli_ends(1, LANDMARKS "--takes-file takes -o m.safetensors");
    assert_says(cli_err(), "umcl train: takes: cannot write: File too large");
    limit_files(0);
    assert_int_equal(file_count("ls -A | grep tmp"), 0);
    assert_false(um_is_file("takes"));
    assert_int_equal(file_count("cmp before m.safetensors.last"), 0);
    cli_ends(0, LANDMARKS "--resume -o m.safetensors");
    cli_ends(1, LANDMARKS "--log /dev/full -o logged.safetensors");
    assert_says(cli_err(), "umcl train: /dev/full: cannot be written in full");
    assert_true(um_is_file("logged.safetensors")); /* hours of work are not lost for a log */
}

static void test_caches(void **state)
{
    static const char broken[] = "broken/c1/tracks.safetensors";

    (void)state;
    cli_ends(0, "extract -q -o broken -j 2 set");
    copy(broken, "cache/c1/tracks.safetensors", 0.5);
    cli_ends(1, CROPS("broken"));
    assert_says(cli_err(), "umcl train: broken/c1/tracks.safetensors: ");
    cli_ends(1, EVAL "--cache broken");
    assert_says(cli_err(), "umcl eval: broken/c1/tracks.safetensors: ");
    cli_ends(0, "extract -q -o broken set");
    assert_says(cli_out(), "5 videos: 1 extracted, 4 there already, 0 failed");
    model_with(broken, broken, "recipe", "umcl.tracks/1");
    cli_ends(1, EVAL "--cache broken");
    assert_says(cli_err(), "expected a cache made by \"umcl.tracks/2");
    cli_ends(0, "extract -q -o broken set");
    assert_says(cli_out(), "1 extracted");

    copy("broken/c1/track1.mp4", "cache/c1/track1.mp4", 0.1);
    cli_ends(1, CROPS("broken"));
    assert_says(cli_err(), "umcl train: broken/c1/track1.mp4: ");
    unlink("broken/c1/track1.mp4");
    cli_ends(1, CROPS("broken"));
    assert_says(cli_err(), "umcl train: broken/c1/track1.mp4: cannot open");
    cli_ends(0, "extract -q --no-crops -o broken set");
    assert_says(cli_out(), "0 extracted, 5 there already");
    cli_ends(0, "extract -q -o broken set"); /* crops are wanted and are not there */
    assert_says(cli_out(), "1 extracted, 4 there already");
    assert_true(um_is_file("broken/c1/track1.mp4"));
    assert_false(um_is_file("x.safetensors"));
    unlink(broken);
    cli_ends(0, EVAL "--cache broken");
    assert_says(cli_err(), "not in the cache broken: c1\n");
    cli_ends(1, EVAL "--cache absent");
    assert_says(cli_err(), "umcl eval: absent: expected a folder that umcl extract filled");
}

/* The same name and length, and another face in it. */
static void test_other_content(void **state)
{
    (void)state;
    cli_ends(0, "extract -q -o moved -j 2 set");
    cli_ends(0, CROPS("moved") " --takes-file moved.takes");
    cli_ends(0, CROPS("moved") " --takes-file moved.takes");
    cli_ends(0, CROPS("moved") " --resume");
    cli_ends(0, "extract -q -o moved --again --crf 40 set/c1.mp4"); /* the same landmarks */
    cli_ends(1, CROPS("moved") " --takes-file moved.takes");
    assert_says(cli_err(), "umcl train: moved.takes: the cached tracks have changed since these");
    cli_ends(1, CROPS("moved") " --resume");
    assert_says(cli_err(), "x.safetensors.last: the cached tracks have changed since this");

    cli_ends(0, JOINT "--cache moved --modalities l --takes-file l.takes -o l.safetensors");
    cli_ends(0, "extract -q -o moved --again --crf 14 set/c1.mp4"); /* crops alone: not looked at */
    cli_ends(0, JOINT "--cache moved --modalities l --takes-file l.takes -o l.safetensors");
    copy("set/c1.mp4", "set/c5.mp4", 1);
    cli_ends(0, "extract -q -o moved --again set/c1.mp4");
    cli_ends(1, JOINT "--cache moved --modalities l --takes-file l.takes -o l.safetensors");
    assert_says(cli_err(), "umcl train: l.takes: the cached tracks have changed since these takes");
}

static void test_checkpoints(void **state)
{
    (void)state;
    cli_ends(0, LANDMARKS "-o c.safetensors");
    copy("kept", "c.safetensors", 1);
    copy("last", "c.safetensors.last", 1);
    copy("c.safetensors.last", "last", 0.5);
    cli_ends(1, LANDMARKS "--resume -o c.safetensors");
    assert_says(cli_err(), "umcl train: c.safetensors.last: ");
    copy("c.safetensors.last", SHIPPED("lrnet"), 1);
    cli_ends(1, LANDMARKS "--resume -o c.safetensors");
    assert_says(cli_err(), "c.safetensors.last: expected a model of kind umcl, found lrnet");
    copy("c.safetensors.last", "c.safetensors", 1); /* a model, and no checkpoint */
    cli_ends(1, LANDMARKS "--resume -o c.safetensors");
    assert_says(cli_err(), "c.safetensors.last: a checkpoint of another training");
    copy("c.safetensors.last", "last", 1);
    cli_ends(1, CROPS("cache") " --resume -o c.safetensors");
    assert_says(cli_err(), "c.safetensors.last: a checkpoint of another training");
    assert_int_equal(file_count("cmp kept c.safetensors"), 0);
    cli_ends(0, LANDMARKS "--resume -o c.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_sets),
        cmocka_unit_test(test_lists),
        cmocka_unit_test_teardown(test_full_disk, unlimit),
        cmocka_unit_test(test_caches),
        cmocka_unit_test(test_other_content),
        cmocka_unit_test(test_checkpoints),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
