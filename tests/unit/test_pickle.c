#include "../test.h"

#include "model/pickle.h"
#include "support_pickle.h"

static umcl_status parse(um_pickle **p, const um_str *s, size_t *used)
{
    return um_pickle_parse(p, "mem", s->text, s->len, used);
}

static void reads_containers(void **state)
{
    um_str s = UM_STR_INIT;
    const um_pk *root, *list;
    um_pickle *p;
    size_t used;

    (void)state;
    pk_raw(&s, "\x80\x02}q\x00(");
    pk_text(&s, "list");
    pk_raw(&s, "](K\xffJ\xfe\xff\xff\xffG\x40\x0c\x00\x00\x00\x00\x00\x00N\x88\x8a\x01\x80\x86q"
               "\x01h\x01\x30" /* a tuple, remembered, fetched, dropped */
               "e");
    pk_text(&s, "self");
    pk_raw(&s, "h\x00u.rest");
    assert_ok(parse(&p, &s, &used));
    assert_int_equal(used, s.len - 4);
    root = um_pickle_root(p);
    assert_int_equal(root->kind, UM_PK_DICT);
    assert_ptr_equal(um_pk_get(root, "self"), root);
    assert_null(um_pk_get(root, "other"));
    list = um_pk_get(root, "list");
    assert_int_equal(list->list.n, 5);
    assert_int_equal(list->list.item[0]->integer, 255);
    assert_int_equal(list->list.item[1]->integer, -2);
    assert_true(list->list.item[2]->real == 3.5);
    assert_int_equal(list->list.item[3]->kind, UM_PK_NONE);
    assert_int_equal(list->list.item[4]->kind, UM_PK_TUPLE);
    assert_int_equal(list->list.item[4]->list.item[1]->integer, -128);
    um_pickle_free(p);
    um_str_clear(&s);
}

/* What a hostile file would try, and the word that the refusal must contain. */
static void refuses_all_else(void **state)
{
#define BYTES(literal) literal, sizeof(literal) - 1
    static const struct {
        const char *bytes;
        size_t n;
        umcl_status code;
        const char *says;
    } cases[] = {
        {BYTES("\x80\x02"
               "cos\nsystem\nX\x02\0\0\0id\x85R."),
         UMCL_ERR_UNSUPPORTED, "\"os.system\""},
        {BYTES("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."), UMCL_ERR_UNSUPPORTED,
         "\"os.system\""},
        {BYTES("\x80\x02"
               "cbuiltins\neval\n."),
         UMCL_ERR_UNSUPPORTED, "\"builtins.eval\""},
        {BYTES("ctorch.nn.modules.linear\nLinear\n."), UMCL_ERR_UNSUPPORTED, "Linear"},
        {BYTES("c__torch__x\nNet\n."), UMCL_ERR_UNSUPPORTED, "__torch__x"},
        {BYTES("(S'id'\nios\nsystem\n."), UMCL_ERR_UNSUPPORTED, "STRING"},
        {BYTES("(ios\nsystem\n."), UMCL_ERR_UNSUPPORTED, "INST"},
        {BYTES("(No."), UMCL_ERR_UNSUPPORTED, "OBJ"},
        {BYTES("\x82\x01."), UMCL_ERR_UNSUPPORTED, "EXT1"},
        {BYTES("\x80\x05."), UMCL_ERR_UNSUPPORTED, "protocol 5"},
        {BYTES("\xff"), UMCL_ERR_FORMAT, "0xff"},
        {BYTES(""), UMCL_ERR_FORMAT, "truncated"},
        {BYTES("."), UMCL_ERR_FORMAT, "underflow"},
        {BYTES("N(."), UMCL_ERR_FORMAT, "underflow"},
        {BYTES("Nt."), UMCL_ERR_FORMAT, "no mark"},
        {BYTES("NNR."), UMCL_ERR_FORMAT, "REDUCE of a None"},
        {BYTES("]N\x81."), UMCL_ERR_FORMAT, "NEWOBJ"},
        {BYTES("ctorch\nFloatStorage\n)R."), UMCL_ERR_FORMAT, "cannot be called"},
        {BYTES("ctorch\nFloatStorage\n)\x81."), UMCL_ERR_FORMAT, "NEWOBJ"},
        {BYTES("]}b."), UMCL_ERR_FORMAT, "BUILD of a list"},
        {BYTES("}(Nu."), UMCL_ERR_FORMAT, "without a value"},
        {BYTES("](Nu."), UMCL_ERR_FORMAT, "not a container"},
        {BYTES("Na."), UMCL_ERR_FORMAT, "underflow"},
        {BYTES("h\x07."), UMCL_ERR_FORMAT, "memo"},
        {BYTES("Nr\xff\xff\xff\xff."), UMCL_ERR_UNSUPPORTED, "memo"},
        {BYTES("X\xff\xff\xff\xffx."), UMCL_ERR_FORMAT, "truncated"},
        {BYTES("\x8d\xff\xff\xff\xff\xff\xff\xff\xffx."), UMCL_ERR_FORMAT, "truncated"},
        {BYTES("NQ."), UMCL_ERR_FORMAT, "not a storage"},
        {BYTES("ccollections\nOrderedDict\n]NaN\x86R."), UMCL_ERR_FORMAT, "list of pairs"},
    };
    um_pickle *p;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        umcl_status st = um_pickle_parse(&p, "mem", cases[i].bytes, cases[i].n, NULL);

        if (st != cases[i].code || !strstr(umcl_last_error(), cases[i].says))
            fail_msg("case %zu: expected \"%s\", got %s: %s", i, cases[i].says,
                     umcl_status_name(st), umcl_last_error());
        assert_null(p);
    }
}

