/*
 * From videos to a detector, from outside: umcl extract, train and train-face on rendered clips,
 * whose labels mean nothing.
 */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "data/track_store.h"
#include "face/landmark_text.h"
#include "face/stabilise.h"
#include "media/video.h"

#define CLIPS 8
#define TRAIN                                                                                      \
    "train --model lrnet --cache cache --labels labels.csv --steps 6 --batch 4 --threads 1 "

/* Clips c1 .. c8 of two seconds, every second one called a fake; the last two are for validation.
   They are extracted once, for all the tests. */
static int prepare(void **state)
{
    FILE *f;

    if (cli_setup(state) != 0) return -1;
    cli_render_set(CLIPS, 2.2);
    f = fopen("labels.csv", "w");
    assert_non_null(f);
    fputs("path,label,person,split,dataset\n", f);
    for (int i = 1; i <= CLIPS; i++) {
        fprintf(f, "a/b/c%d.mp4,%s,p%d,%s,rendered\n", i, i % 2 ? "real" : "fake", i,
                i > CLIPS - 2 ? "val" : "train");
    }
    fclose(f);
    cli_write("broken.mp4", "no video", 8);
    cli_ends(1, "extract -o cache --text text -j 2 set broken.mp4");
    return 0;
}

/* The first run, of the preparation: its files, and what it said of the bad one. */
static void test_extract(void **state)
{
    const um_video_options as_is = {.fps = 0};
    um_stored_video stored;
    um_video *crops;
    float *rows, *again;
    size_t n;

    (void)state;
    assert_string_equal(cli_out(), "9 videos: 8 extracted, 0 there already, 1 failed\n");
    assert_string_equal(strchr(cli_err(), '\n'), "\n"); /* one line */
    assert_says(cli_err(), "umcl extract: broken.mp4: expected a video");
    assert_false(um_is_dir("cache/broken"));
    assert_false(um_is_dir("cache/.broken.partial"));

    assert_ok(um_store_read(&stored, "cache", "c3"));
    assert_int_equal(stored.n_tracks, 1);
    assert_int_equal(stored.tracks[0].n_frames, 66);
    assert_float_equal(stored.tracks[0].times[65], 65 / 30.0, 1e-3);
    assert_ok(um_video_open(&crops, "cache/c3/track1.mp4", &as_is));
    assert_int_equal(um_video_get_info(crops)->width, 128);
    assert_int_equal(um_video_get_info(crops)->height, 128);
    um_video_close(crops);

    /* LRNet's text, read back: the same landmarks to five digits. */
    assert_ok(um_landmark_text_read(&rows, &n, "text/c3_1.txt"));
    assert_int_equal(n, 66);
    again = malloc(n * 136 * sizeof *again);
    assert_non_null(again);
    um_landmarks_normalise(again, stored.tracks[0].landmarks, n);
    for (size_t i = 0; i < n * 136; i++) assert_float_equal(rows[i], again[i], 1e-5);
    free(again);
    free(rows);
    um_stored_video_clear(&stored);
}

static ino_t file_number(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_ino;
}

static void test_extract_again(void **state)
{
    ino_t first = file_number("cache/c1/tracks.safetensors");

    (void)state;
    cli_ends(0, "extract -o cache set");
    assert_string_equal(cli_out(), "8 videos: 0 extracted, 8 there already, 0 failed\n");
    assert_int_equal(file_number("cache/c1/tracks.safetensors"), first);
    cli_ends(0, "extract -o cache --again --no-crops set/c1.mp4");
    assert_string_equal(cli_out(), "1 videos: 1 extracted, 0 there already, 0 failed\n");
    assert_int_not_equal(file_number("cache/c1/tracks.safetensors"), first);
    assert_false(um_is_file("cache/c1/track1.mp4"));
    /* What another recipe has made is made anew. */
    model_with("cache/c1/tracks.safetensors", "cache/c1/tracks.safetensors", "recipe", "old");
    cli_ends(1, TRAIN "-o m.safetensors");
    assert_says(cli_err(), "cache/c1/tracks.safetensors: expected a cache made by \"umcl.tracks/2");
    cli_ends(0, "extract -o cache -q set/c1.mp4");
    assert_says(cli_out(), "1 extracted");
    assert_string_equal(cli_err(), "");
}

