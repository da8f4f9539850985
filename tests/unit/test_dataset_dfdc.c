/* DFDC: parts with metadata.json, test sets with labels.csv. */
#include "../test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "support_tree.h"

#define ROOT "tree_dfdc"
#define N_REAL 60

/* A part with 60 recordings and, of each, two fakes. */
static void put_part(const char *folder, int salt)
{
    um_str json = UM_STR_INIT;

    um_str_append(&json, "{");
    for (int i = 0; i < N_REAL; i++) {
        tree_put(ROOT, NULL, "%s/r%d%03d.mp4", folder, salt, i);
        um_str_printf(&json, "\"r%d%03d.mp4\": {\"label\": \"REAL\", \"split\": \"train\"%s},\n",
                      salt, i, i % 2 ? ", \"original\": null" : "");
        for (int k = 0; k < 2; k++) {
            tree_put(ROOT, NULL, "%s/f%d%03d%d.mp4", folder, salt, i, k);
            um_str_printf(&json,
                          "\"f%d%03d%d.mp4\": {\"label\": \"FAKE\", \"split\": \"train\", "
                          "\"original\": \"r%d%03d.mp4\"}%s\n",
                          salt, i, k, salt, i, i == N_REAL - 1 && k ? "}" : ",");
        }
    }
    assert_ok(um_str_status(&json));
    tree_put(ROOT, json.text, "%s/metadata.json", folder);
    um_str_clear(&json);
}

static void keeps_a_fake_with_its_original(void **state)
{
    size_t n[UM_N_SPLITS] = {0};
    um_dataset d, again;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    put_part("train/dfdc_train_part_0", 0);
    d = tree_read(ROOT, NULL);
    assert_string_equal(d.layout, "dfdc");
    assert_int_equal(d.count, 3 * N_REAL);
    i = tree_item(&d, "train/dfdc_train_part_0/f00071.mp4");
    assert_true(i->fake);
    assert_string_equal(i->group, "r0007");
    assert_string_equal(i->dataset, "DFDC");
    i = tree_item(&d, "train/dfdc_train_part_0/r0007.mp4");
    assert_false(i->fake);
    assert_string_equal(i->group, "r0007");
    tree_assert_apart(&d);
    for (size_t k = 0; k < d.count; k++) n[d.items[k].split]++;
    assert_int_equal(n[UM_SPLIT_NONE], 0);
    assert_true(n[UM_SPLIT_TRAIN] > n[UM_SPLIT_VAL] && n[UM_SPLIT_VAL] > n[UM_SPLIT_TEST] &&
                n[UM_SPLIT_TEST] > 0);

    /* Another part moves nobody. */
    put_part("train/dfdc_train_part_1", 1);
    again = tree_read(ROOT, NULL);
    assert_int_equal(again.count, 6 * N_REAL);
    for (size_t k = 0; k < d.count; k++)
        assert_int_equal(tree_item(&again, d.items[k].path)->split, d.items[k].split);
    um_dataset_clear(&again);
    um_dataset_clear(&d);
}

static void tests_on_the_test_set(void **state)
{
    um_dataset_options apart = {.apart = true};
    size_t n_test = 0;
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_part("part", 0);
    tree_put(ROOT, "filename,label\nx.mp4,1\ny.mp4,0\n", "test/labels.csv");
    tree_put(ROOT, NULL, "test/x.mp4");
    tree_put(ROOT, NULL, "test/y.mp4");
    tree_put(ROOT, "label,filename\r\n0,v.mp4\r\n", "validation/labels.csv");
    tree_put(ROOT, NULL, "validation/v.mp4");
    d = tree_read(ROOT, NULL);
    assert_true(tree_item(&d, "test/x.mp4")->fake);
    assert_false(tree_item(&d, "test/y.mp4")->fake);
    assert_int_equal(tree_item(&d, "test/y.mp4")->split, UM_SPLIT_TEST);
    assert_int_equal(tree_item(&d, "validation/v.mp4")->split, UM_SPLIT_VAL);
    assert_int_equal(tree_item(&d, "part/r0000.mp4")->split, UM_SPLIT_TRAIN);
    for (size_t i = 0; i < d.count; i++) n_test += d.items[i].split == UM_SPLIT_TEST;
    assert_int_equal(n_test, 2);
    um_dataset_clear(&d);
    d = tree_read(ROOT, &apart);
    n_test = 0;
    for (size_t i = 0; i < d.count; i++) n_test += d.items[i].split == UM_SPLIT_TEST;
    assert_true(n_test > 3);
    um_dataset_clear(&d);
}

static void passes_over_what_it_does_not_understand(void **state)
{
    um_dataset d;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT,
             "{\"a.mp4\": {\"label\": \"FAKE\", \"original\": 7},\n"
             "\"b.mp4\": {\"label\": \"MAYBE\"}, \"c.mp4\": [1], \"d.mp4\": {\"label\": 1},\n"
             "\"../e.mp4\": {\"label\": \"REAL\"}, \"gone.mp4\": {\"label\": \"REAL\"},\n"
             "\"f.mp4\": {\"label\": \"FAKE\", \"original\": \"../../f.mp4\"}}",
             "metadata.json");
    tree_put(ROOT, NULL, "a.mp4");
    tree_put(ROOT, NULL, "f.mp4");
    tree_put(ROOT, NULL, "stranger.mp4");
    d = tree_read(ROOT, NULL);
    assert_int_equal(d.count, 2);
    assert_string_equal(tree_item(&d, "a.mp4")->group, "a");
    assert_string_equal(tree_item(&d, "f.mp4")->group, "f");
    f = tree_finding(&d.remarks, UM_FINDING_NAME);
    assert_int_equal(f->names.count, 4);
    assert_true(um_names_find(&f->names, "../e.mp4", NULL));
    f = tree_finding(&d.remarks, UM_FINDING_MISSING);
    assert_int_equal(f->names.count, 1);
    assert_string_equal(f->names.text[0], "gone.mp4");
    assert_non_null(strstr(d.remarks.items[2].sentence, "stranger.mp4"));
    um_dataset_clear(&d);
}

static void refuses_damaged_lists(void **state)
{
    um_dataset_options o = {0};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, "{\"a.mp4\": {\"label\": \"REAL\"},\n\"a.mp4\": {\"label\": \"FAKE\"}}",
             "metadata.json");
    assert_fails(UMCL_ERR_FORMAT, "metadata.json, line 2: duplicate",
                 um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "[]", "metadata.json");
    assert_fails(UMCL_ERR_FORMAT, "expected an object", um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "{\"\xff.mp4\": {\"label\": \"REAL\"}}", "metadata.json");
    assert_fails(UMCL_ERR_FORMAT, "byte 0xff", um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "{}", "metadata.json");
    assert_fails(UMCL_ERR_NOT_FOUND, "no videos in the layout dfdc", um_dataset_read(&d, ROOT, &o));
}

static void visits_a_folder_once(void **state)
{
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_part("a/part", 0);
    assert_int_equal(symlink("..", ROOT "/a/round"), 0);
    assert_int_equal(symlink("part", ROOT "/a/zwei"), 0);
    d = tree_read(ROOT, NULL);
    assert_int_equal(d.count, 3 * N_REAL);
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
        cmocka_unit_test(keeps_a_fake_with_its_original),
        cmocka_unit_test(tests_on_the_test_set),
        cmocka_unit_test(passes_over_what_it_does_not_understand),
        cmocka_unit_test(refuses_damaged_lists),
        cmocka_unit_test(visits_a_folder_once),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
