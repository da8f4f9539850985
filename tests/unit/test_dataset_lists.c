/* Lists in one file: DeepfakeBench's JSON and plain CSV. */
#include "../test.h"

#include <stdlib.h>

#include "base/file.h"
#include "data/dataset_reader.h"
#include "support_tree.h"

#define ROOT "tree_lists"

static const char bench[] =
    "{\"FaceForensics++\": {\n"
    "  \"FF-real\": {\"train\": {\"c23\": {\"071\": {\"label\": \"FF-real\", \"frames\":\n"
    "      "
    "[\"FaceForensics++\\\\original_sequences\\\\youtube\\\\c23\\\\frames\\\\071\\\\000.png\"]}},\n"
    "      \"c40\": {\"071\": {\"label\": \"FF-real\", \"frames\": [\"c40/071/000.png\"]}}},\n"
    "    \"val\": {}, \"test\": {}},\n"
    "  \"FF-F2F\": {\"train\": {}, \"val\": {}, \"test\": {\"c23\": {\"004_982\":\n"
    "      {\"label\": \"FF-F2F\", \"frames\": [\"/data/F2F/004_982/000.png\", \"x\"]}}}}},\n"
    " \"Celeb-DF-v2\": {\n"
    "  \"CelebDFv2_real\": {\"test\": {\"id1_0007\": {\"label\": \"CelebDFv2_real\",\n"
    "      \"frames\": [\"Celeb-real/frames/id1_0007/0.png\"]}}},\n"
    "  \"CelebDFv2_fake\": {\"val\": {\"label\": \"CelebDFv2_fake\", \"frames\": [\"a/b.png\"]},\n"
    "    \"test\": {\"id1_id0_0007\": {\"label\": \"CelebDFv2_fake\",\n"
    "      \"frames\": [\"Celeb-synthesis/frames/id1_id0_0007/0.png\"]},\n"
    "      \"empty\": {\"label\": \"CelebDFv2_fake\", \"frames\": []}}}}}\n";

static void reads_deepfakebench(void **state)
{
    um_dataset d;
    const um_item *i;
    const um_finding *f;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, bench, "bench.json");
    d = tree_read(ROOT "/bench.json", NULL);
    assert_string_equal(d.layout, "deepfakebench");
    assert_int_equal(d.count, 5);
    i = tree_item(&d, "FaceForensics++/original_sequences/youtube/c23/frames/071");
    assert_false(i->fake);
    assert_string_equal(i->dataset, "FaceForensics++");
    assert_string_equal(i->person, "071");
    assert_int_equal(i->split, UM_SPLIT_TRAIN);
    assert_int_equal(i->compression, UM_COMPRESSION_C23);
    assert_int_equal(tree_item(&d, "c40/071")->compression, UM_COMPRESSION_C40);
    i = tree_item(&d, "/data/F2F/004_982");
    assert_true(i->fake);
    assert_string_equal(i->method, "Face2Face");
    assert_string_equal(i->source, "982");
    assert_string_equal(i->name, "data_F2F_004_982");
    assert_int_equal(i->split, UM_SPLIT_TEST);
    i = tree_item(&d, "Celeb-synthesis/frames/id1_id0_0007");
    assert_true(i->fake);
    assert_string_equal(i->method, "CelebDFv2_fake");
    assert_string_equal(i->group, "id1_0007");
    assert_int_equal(i->compression, UM_COMPRESSION_NONE);
    f = tree_finding(&d.remarks, UM_FINDING_NAME);
    assert_int_equal(f->names.count, 2);
    assert_true(um_names_find(&f->names, "Celeb-DF-v2/CelebDFv2_fake/test/empty", NULL));
    um_dataset_clear(&d);
}

static umcl_status parse(um_dataset *d, const char *text)
{
    um_dataset_clear(d);
    return um_bench_parse(d, "list", text, strlen(text));
}