static void test_extract_refuses(void **state)
{
    (void)state;
    mkdir("other", 0700);
    cli_write("other/c1.mp4", "no video", 8);
    cli_ends(1, "extract -o twice set/c1.mp4 other/c1.mp4");
    assert_says(cli_err(), "c1.mp4: expected names that differ");
    assert_false(um_is_dir("twice"));
    cli_ends(1, "extract -o labels.csv set/c1.mp4");
    assert_says(cli_err(), "labels.csv: cannot create directory");
    cli_ends(1, "extract -o cache --face-model absent set");
    assert_string_equal(cli_err(),
                        "umcl extract: absent: cannot open: No such file or directory\n");
    cli_write("taken", "a file where the texts' folder would be", 39);
    cli_ends(1, "extract -o cache --text taken set/c1.mp4");
    assert_string_equal(cli_out(), "1 videos: 0 extracted, 0 there already, 1 failed\n");
    cli_ends(2, "extract set/c1.mp4");
    cli_ends(2, "extract -o cache");
    cli_ends(2, "extract -o cache -j 0 set");
    cli_ends(2, "extract -o cache --crf 52 set");
    cli_ends(2, "extract -o cache --list absent.txt");
    assert_int_equal(cli_on_terminal("extract -o cache set"), 0);
    assert_says(cli_err(), "0/8");
    assert_says(cli_err(), "8/8");
}

static char *read_all(const char *path, size_t *n)
{
    char *bytes;

    assert_ok(um_file_read(&bytes, n, path, 1 << 24));
    return bytes;
}

/* One command line, one model file: to the byte. */
static void test_train(void **state)
{
    char *first, *second, *third;
    size_t n1, n2, n3;

    (void)state;
    cli_ends(0, TRAIN "-o model.safetensors");
    assert_int_equal(cli_count(cli_out(), "\n"), 1);
    assert_says(cli_out(), "model.safetensors: trained on 6 tracks; ");
    assert_says(cli_err(), "6 videos, 6 with a face for at least two seconds\n");
    first = read_all("model.safetensors", &n1);
    remove("model.safetensors");
    cli_ends(0, TRAIN "-o model.safetensors");
    second = read_all("model.safetensors", &n2);
    assert_int_equal(n1, n2);
    assert_memory_equal(first, second, n1);
    cli_ends(0, TRAIN "-o seeded.safetensors --seed 2 -q");
    third = read_all("seeded.safetensors", &n3);
    assert_true(n3 != n1 || memcmp(first, third, n1));
    free(first);
    free(second);
    free(third);
    cli_ends(0, "inspect model.safetensors");
    assert_says(cli_out(), "kind: lrnet");
    assert_says(cli_out(), "made_by: umcl train --model lrnet --cache cache");
    assert_in_set(cli("detect -m model.safetensors set/c1.mp4"), ((LargestIntegralType[]){0, 3}),
                  2);
    assert_says(cli_out(), "P(fake)   0.");
}

static void test_train_refuses(void **state)
{
    static const char one_class[] =
        "name,label,split\nc1,real,train\nc3,real,train\nc9,fake,train\n";
    static const char odd_label[] = "name,label\nc1,maybe\n";

    (void)state;
    cli_write("one.csv", one_class, sizeof one_class - 1);
    cli_write("odd.csv", odd_label, sizeof odd_label - 1);
    cli_ends(1, "train --model lrnet --cache cache --labels one.csv -o m.safetensors");
    assert_says(cli_err(), "not in the cache: c9\n");
    assert_says(cli_err(), "one.csv: expected real and fake faces for at least two seconds in the");
    assert_says(cli_err(), "split 'train', found 2 real and 0 fake");
    cli_ends(1, "train --model lrnet --cache cache --labels odd.csv -o m.safetensors");
    assert_says(cli_err(), "expected the label real or fake, found 'maybe'");
    cli_ends(1, "train --model lrnet --cache cache --labels absent.csv -o m.safetensors");
    assert_says(cli_err(), "absent.csv: cannot open");
    cli_ends(1, "train --model lrnet --cache cache --labels broken.mp4 -o m.safetensors");
    assert_says(cli_err(), "expected columns 'name' (or 'path') and 'label'");
    /* Known before the work, not after it. */
    cli_ends(1, TRAIN "-o no/folder/m.safetensors");
    assert_says(cli_err(), "umcl train: no/folder/m.safetensors");
    assert_int_equal(cli_count(cli_err(), "\n"), 1);
    assert_false(um_is_file("m.safetensors"));

    cli_ends(2, "train --model other --cache cache --labels labels.csv -o m.safetensors");
    assert_says(cli_err(), "--model: expected umcl, lrnet, meso4 or xception, found 'other'");
    cli_ends(2, "train --model lrnet --labels labels.csv -o m.safetensors");
    cli_ends(2, TRAIN "-o m.safetensors --batch 5");
    assert_says(cli_err(), "--batch: expected an even number, found 5");
    cli_ends(2, TRAIN "-o m.safetensors --steps 0");
    cli_ends(2, TRAIN "-o m.safetensors --learning-rate fast");
    cli_ends(2, TRAIN "-o m.safetensors left over");
    assert_says(cli_err(), "unexpected argument 'left'");
}

