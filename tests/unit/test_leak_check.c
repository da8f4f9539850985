/* The leak check finds what was planted, and nothing where nothing was. */
#include "../test.h"

#include <stdlib.h>

#include "base/file.h"
#include "data/leak_check.h"
#include "support_tree.h"

#define ROOT "tree_leaks"

/* Four videos on disk and their list; `rows` come behind them. */
static um_findings check(const char *rows, bool whole)
{
    um_leak_options o = {.whole_files = whole};
    um_str text = UM_STR_INIT;
    um_findings found;
    um_dataset d;

    um_str_append(&text, "path,label,person,source,group,split\n"
                         "a.mp4,real,anna,,r1,train\n"
                         "b.mp4,fake,anna,berta,r1,train\n"
                         "c.mp4,real,clara,,r2,val\n"
                         "d.mp4,fake,dora,emma,r3,test\n");
    um_str_append(&text, rows);
    assert_ok(um_str_status(&text));
    tree_put(ROOT, text.text, "list.csv");
    um_str_clear(&text);
    d = tree_read(ROOT "/list.csv", NULL);
    assert_ok(um_leak_check(&found, &d, &o));
    um_dataset_clear(&d);
    return found;
}

static int setup(void **state)
{
    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, "a", "a.mp4");
    tree_put(ROOT, "b", "b.mp4");
    tree_put(ROOT, "ccc", "c.mp4");
    tree_put(ROOT, "dddd", "d.mp4");
    return 0;
}

/* Exactly one finding, of this kind, with this sentence. */
static void expect(const char *rows, um_finding_kind kind, const char *sentence)
{
    um_findings f = check(rows, false);

    if (f.count != 1)
        fail_msg("%zu findings, not one: %s", f.count, f.count ? f.items[0].sentence : "");
    assert_int_equal(f.items[0].kind, kind);
    assert_string_equal(f.items[0].sentence, sentence);
    assert_int_equal(um_findings_errors(&f), um_finding_spoils(kind));
    um_findings_clear(&f);
}

static void is_quiet_where_all_is_well(void **state)
{
    um_findings f = check("", false);

    (void)state;
    assert_int_equal(f.count, 0);
    um_findings_clear(&f);
    f = check("", true);
    assert_int_equal(f.count, 0);
    um_findings_clear(&f);
    /* What is in no split leaks nowhere. */
    tree_put(ROOT, "a", "copy.mp4");
    f = check("copy.mp4,real,anna,dora,r3,none\n", false);
    assert_int_equal(f.count, 0);
    um_findings_clear(&f);
}

static void finds_people_and_sources(void **state)
{
    (void)state;
    tree_put(ROOT, "eeeee", "e.mp4");
    expect("e.mp4,real,anna,,r4,test\n", UM_FINDING_PERSON,
           "train and test share people (1): anna");
    expect("e.mp4,fake,ruth,clara,r4,test\n", UM_FINDING_PERSON,
           "val and test share people (1): clara");
    expect("e.mp4,fake,ruth,emma,r4,val\n", UM_FINDING_SOURCE,
           "val and test share sources (1): emma");
}

static void finds_recordings(void **state)
{
    (void)state;
    tree_put(ROOT, "eeeee", "e.mp4");
    expect("e.mp4,real,,,r2,train\n", UM_FINDING_RECORDING,
           "train and val share recordings (1): r2");
}

static void finds_copies_of_files(void **state)
{
    (void)state;
    tree_put(ROOT, "a", "e.mp4");
    expect("e.mp4,real,,,,test\n", UM_FINDING_FILE,
           "train and test share copies of files (1): a.mp4 = e.mp4");
    expect("e.mp4,fake,,,,train\n", UM_FINDING_LABEL,
           "copies of files are real and fake (1): a.mp4 = e.mp4");
    expect("d.mp4,fake,,,,train\n", UM_FINDING_FILE, "train and test share files (1): d.mp4");
    expect("d.mp4,fake,,,,test\n", UM_FINDING_NAME, "files stand twice in a split (1): d.mp4");
}