static void refuses_what_is_no_deepfakebench(void **state)
{
    um_dataset d = {0};

    (void)state;
    assert_fails(UMCL_ERR_FORMAT, "list: expected an object of data sets", parse(&d, "[]"));
    assert_fails(UMCL_ERR_FORMAT, "A: expected an object of labels, found a number",
                 parse(&d, "{\"A\": 1}"));
    assert_fails(UMCL_ERR_FORMAT, "A/real: expected an object of splits, found a list",
                 parse(&d, "{\"A\": {\"real\": []}}"));
    assert_fails(UMCL_ERR_FORMAT, "expected train, val or test, found 'dev'",
                 parse(&d, "{\"A\": {\"real\": {\"dev\": {}}}}"));
    assert_fails(UMCL_ERR_FORMAT, "found 'odd'",
                 parse(&d, "{\"A\": {\"odd\": {\"val\": {\"v\": {\"label\": \"odd\", "
                           "\"frames\": [\"a/b\"]}}}}}"));
    assert_fails(UMCL_ERR_FORMAT, "list, line 1", parse(&d, "{\"A\": "));
    assert_ok(parse(&d, "{\"A\": {\"real\": {\"val\": {\"v\": 3, \"c23\": 4}}}}"));
    assert_int_equal(d.count, 0);
    assert_int_equal(tree_finding(&d.remarks, UM_FINDING_NAME)->names.count, 2);
    um_dataset_clear(&d);
}

/* 4000 lists in one another: the parser's limit, not our stack, decides. */
static void bounds_the_depth(void **state)
{
    um_str text = UM_STR_INIT;
    um_dataset d = {0};

    (void)state;
    for (int i = 0; i < 4000; i++) um_str_append(&text, "{\"c23\":");
    assert_fails(UMCL_ERR_FORMAT, "list, line 1", parse(&d, text.text));
    um_str_clear(&text);
}

static void reads_plain_csv(void **state)
{
    um_dataset d;
    const um_item *i;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT,
             "path,label,person,source,group,split,confidence,dataset,manipulation,compression\n"
             "a/x.mp4,1,anna,berta,rec1,train,low,mine,swap,c40\n"
             "\"b/\"\"y\"\".mp4\",REAL,berta,,rec2,validation,,,,\n",
             "rows.csv");
    d = tree_read(ROOT "/rows.csv", NULL);
    assert_string_equal(d.layout, "csv");
    assert_int_equal(d.count, 2);
    i = tree_item(&d, "a/x.mp4");
    assert_string_equal(i->name, "x");
    assert_true(i->fake);
    assert_false(i->sure);
    assert_string_equal(i->person, "anna");
    assert_string_equal(i->source, "berta");
    assert_string_equal(i->group, "rec1");
    assert_string_equal(i->dataset, "mine");
    assert_string_equal(i->method, "swap");
    assert_int_equal(i->split, UM_SPLIT_TRAIN);
    assert_int_equal(i->compression, UM_COMPRESSION_C40);
    i = tree_item(&d, "b/\"y\".mp4");
    assert_string_equal(i->method, "real");
    assert_int_equal(i->split, UM_SPLIT_VAL);
    assert_true(i->sure);
    um_dataset_clear(&d);
}

static void divides_csv_in_circles(void **state)
{
    um_dataset_options apart = {.apart = true};
    um_split first;
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    /* anna - berta - clara are a circle; the others are alone. */
    tree_put(ROOT,
             "name,label,person,source,split\n"
             "1,fake,anna,berta,train\n2,fake,clara,berta,test\n3,real,anna,,val\n"
             "4,real,clara,,train\n5,real,dora,,none\n6,real,,,\n",
             "rows.csv");
    d = tree_read(ROOT "/rows.csv", &apart);
    first = d.items[0].split;
    for (int i = 0; i < 4; i++) assert_int_equal(d.items[i].split, first);
    for (int i = 0; i < 6; i++) assert_int_not_equal(d.items[i].split, UM_SPLIT_NONE);
    um_dataset_clear(&d);
    d = tree_read(ROOT "/rows.csv", NULL); /* as it stands */
    assert_int_equal(d.items[1].split, UM_SPLIT_TEST);
    assert_int_equal(d.items[5].split, UM_SPLIT_NONE);
    um_dataset_clear(&d);
}

