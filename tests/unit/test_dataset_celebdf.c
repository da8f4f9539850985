/* Celeb-DF: the list in which 1 is real, folders in all spellings, people kept apart. */
#include "../test.h"

#include "base/file.h"
#include "support_tree.h"

#define ROOT "tree_celebdf"
#define N_PEOPLE 20

/* Two recordings of each of 20 people, each faked with the face of the next, and of the next but
 * six; twelve videos from YouTube. */
static void put_tree(const char *level, const char *youtube)
{
    for (int p = 0; p < N_PEOPLE; p++)
        for (int n = 0; n < 2; n++) {
            tree_put(ROOT, NULL, "Celeb-real/%sid%d_%04d.mp4", level, p, n);
            tree_put(ROOT, NULL, "Celeb-synthesis/%sid%d_id%d_%04d.mp4", level, p,
                     (p + 1) % N_PEOPLE, n);
            tree_put(ROOT, NULL, "Celeb-synthesis/%sid%d_id%d_%04d.mp4", level, p,
                     (p + 7) % N_PEOPLE, n);
        }
    for (int i = 0; i < 12; i++) tree_put(ROOT, NULL, "%s/%s%05d.mp4", youtube, level, i);
}

static void put_list(void)
{
    tree_put(ROOT,
             "1 Celeb-real/id3_0001.mp4\r\n"
             "1 YouTube-real/00004.mp4\n"
             "\n"
             "0 Celeb-synthesis/id3_id4_0001.mp4",
             "List_of_testing_videos.txt");
}

static void check_labels(const um_dataset *d, const char *real, const char *fake,
                         const char *youtube)
{
    const um_item *i = tree_item(d, real);

    assert_string_equal(d->layout, "celeb-df");
    assert_int_equal(d->count, 40 + 80 + 12);
    assert_false(i->fake);
    assert_string_equal(i->person, "id3");
    assert_string_equal(i->source, "");
    assert_string_equal(i->group, "id3_0001");
    assert_string_equal(i->method, "real");
    i = tree_item(d, fake);
    assert_true(i->fake);
    assert_string_equal(i->person, "id3");
    assert_string_equal(i->source, "id4");
    assert_string_equal(i->group, "id3_0001");
    assert_string_equal(i->method, "Celeb-synthesis");
    i = tree_item(d, youtube);
    assert_false(i->fake);
    assert_string_equal(i->person, "");
    assert_string_equal(i->group, "00004");
}

static void tests_what_the_list_names(void **state)
{
    size_t n_test = 0;
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_tree("", "YouTube-real");
    put_list();
    d = tree_read(ROOT, NULL);
    check_labels(&d, "Celeb-real/id3_0001.mp4", "Celeb-synthesis/id3_id4_0001.mp4",
                 "YouTube-real/00004.mp4");
    assert_int_equal(tree_item(&d, "Celeb-real/id3_0001.mp4")->split, UM_SPLIT_TEST);
    assert_int_equal(tree_item(&d, "Celeb-synthesis/id3_id4_0001.mp4")->split, UM_SPLIT_TEST);
    assert_int_equal(tree_item(&d, "YouTube-real/00004.mp4")->split, UM_SPLIT_TEST);
    for (size_t i = 0; i < d.count; i++) n_test += d.items[i].split == UM_SPLIT_TEST;
    assert_int_equal(n_test, 3);
    assert_null(tree_finding(&d.remarks, UM_FINDING_LABEL));
    assert_null(tree_finding(&d.remarks, UM_FINDING_MISSING));
    assert_string_equal(d.items[0].dataset, "Celeb-DF-v1");
    um_dataset_clear(&d);
}

static void reads_the_other_spellings(void **state)
{
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_tree("videos/", "Youtube-real");
    put_list();
    d = tree_read(ROOT, NULL);
    check_labels(&d, "Celeb-real/videos/id3_0001.mp4", "Celeb-synthesis/videos/id3_id4_0001.mp4",
                 "Youtube-real/videos/00004.mp4");
    assert_int_equal(tree_item(&d, "Youtube-real/videos/00004.mp4")->split, UM_SPLIT_TEST);
    um_dataset_clear(&d);
}

