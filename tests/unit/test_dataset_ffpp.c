/* FaceForensics++ and DFD: pairs, splits, names, and trees that are not whole. */
#include "../test.h"

#include <unistd.h>

#include "base/file.h"
#include "support_tree.h"

#define ROOT "tree_ffpp"
#define REAL "original_sequences/youtube/%s/videos/%s.mp4"
#define FAKE "manipulated_sequences/%s/%s/videos/%s_%s.mp4"

static const char *const pairs[][2] = {{"000", "003"}, {"010", "005"}, {"020", "021"},
                                       {"071", "054"}, {"100", "101"}, {"200", "201"}};
#define N_PAIRS (sizeof pairs / sizeof pairs[0])

static void put_pairs(const char *compression)
{
    for (size_t i = 0; i < N_PAIRS; i++) {
        const char *a = pairs[i][0], *b = pairs[i][1];
        tree_put(ROOT, NULL, REAL, compression, a);
        tree_put(ROOT, NULL, REAL, compression, b);
        tree_put(ROOT, NULL, FAKE, "Deepfakes", compression, a, b);
        tree_put(ROOT, NULL, FAKE, "Deepfakes", compression, b, a);
    }
}

static void put_splits(const char *folder)
{
    tree_put(ROOT, "[[\"000\",\"003\"],[\"071\",\"054\"],[\"100\",\"101\"],[\"200\",\"201\"]]",
             "%strain.json", folder);
    tree_put(ROOT, "[[\"010\",\"005\"]]", "%sval.json", folder);
    tree_put(ROOT, "[[\"021\",\"020\"]]", "%stest.json", folder);
}

static void put_dfd(void)
{
    for (int a = 1; a <= 28; a++) {
        tree_put(ROOT, NULL, "original_sequences/actors/c23/videos/%02d__kitchen_pan.mp4", a);
        for (int b = 1; b <= 28; b += 3)
            if (b != a)
                tree_put(ROOT, NULL,
                         "manipulated_sequences/DeepFakeDetection/c23/videos/"
                         "%02d_%02d__kitchen_pan__AB%02d%02dXY.mp4",
                         a, b, a, b);
    }
}

static void reads_labels_people_and_splits(void **state)
{
    um_dataset d;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_pairs("raw");
    put_splits("splits/");
    d = tree_read(ROOT, NULL);
    assert_string_equal(d.layout, "ff++");
    assert_int_equal(d.count, 2 * 4 * N_PAIRS);
    i = tree_item(&d, "original_sequences/youtube/c23/videos/005.mp4");
    assert_false(i->fake);
    assert_string_equal(i->dataset, "FF++");
    assert_string_equal(i->method, "real");
    assert_string_equal(i->person, "005");
    assert_string_equal(i->source, "");
    assert_string_equal(i->group, "005");
    assert_int_equal(i->split, UM_SPLIT_VAL);
    assert_int_equal(i->compression, UM_COMPRESSION_C23);
    assert_string_equal(i->name, "original_sequences_youtube_c23_videos_005");
    i = tree_item(&d, "manipulated_sequences/Deepfakes/raw/videos/020_021.mp4");
    assert_true(i->fake && i->sure);
    assert_string_equal(i->method, "Deepfakes");
    assert_string_equal(i->person, "020");
    assert_string_equal(i->source, "021");
    assert_string_equal(i->group, "020");
    assert_int_equal(i->split, UM_SPLIT_TEST);
    assert_int_equal(i->compression, UM_COMPRESSION_RAW);
    tree_assert_apart(&d);
    um_dataset_clear(&d);
    um_dataset_clear(&d);
}

static void divides_pairs_where_there_are_no_split_files(void **state)
{
    um_dataset c23, c40;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    c23 = tree_read(ROOT, NULL);
    assert_non_null(tree_finding(&c23.remarks, UM_FINDING_SPLIT));
    for (size_t i = 0; i < c23.count; i++) assert_int_not_equal(c23.items[i].split, 0);
    tree_assert_apart(&c23);
    tree_make(ROOT);
    put_pairs("c40");
    c40 = tree_read(ROOT, NULL);
    assert_int_equal(c40.count, c23.count);
    for (size_t i = 0; i < c23.count; i++) /* a compression is divided as another is */
        assert_int_equal(c40.items[i].split, c23.items[i].split);
    um_dataset_clear(&c23);
    um_dataset_clear(&c40);
}

static void keeps_the_actors_of_dfd_apart(void **state)
{
    size_t n[UM_N_SPLITS] = {0};
    um_dataset d;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    put_dfd();
    d = tree_read(ROOT, NULL);
    i = tree_item(&d, "manipulated_sequences/DeepFakeDetection/c23/videos/"
                      "02_07__kitchen_pan__AB0207XY.mp4");
    assert_true(i->fake);
    assert_string_equal(i->dataset, "DFD");
    assert_string_equal(i->method, "DeepFakeDetection");
    assert_string_equal(i->person, "02");
    assert_string_equal(i->source, "07");
    assert_string_equal(i->group, "02__kitchen_pan");
    tree_assert_apart(&d);
    for (size_t k = 0; k < d.count; k++)
        if (!d.items[k].fake) n[d.items[k].split]++;
    assert_int_equal(n[UM_SPLIT_NONE], 0);
    assert_int_equal(n[UM_SPLIT_TRAIN], 20);
    assert_int_equal(n[UM_SPLIT_VAL], 4);
    assert_int_equal(n[UM_SPLIT_TEST], 4);
    um_dataset_clear(&d);
}