/* Everybody with everybody: one by one, and a fake of two splits is in none. */
static void divides_csv_of_dfd_by_people(void **state)
{
    um_dataset_options apart = {.apart = true};
    size_t n[UM_N_SPLITS] = {0};
    um_str text = UM_STR_INIT;
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    um_str_append(&text, "name,label,person,source,dataset\n");
    for (int a = 1; a <= 28; a++) {
        um_str_printf(&text, "r%d,real,%02d,,DFD\n", a, a);
        for (int b = 1; b <= 28; b++)
            if (a != b) um_str_printf(&text, "f%d_%d,fake,%02d,%02d,DFD\n", a, b, a, b);
    }
    assert_ok(um_str_status(&text));
    tree_put(ROOT, text.text, "rows.csv");
    um_str_clear(&text);
    d = tree_read(ROOT "/rows.csv", &apart);
    tree_assert_apart(&d);
    for (size_t i = 0; i < d.count; i++) n[d.items[i].split]++;
    assert_int_equal(n[UM_SPLIT_TRAIN], 20 * 20);
    assert_int_equal(n[UM_SPLIT_VAL], 4 * 4);
    assert_int_equal(n[UM_SPLIT_TEST], 4 * 4);
    um_dataset_clear(&d);
}

static void refuses_damaged_csv(void **state)
{
    um_dataset_options o = {0}, folder = {.layout = "csv"}, odd = {.layout = "odd"};
    um_dataset_options splits = {.splits = ROOT};
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, "name,label\nx,fake\n\"y\nz\",maybe\n", "rows.csv");
    assert_fails(UMCL_ERR_FORMAT, "rows.csv, line 3: expected the label",
                 um_dataset_read(&d, ROOT "/rows.csv", &o));
    assert_fails(UMCL_ERR_INVALID, "csv has no split files",
                 um_dataset_read(&d, ROOT "/rows.csv", &splits));
    tree_put(ROOT, "name,label,split\n\nx,fake,dev\n", "rows.csv");
    assert_fails(UMCL_ERR_FORMAT, "line 3: expected the split",
                 um_dataset_read(&d, ROOT "/rows.csv", &o));
    tree_put(ROOT, "name,path,label\n,/,fake\n", "rows.csv");
    assert_fails(UMCL_ERR_FORMAT, "line 2: expected a name or a path",
                 um_dataset_read(&d, ROOT "/rows.csv", &o));
    tree_put(ROOT, "name,label,compression\nx,fake,c99\n", "rows.csv");
    assert_fails(UMCL_ERR_FORMAT, "found 'c99'", um_dataset_read(&d, ROOT "/rows.csv", &o));
    assert_ok(um_file_write(ROOT "/rows.csv", "name,label\nx\0,fake\n", 19));
    assert_fails(UMCL_ERR_FORMAT, "zero byte", um_dataset_read(&d, ROOT "/rows.csv", &o));
    assert_fails(UMCL_ERR_INVALID, "expected a CSV file", um_dataset_read(&d, ROOT, &folder));
    assert_fails(UMCL_ERR_INVALID, "layout 'odd'", um_dataset_read(&d, ROOT, &odd));
    assert_fails(UMCL_ERR_UNSUPPORTED, "celeb-df (folders", um_dataset_read(&d, ROOT, &o));
    assert_fails(UMCL_ERR_NOT_FOUND, "no such folder", um_dataset_read(&d, ROOT "/none", &o));
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
        cmocka_unit_test(reads_deepfakebench),
        cmocka_unit_test(refuses_what_is_no_deepfakebench),
        cmocka_unit_test(bounds_the_depth),
        cmocka_unit_test(reads_plain_csv),
        cmocka_unit_test(divides_csv_in_circles),
        cmocka_unit_test(divides_csv_of_dfd_by_people),
        cmocka_unit_test(refuses_damaged_csv),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