static void keeps_people_apart(void **state)
{
    um_dataset_options apart = {.apart = true};
    size_t n[UM_N_SPLITS] = {0};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_tree("", "YouTube-real");
    put_list();
    d = tree_read(ROOT, &apart);
    tree_assert_apart(&d);
    for (size_t i = 0; i < d.count; i++) n[d.items[i].split]++;
    assert_true(n[UM_SPLIT_TRAIN] > n[UM_SPLIT_VAL] && n[UM_SPLIT_TRAIN] > n[UM_SPLIT_TEST]);
    assert_true(n[UM_SPLIT_VAL] && n[UM_SPLIT_TEST]);
    um_dataset_clear(&d);

    /* Without the list that is the default, and is told. */
    assert_int_equal(remove(ROOT "/List_of_testing_videos.txt"), 0);
    d = tree_read(ROOT, NULL);
    assert_non_null(tree_finding(&d.remarks, UM_FINDING_SPLIT));
    tree_assert_apart(&d);
    um_dataset_clear(&d);
}

static void the_rest_of_the_list_is_apart_too(void **state)
{
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_tree("", "YouTube-real");
    put_list();
    d = tree_read(ROOT, NULL);
    for (size_t i = 0; i < d.count; i++) /* what is tested shares people with all others */
        if (d.items[i].split == UM_SPLIT_TEST) d.items[i].split = UM_SPLIT_NONE;
    tree_assert_apart(&d);
    um_dataset_clear(&d);
}

static void tells_what_does_not_fit(void **state)
{
    um_dataset d;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    put_tree("", "YouTube-real");
    tree_put(ROOT, "0 Celeb-real/id3_0001.mp4\n1 Celeb-real/id99_0000.mp4\n",
             "List_of_testing_videos.txt");
    tree_put(ROOT, NULL, "Celeb-synthesis/id3_0001.mp4");
    tree_put(ROOT, NULL, "Celeb-real/id3_id4_0001.mp4");
    tree_put(ROOT, NULL, "Celeb-real/id3_1.mp4");
    d = tree_read(ROOT, NULL);
    f = tree_finding(&d.remarks, UM_FINDING_LABEL);
    assert_string_equal(f->names.text[0], "celeb-real/id3_0001.mp4");
    f = tree_finding(&d.remarks, UM_FINDING_MISSING);
    assert_string_equal(f->names.text[0], "celeb-real/id99_0000.mp4");
    f = tree_finding(&d.remarks, UM_FINDING_NAME);
    assert_int_equal(f->names.count, 2);
    assert_non_null(tree_finding(&d.remarks, UM_FINDING_COUNT));
    um_dataset_clear(&d);
}

static void refuses_a_damaged_list(void **state)
{
    um_dataset_options o = {0};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    put_tree("", "YouTube-real");
    tree_put(ROOT, "1 Celeb-real/id3_0001.mp4\nCeleb-real/id3_0000.mp4\n",
             "List_of_testing_videos.txt");
    assert_fails(UMCL_ERR_FORMAT, "line 2: expected '1 folder/name.mp4'",
                 um_dataset_read(&d, ROOT, &o));
    tree_put(ROOT, "1\n", "List_of_testing_videos.txt");
    assert_fails(UMCL_ERR_FORMAT, "line 1", um_dataset_read(&d, ROOT, &o));
    assert_ok(um_file_write(ROOT "/List_of_testing_videos.txt", "1 a/b\0c", 7));
    assert_fails(UMCL_ERR_FORMAT, "zero byte", um_dataset_read(&d, ROOT, &o));
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
        cmocka_unit_test(tests_what_the_list_names),
        cmocka_unit_test(reads_the_other_spellings),
        cmocka_unit_test(keeps_people_apart),
        cmocka_unit_test(the_rest_of_the_list_is_apart_too),
        cmocka_unit_test(tells_what_does_not_fit),
        cmocka_unit_test(refuses_a_damaged_list),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