/* Crops need 90 frames: two clips of each class and split, and one that is too short. */
static void test_train_meso4(void **state)
{
    static const char meso4[] = "train --model meso4 --cache long --labels long.csv --epochs 2 "
                                "--steps 2 --batch 4 --threads 1 ";
    static const char shared[] = "name,label,person,split\nl0,real,a,train\nl1,fake,a,val\n";
    FILE *f = fopen("long.csv", "w");

    (void)state;
    assert_non_null(f);
    mkdir("films", 0700);
    fputs("name,label,split\n", f);
    for (int i = 0; i < 5; i++) {
        cli_ends(0,
                 "synth -q -o films/l%d.mp4 --width 160 --height 120 --fps 10 --seconds %s "
                 "--seed %d",
                 i, i < 4 ? "3.2" : "2", i + 1);
        fprintf(f, "l%d,%s,%s\n", i, i % 2 ? "fake" : "real", i < 2 ? "val" : "train");
    }
    fclose(f);
    cli_ends(0, "extract -q -o long -j 2 films");
    cli_ends(0, "%s -o meso4.safetensors", meso4);
    assert_says(cli_err(), "10 real crops, 10 fake ones, of 2 tracks; 2 tracks to validate on\n");
    assert_says(cli_err(), "epoch 2/2: loss ");
    assert_says(cli_out(), "meso4.safetensors: 27977 parameters, trained on 10 real and 10 fake");
    cli_ends(0, "eval meso4.safetensors --cache long --labels long.csv --split all --json");
    assert_says(cli_out(), "\"kind\": \"meso4\"");
    assert_says(cli_out(), "\"unscored\": 1");
    assert_in_set(cli("detect -m meso4.safetensors films/l0.mp4"), ((LargestIntegralType[]){0, 3}),
                  2);
    assert_says(cli_out(), "P(fake)   0.");

    cli_ends(1, "%s --validate none -o m.safetensors", meso4);
    assert_says(cli_err(), "expected scores of both classes, found 0 real and 0 fake ones");
    cli_write("shared.csv", shared, sizeof shared - 1);
    cli_ends(1, "train --model meso4 --cache long --labels shared.csv -o m.safetensors");
    assert_says(cli_err(), "'l1' of the split val shows a person of the split train");
    cli_ends(1, "extract -q -o bare --no-crops films broken.mp4");
    cli_ends(1, "train --model meso4 --cache bare --labels long.csv -o m.safetensors");
    assert_says(cli_err(), "bare/l");
    cli_ends(2, "%s -o m.safetensors --batch 3", meso4);
    cli_ends(2, "train --model meso4 --cache long -o m.safetensors");
    assert_false(um_is_file("m.safetensors"));
}

/* The image baseline on the clips of the test before, as small as it can be read. */
static void test_train_xception(void **state)
{
    static const char xception[] = "train --model xception --cache long --labels long.csv "
                                   "--epochs 1 --steps 2 --batch 2 --side 32 --threads 1 -q ";

    (void)state;
    cli_ends(0, "%s --half -o xception.safetensors", xception);
    assert_says(cli_out(), "xception.safetensors: 20809001 parameters, trained on 10 real and 10 ");
    cli_ends(0, "inspect xception.safetensors");
    assert_says(cli_out(), "kind: xception\n");
    assert_says(cli_out(), "side: 32\n");
    cli_ends(0, "eval xception.safetensors --cache long --labels long.csv --json");
    assert_says(cli_out(), "\"kind\": \"xception\"");
    assert_in_set(cli("detect -m xception.safetensors films/l0.mp4"),
                  ((LargestIntegralType[]){0, 3}), 2);
    assert_says(cli_out(), "P(fake)   0.");

    /* From earlier weights, and what is none. */
    cli_ends(0, "%s --half --pretrained xception.safetensors -o more.safetensors", xception);
    cli_ends(1, "%s --pretrained " SHIPPED("lrnet") " -o m.safetensors", xception);
    assert_says(cli_err(), "expected a model of kind xception, found lrnet");
    cli_ends(2,
             "train --model meso4 --cache long --labels long.csv --pretrained xception.safetensors "
             "-o m.safetensors");
    assert_says(cli_err(), "--pretrained: expected none for meso4");
    cli_ends(2, "%s --side 16 -o m.safetensors", xception);
    assert_says(cli_err(), "--side: xception: expected crops of 32 to 512 pixels, found 16");
    cli_ends(2, "train --model meso4 --cache long --labels long.csv --side 64 -o m.safetensors");
    assert_says(cli_err(), "--side: meso4: expected crops of 128 pixels, found 64");
    model_with("side.safetensors", "xception.safetensors", "side", "32 pixels");
    cli_ends(1, "detect -m side.safetensors films/l0.mp4");
    assert_says(cli_err(), "side.safetensors: side: expected 32 to 512, found '32 pixels'");
    assert_false(um_is_file("m.safetensors"));
}