/* 1 MiB + 1 byte, alike but for the last: only --whole-files sees that. */
static void whole_files_are_compared_on_request(void **state)
{
    size_t n = ((size_t)1 << 20) + 1;
    char *bytes = calloc(n, 1);
    um_findings f;

    (void)state;
    assert_non_null(bytes);
    assert_ok(um_file_write(ROOT "/e.mp4", bytes, n));
    bytes[n - 1] = 1;
    assert_ok(um_file_write(ROOT "/f.mp4", bytes, n));
    free(bytes);
    expect("e.mp4,real,,,,train\nf.mp4,real,,,,val\n", UM_FINDING_FILE,
           "train and val share copies of files (1): e.mp4 = f.mp4");
    f = check("e.mp4,real,,,,train\nf.mp4,real,,,,val\n", true);
    assert_int_equal(f.count, 0);
    um_findings_clear(&f);
}

static void names_files_that_cannot_be_read(void **state)
{
    (void)state;
    tree_put(ROOT, "", "empty.mp4");
    tree_put(ROOT, "x", "folder.mp4/x");
    expect("gone.mp4,real,,,,val\n", UM_FINDING_MISSING,
           "files of the list are not there (1): gone.mp4");
    expect("empty.mp4,real,,,,val\n", UM_FINDING_UNREADABLE, "files are empty (1): empty.mp4");
    expect("folder.mp4,real,,,,val\n", UM_FINDING_UNREADABLE,
           "files cannot be read (1): folder.mp4");
    expect("/dev/zero,real,,,,val\n", UM_FINDING_UNREADABLE, "files cannot be read (1): /dev/zero");
}

static void grave_findings_come_first(void **state)
{
    um_dataset_options o = {0};
    um_leak_options leak = {0};
    um_findings f;
    um_dataset d;

    (void)state;
    tree_make(ROOT);
    tree_put(ROOT, NULL, "Celeb-real/id0_0000.mp4");
    tree_put(ROOT, NULL, "Celeb-real/strange.mp4");
    tree_put(ROOT, NULL, "Celeb-synthesis/id0_id1_0000.mp4");
    tree_put(ROOT, "0 Celeb-synthesis/id0_id1_0000.mp4", "List_of_testing_videos.txt");
    assert_ok(um_dataset_read(&d, ROOT, &o));
    assert_ok(um_leak_check(&f, &d, &leak));
    assert_true(um_findings_errors(&f) == 2 && f.count > 3);
    assert_int_equal(f.items[0].kind, UM_FINDING_PERSON);
    assert_int_equal(f.items[1].kind, UM_FINDING_RECORDING);
    assert_string_equal(um_finding_name(f.items[2].kind), "name");
    um_findings_clear(&f);
    um_dataset_clear(&d);
}

static void sentences_are_printable(void **state)
{
    um_names names = UM_NAMES_INIT;
    um_findings f = {0};
    char *text = um_printable("g\xC3\xB6 \x1b[1m \xC2\x85 \xED\xA0\x80 \xF0\x9F\x98\x80 \xFF");

    (void)state;
    assert_string_equal(text,
                        "g\xC3\xB6 \\x1B[1m \\xC2\\x85 \\xED\\xA0\\x80 \xF0\x9F\x98\x80 \\xFF");
    free(text);
    for (int i = 0; i < 7; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        assert_ok(um_names_add(&names, name, NULL));
    }
    assert_ok(um_findings_add(&f, UM_FINDING_MISSING, &names, "lost\n%d", 7));
    assert_string_equal(f.items[0].sentence, "lost\\x0A7 (7): a, b, c, d, e and 2 more");
    assert_int_equal(f.items[0].names.count, 7);
    assert_int_equal(names.count, 0);
    um_findings_clear(&f);
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
        cmocka_unit_test_setup(is_quiet_where_all_is_well, setup),
        cmocka_unit_test_setup(finds_people_and_sources, setup),
        cmocka_unit_test_setup(finds_recordings, setup),
        cmocka_unit_test_setup(finds_copies_of_files, setup),
        cmocka_unit_test_setup(whole_files_are_compared_on_request, setup),
        cmocka_unit_test_setup(names_files_that_cannot_be_read, setup),
        cmocka_unit_test(grave_findings_come_first),
        cmocka_unit_test(sentences_are_printable),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