static void bounds_tensors_by_their_storage(void **state)
{
    static const struct {
        pk_tensor_spec t;
        const char *says; /* NULL: fine */
    } cases[] = {
        {{"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}}, NULL},
        {{"HalfStorage", "0", 6, 0, 2, {3, 2}, {1, 3}}, NULL},
        {{"FloatStorage", "0", 6, 5, 0, {0}, {0}}, NULL},
        {{"FloatStorage", "0", 0, 9, 2, {0, 7}, {7, 1}}, NULL},
        {{"FloatStorage", "0", 6, 1, 2, {2, 3}, {3, 1}}, "end of its storage"},
        {{"FloatStorage", "0", 6, 6, 0, {0}, {0}}, "end of its storage"},
        {{"FloatStorage", "0", 6, -1, 1, {1}, {1}}, "offset"},
        {{"FloatStorage", "0", 6, 0, 1, {-1}, {1}}, "size or stride"},
        {{"FloatStorage", "0", 6, 5, 1, {2}, {-1}}, "size or stride"},
        {{"FloatStorage", "0", 6, 0, 1, {7}, {0}}, "more elements"},
        {{"FloatStorage", "0", -6, 0, 1, {1}, {1}}, "damaged reference"},
        {{"FloatStorage", "0", 6, 0, 3, {INT64_MAX, INT64_MAX, 2}, {0, 0, 0}}, "overflow"},
        {{"FloatStorage", "0", 6, 1, 2, {2, 2}, {INT64_MAX, 1}}, "overflow"},
        {{"FloatStorage", "0", 9, 0, 9, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {0}}, "8 dimensions"},
        {{"Size", "0", 6, 0, 1, {1}, {1}}, "not a storage"},
        {{"CharStorage", "0", 6, 0, 1, {1}, {1}}, "torch.CharStorage"},
    };
    um_pickle *p;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        um_str s = UM_STR_INIT;
        umcl_status st;

        pk_tensor(&s, &cases[i].t);
        pk_raw(&s, ".");
        st = parse(&p, &s, NULL);
        if (!cases[i].says) {
            assert_ok(st);
            assert_int_equal(um_pickle_root(p)->kind, UM_PK_TENSOR);
        } else if (st == UMCL_OK || !strstr(umcl_last_error(), cases[i].says)) {
            fail_msg("case %zu: expected \"%s\", got %s: %s", i, cases[i].says,
                     umcl_status_name(st), umcl_last_error());
        }
        um_pickle_free(p);
        um_str_clear(&s);
    }
}

static void survives_every_truncation(void **state)
{
    pk_tensor_spec t = {"FloatStorage", "0", 6, 0, 2, {2, 3}, {3, 1}};
    um_str s = UM_STR_INIT;
    um_pickle *p;

    (void)state;
    pk_raw(&s, "\x80\x02}(");
    pk_text(&s, "a");
    pk_tensor(&s, &t);
    pk_raw(&s, "u.");
    for (size_t n = 0; n < s.len; n++)
        assert_int_equal(um_pickle_parse(&p, "cut", s.text, n, NULL), UMCL_ERR_FORMAT);
    assert_ok(parse(&p, &s, NULL));
    um_pickle_free(p);
    um_str_clear(&s);
}

/* Small files that would grow: each doubles what the memo holds, or pushes without end. */
static void bombs_stay_small(void **state)
{
    um_str s = UM_STR_INIT;
    um_pickle *p;

    (void)state;
    pk_raw(&s, "]q\x00");
    for (int i = 0; i < 200; i++)
        pk_raw(&s, "](h\x00h\x00"
                   "eq\x00");
    pk_raw(&s, ".");
    assert_ok(parse(&p, &s, NULL)); /* 2^200 paths, 200 lists */
    um_pickle_free(p);
    um_str_clear(&s);

    pk_raw(&s, "N");
    for (int i = 0; i < 5 << 20; i++) pk_raw(&s, "2");
    assert_fails(UMCL_ERR_UNSUPPORTED, "stack too deep", parse(&p, &s, NULL));
    um_str_clear(&s);
    for (int i = 0; i < 5 << 20; i++) pk_raw(&s, "N0");
    assert_fails(UMCL_ERR_UNSUPPORTED, "too many values", parse(&p, &s, NULL));
    um_str_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_containers),
        cmocka_unit_test(refuses_all_else),
        cmocka_unit_test(bounds_tensors_by_their_storage),
        cmocka_unit_test(survives_every_truncation),
        cmocka_unit_test(bombs_stay_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