/* Labelled pictures from the renderer's truth: FOLDER/pN_0.png and CSV. */
static void write_pictures(const char *csv, int n)
{
    FILE *f = fopen(csv, "w");

    assert_non_null(f);
    fputs("file and points\n", f);
    for (int i = 0; i < n; i++) {
        json_t *truth, *points, *p;
        size_t k;

        cli_ends(0, "synth -q -o p%d_0.png --truth truth.json --width 128 --height 96 --seed %d", i,
                 i);
        truth = json_load_file("truth.json", 0, NULL);
        points = json_object_get(
            json_array_get(
                json_object_get(json_array_get(json_object_get(truth, "frames"), 0), "faces"), 0),
            "landmarks");
        fprintf(f, "p%d_0.png", i);
        json_array_foreach(points, k, p)
            fprintf(f, ",%.2f,%.2f", json_number_value(json_array_get(p, 0)),
                    json_number_value(json_array_get(p, 1)));
        fputc('\n', f);
        json_decref(truth);
    }
    fclose(f);
}

static void test_train_face(void **state)
{
    (void)state;
    write_pictures("points.csv", 4);
    cli_ends(0, "train-face landmarks --faces points.csv=. --rendered 2 --epochs 1 --batch 2 "
                "--threads 1 -o points.safetensors");
    assert_says(cli_err(), "5 faces to train on (2 rendered), 1 held out\n");
    assert_says(cli_out(), "points.safetensors: ");
    cli_ends(0, "inspect points.safetensors");
    assert_says(cli_out(), "kind: landmarks68");
    cli_ends(0, "faces --landmarks points.safetensors p0_0.png");
    cli_ends(1, "train-face landmarks --faces absent.csv=. -o m.safetensors");
    assert_says(cli_err(), "absent.csv: cannot open");
    cli_ends(1, "train-face landmarks --faces labels.csv=. -o m.safetensors");
    assert_says(cli_err(), "labels.csv: ");
    cli_ends(1, "train-face landmarks --faces points.csv=. -o no/folder.safetensors");
    assert_says(cli_err(), "no/folder.safetensors");
    cli_ends(2, "train-face landmarks --faces points.csv -o m.safetensors");
    assert_says(cli_err(), "--faces: expected CSV=FOLDER, found 'points.csv'");
    cli_ends(2, "train-face landmarks -o m.safetensors");
    cli_ends(2, "train-face eyes");
    assert_says(cli_err(), "expected what to train: landmarks or detector");

    cli_ends(0,
             "train-face detector --rendered 10 --threads 1 --measure " SHIPPED("face_detector"));
    assert_says(cli_out(), "on scenes held out:\n  thresholds 0.");
    assert_int_equal(cli_count(cli_out(), "recall "), 7);
    cli_ends(1, "train-face detector --rendered 0 --measure absent.safetensors");
    assert_says(cli_err(), "absent.safetensors: cannot open");
    cli_ends(2, "train-face detector --clips list.txt -o m.safetensors");
    assert_says(cli_err(), "videos need a --teacher");
    cli_ends(2, "train-face detector --steps 1,2 -o m.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract),         cmocka_unit_test(test_extract_again),
        cmocka_unit_test(test_extract_refuses), cmocka_unit_test(test_train),
        cmocka_unit_test(test_train_refuses),   cmocka_unit_test(test_train_meso4),
        cmocka_unit_test(test_train_xception),  cmocka_unit_test(test_train_face),
    };
    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
