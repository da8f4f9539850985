/* Label files: quoting, columns in any order, and what is refused. */
#include "../test.h"

#include "data/labels.h"

#define FILE_NAME "unit_labels.csv"

static umcl_status read(um_labels *out, const char *text)
{
    FILE *f = fopen(FILE_NAME, "wb");
    umcl_status st;

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
    st = um_labels_read(out, FILE_NAME);
    remove(FILE_NAME);
    return st;
}

static void reads_quoted_fields(void **state)
{
    um_labels l;

    (void)state;
    assert_ok(read(&l, "split,Label,path,dataset,confidence,person\r\n"
                       "train,fake,\"a/b, c/one.two.mp4\",\"say \"\"hi\"\", you\",high,anna\r\n"
                       "\r\n"
                       "val,0,two.mkv,\"two\nlines\",low,\n"));
    assert_int_equal(l.count, 2);
    assert_string_equal(l.items[0].name, "one.two");
    assert_string_equal(l.items[0].dataset, "say \"hi\", you");
    assert_string_equal(l.items[0].person, "anna");
    assert_string_equal(l.items[0].split, "train");
    assert_true(l.items[0].fake && l.items[0].sure);
    assert_string_equal(l.items[1].dataset, "two\nlines");
    assert_string_equal(l.items[1].person, "");
    assert_false(l.items[1].fake || l.items[1].sure);
    assert_ptr_equal(um_labels_find(&l, "two"), &l.items[1]);
    assert_null(um_labels_find(&l, "three"));
    um_labels_clear(&l);
    um_labels_clear(&l);
}

static void does_without_the_rest(void **state)
{
    um_labels l;

    (void)state;
    assert_ok(read(&l, "name,label\nx,1\ny,REAL"));
    assert_int_equal(l.count, 2);
    assert_true(l.items[0].fake && l.items[0].sure && !l.items[1].fake);
    assert_string_equal(l.items[1].split, "");
    um_labels_clear(&l);
    assert_ok(read(&l, "name,label\n"));
    assert_int_equal(l.count, 0);
    um_labels_clear(&l);
}

static void finds_paths_beside_the_list(void **state)
{
    um_labels l;

    (void)state;
    mkdir("labels_beside", 0777);
    FILE *f = fopen("labels_beside/l.csv", "wb");
    assert_non_null(f);
    assert_true(fputs("path,label,name\nc23/x.mp4,1,c23_x\n/data/y.mp4,0,y\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_ok(um_labels_read(&l, "labels_beside/l.csv"));
    assert_string_equal(l.items[0].name, "c23_x"); /* a name counts for more than a path */
    assert_string_equal(l.items[0].path, "labels_beside/c23/x.mp4");
    assert_string_equal(l.items[1].path, "/data/y.mp4");
    um_labels_truncate(&l, 1);
    assert_int_equal(l.count, 1);
    um_labels_clear(&l);
    assert_ok(read(&l, "name,label\nx,1\n"));
    assert_string_equal(l.items[0].path, "");
    um_labels_clear(&l);
    remove("labels_beside/l.csv");
    remove("labels_beside");
}

static void refuses_nonsense(void **state)
{
    um_labels l;

    (void)state;
    assert_fails(UMCL_ERR_FORMAT, "'label'", read(&l, "name,verdict\nx,fake\n"));
    assert_fails(UMCL_ERR_FORMAT, "expected columns", read(&l, ""));
    assert_fails(UMCL_ERR_FORMAT, "line 3", read(&l, "name,label\nx,fake\ny,maybe\n"));
    assert_fails(UMCL_ERR_FORMAT, "'x' stands twice",
                 read(&l, "name,label\na/x.mp4,fake\nb/x.avi,real\n"));
    assert_fails(UMCL_ERR_FORMAT, "found ''", read(&l, "label,name\nfake,x\n,y\n"));
    assert_fails(UMCL_ERR_FORMAT, "line 2: expected a name", read(&l, "name,label\n..,real\n"));
    assert_fails(UMCL_ERR_NOT_FOUND, "no-such", um_labels_read(&l, "no-such.csv"));
    assert_int_equal(l.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_quoted_fields),
        cmocka_unit_test(does_without_the_rest),
        cmocka_unit_test(finds_paths_beside_the_list),
        cmocka_unit_test(refuses_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