static void names_what_is_missing_and_what_is_strange(void **state)
{
    um_dataset d;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_splits("");
    assert_int_equal(remove(ROOT "/manipulated_sequences/Deepfakes/c23/videos/010_005.mp4"), 0);
    tree_put(ROOT, NULL, "manipulated_sequences/Deepfakes/c23/videos/000_003 (1).mp4");
    tree_put(ROOT, NULL, "manipulated_sequences/Deepfakes/c23/videos/000.mp4");
    tree_put(ROOT, NULL, "manipulated_sequences/Deepfakes/c23/videos/\xff\n.mp4");
    tree_put(ROOT, NULL, "manipulated_sequences/Deepfakes/c23/videos/.DS_Store");
    tree_put(ROOT, NULL, "manipulated_sequences/Mine/c23/videos/000_003.mp4");
    d = tree_read(ROOT, NULL);
    assert_int_equal(d.count, 4 * N_PAIRS - 1);
    f = tree_finding(&d.remarks, UM_FINDING_MISSING);
    assert_int_equal(f->names.count, 1);
    assert_string_equal(f->names.text[0], "010_005.mp4");
    assert_non_null(strstr(f->sentence, "Deepfakes/c23/videos: videos that"));
    f = tree_finding(&d.remarks, UM_FINDING_NAME);
    assert_int_equal(f->names.count, 3);
    assert_non_null(strstr(f->sentence, "(3): 000.mp4, 000_003 (1).mp4, \\xFF\\x0A.mp4"));
    assert_non_null(strstr(d.remarks.items[d.remarks.count - 1].sentence, "Mine"));
    f = tree_finding(&d.remarks, UM_FINDING_COUNT);
    assert_non_null(strstr(f->sentence, "expected 1000 videos, found 12"));
    um_dataset_clear(&d);
}

static void refuses_damaged_split_files(void **state)
{
    um_dataset_options elsewhere = {.splits = ROOT "/none"}, o = {0};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_splits("");
    tree_put(ROOT, "[[\"000\",\"003\"],[7,8]]", "train.json");
    assert_fails(UMCL_ERR_FORMAT, "train.json, entry 2", um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "[[\"000\",\"003\",\"004\"]]", "train.json");
    assert_fails(UMCL_ERR_FORMAT, "two ids", um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "{\"000\": \"003\"}", "train.json");
    assert_fails(UMCL_ERR_FORMAT, "a list of pairs", um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "[[\"000\",", "train.json");
    assert_fails(UMCL_ERR_FORMAT, "train.json, line 1", um_dataset_read(&d, ROOT, &o));
    assert_fails(UMCL_ERR_NOT_FOUND, "none/train.json", um_dataset_read(&d, ROOT, &elsewhere));
    assert_int_equal(d.count, 0);
}

static void tells_ids_of_two_splits(void **state)
{
    um_dataset d;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_splits("");
    tree_put(ROOT, "[[\"010\",\"003\"]]", "val.json");
    d = tree_read(ROOT, NULL);
    f = tree_finding(&d.remarks, UM_FINDING_PERSON);
    assert_int_equal(f->names.count, 1);
    assert_string_equal(f->names.text[0], "003");
    f = tree_finding(&d.remarks, UM_FINDING_SPLIT); /* 005 is in no list */
    assert_string_equal(f->names.text[0], "005.mp4");
    um_dataset_clear(&d);
}

static void takes_one_compression(void **state)
{
    um_dataset_options c40 = {.one_compression = true, .compression = UM_COMPRESSION_C40};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_splits("");
    assert_fails(UMCL_ERR_NOT_FOUND, "no c40 videos", um_dataset_read(&d, ROOT, &c40));
    put_pairs("c40");
    d = tree_read(ROOT, &c40);
    assert_int_equal(d.count, 4 * N_PAIRS);
    assert_null(tree_finding(&d.remarks, UM_FINDING_MISSING));
    um_dataset_clear(&d);
}

static void survives_links_that_go_round(void **state)
{
    um_dataset d;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    put_pairs("c23");
    put_splits("");
    assert_ok(um_mkdirs(ROOT "/manipulated_sequences/FaceSwap/c23"));
    assert_int_equal(symlink("videos", ROOT "/manipulated_sequences/FaceSwap/c23/videos"), 0);
    assert_int_equal(symlink("..", ROOT "/manipulated_sequences/Face2Face"), 0);
    d = tree_read(ROOT, NULL);
    assert_int_equal(d.count, 4 * N_PAIRS);
    f = tree_finding(&d.remarks, UM_FINDING_UNREADABLE);
    assert_non_null(strstr(f->sentence, "FaceSwap/c23/videos: cannot read the folder"));
    um_dataset_clear(&d);
}

static int clean(void **state)
{
    (void)state;
    tree_remove(ROOT);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_labels_people_and_splits),
        cmocka_unit_test(divides_pairs_where_there_are_no_split_files),
        cmocka_unit_test(keeps_the_actors_of_dfd_apart),
        cmocka_unit_test(names_what_is_missing_and_what_is_strange),
        cmocka_unit_test(refuses_damaged_split_files),
        cmocka_unit_test(tells_ids_of_two_splits),
        cmocka_unit_test(takes_one_compression),
        cmocka_unit_test(survives_links_that_go_round),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
