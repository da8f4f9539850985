/* LRNet's folders of landmark files. */
#include "../test.h"

#include <unistd.h>

#include "base/file.h"
#include "face/geometry.h"
#include "face/landmark_text.h"
#include "support_tree.h"

#define ROOT "tree_lrnet"

static void put_landmarks(const char *folder, const char *name)
{
    float rows[2 * UM_N_LANDMARKS] = {0.25f, -0.5f};
    char path[256];

    snprintf(path, sizeof path, ROOT "/%s", folder);
    assert_ok(um_mkdirs(path));
    snprintf(path, sizeof path, ROOT "/%s/%s.txt", folder, name);
    assert_ok(um_landmark_text_write(path, rows, 1));
}

static void reads_sets_compressions_and_splits(void **state)
{
    um_dataset d;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    put_landmarks("Origin/c23/train", "071");
    put_landmarks("Origin/c23/test", "003");
    put_landmarks("DF/c23/train", "071_054");
    put_landmarks("NT/raw/val", "004_982");
    assert_int_equal(symlink("..", ROOT "/DF/round"), 0);
    d = tree_read(ROOT, NULL);
    assert_string_equal(d.layout, "lrnet");
    assert_int_equal(d.count, 4);
    i = tree_item(&d, "DF/c23/train/071_054.txt");
    assert_true(i->fake);
    assert_string_equal(i->method, "Deepfakes");
    assert_string_equal(i->dataset, "FF++");
    assert_string_equal(i->person, "071");
    assert_string_equal(i->source, "054");
    assert_int_equal(i->split, UM_SPLIT_TRAIN);
    assert_int_equal(i->compression, UM_COMPRESSION_C23);
    i = tree_item(&d, "Origin/c23/test/003.txt");
    assert_false(i->fake);
    assert_int_equal(i->split, UM_SPLIT_TEST);
    i = tree_item(&d, "NT/raw/val/004_982.txt");
    assert_string_equal(i->method, "NeuralTextures");
    assert_int_equal(i->split, UM_SPLIT_VAL);
    assert_int_equal(i->compression, UM_COMPRESSION_RAW);
    um_dataset_clear(&d);
}

static void reads_real_and_fake(void **state)
{
    um_dataset d;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    put_landmarks("real", "clip_0");
    put_landmarks("train/Fake", "clip_1");
    put_landmarks("elsewhere", "clip_2");
    d = tree_read(ROOT, NULL);
    assert_int_equal(d.count, 2);
    i = tree_item(&d, "train/Fake/clip_1.txt");
    assert_true(i->fake);
    assert_string_equal(i->group, "clip_1");
    assert_int_equal(i->split, UM_SPLIT_TRAIN);
    assert_false(tree_item(&d, "real/clip_0.txt")->fake);
    assert_string_equal(tree_finding(&d.remarks, UM_FINDING_NAME)->names.text[0], "clip_2.txt");
    um_dataset_clear(&d);
}

static void other_texts_are_no_landmarks(void **state)
{
    um_dataset_options o = {0};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, "hello\n", "real/note.txt");
    assert_fails(UMCL_ERR_UNSUPPORTED, "lrnet", um_dataset_read(&d, ROOT, &o));
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
        cmocka_unit_test(reads_sets_compressions_and_splits),
        cmocka_unit_test(reads_real_and_fake),
        cmocka_unit_test(other_texts_are_no_landmarks),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
