#include "model/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "model/pickle_machine.h"

struct um_pickle {
    um_pk_machine machine;
};

/* Opcodes: `width` is the size of the argument in bytes, `kind` the um_pk_kind to make. */

static umcl_status op_proto(um_pk_machine *m, int width)
{
    uint64_t version;

    UM_TRY(um_pk_take_number(m, width, &version));
    if (version > 4)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: pickle protocol %d, expected at most 4", m->name,
                       (int)version);
    return UMCL_OK;
}

static umcl_status op_skip(um_pk_machine *m, int width)
{
    const unsigned char *p;

    return um_pk_take(m, (uint64_t)width, &p);
}

static umcl_status op_mark(um_pk_machine *m, int width)
{
    (void)width;
    return um_pk_push_mark(m);
}

static umcl_status op_pop(um_pk_machine *m, int width)
{
    um_pk *v;
    size_t from;

    (void)width;
    /* On a mark POP removes the mark, as in Python. */
    if (m->n_mark && m->mark[m->n_mark - 1] == m->n_stack) return um_pk_pop_mark(m, &from);
    return um_pk_pop(m, &v);
}

static umcl_status op_pop_mark(um_pk_machine *m, int width)
{
    (void)width;
    return um_pk_pop_mark(m, &m->n_stack);
}

static umcl_status op_dup(um_pk_machine *m, int width)
{
    um_pk *v;

    (void)width;
    UM_TRY(um_pk_top(m, &v));
    return um_pk_push(m, v);
}

static umcl_status push_new(um_pk_machine *m, um_pk_kind kind, int64_t integer)
{
    um_pk *v;

    UM_TRY(um_pk_new(m, &v, kind));
    if (kind == UM_PK_BOOL || kind == UM_PK_INT) v->integer = integer;
    return um_pk_push(m, v);
}

static umcl_status op_new(um_pk_machine *m, int kind)
{
    return push_new(m, (um_pk_kind)kind, 0);
}

static umcl_status op_bool(um_pk_machine *m, int value)
{
    return push_new(m, UM_PK_BOOL, value);
}

static umcl_status op_int(um_pk_machine *m, int width)
{
    uint64_t v;

    UM_TRY(um_pk_take_number(m, width, &v));
    return push_new(m, UM_PK_INT, width == 4 ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v);
}

static umcl_status op_float(um_pk_machine *m, int width)
{
    const unsigned char *p;
    uint64_t bits = 0;
    um_pk *v;

    UM_TRY(um_pk_take(m, (uint64_t)width, &p));
    for (int i = 0; i < width; i++) bits = bits << 8 | p[i];
    UM_TRY(um_pk_new(m, &v, UM_PK_FLOAT));
    memcpy(&v->real, &bits, sizeof v->real);
    return um_pk_push(m, v);
}

/* A counted run of bytes, copied with a NUL behind it. */
static umcl_status new_text(um_pk_machine *m, um_pk **out, um_pk_kind kind, int width)
{
    const unsigned char *p;
    uint64_t n;
    char *copy;

    UM_TRY(um_pk_take_number(m, width, &n));
    UM_TRY(um_pk_take(m, n, &p));
    UM_TRY(um_pk_new(m, out, kind));
    copy = um_arena_alloc(m->arena, (size_t)n + 1);
    if (!copy) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", m->name);
    memcpy(copy, p, (size_t)n);
    (*out)->text.bytes = copy;
    (*out)->text.n = (size_t)n;
    return UMCL_OK;
}

static umcl_status op_text(um_pk_machine *m, int width)
{
    um_pk *v;

    UM_TRY(new_text(m, &v, UM_PK_TEXT, width));
    return um_pk_push(m, v);
}

static umcl_status op_long(um_pk_machine *m, int width)
{
    const unsigned char *p;
    uint64_t value = 0;
    um_pk *v;
    size_t n;

    UM_TRY(new_text(m, &v, UM_PK_LONG, width));
    p = (const unsigned char *)v->text.bytes;
    n = v->text.n;
    if (n <= 8) {
        if (n && p[n - 1] & 0x80) value = UINT64_MAX; /* sign */
        while (n--) value = value << 8 | p[n];
        v->kind = UM_PK_INT;
        v->integer = (int64_t)value;
    }
    return um_pk_push(m, v);
}

/* Replaces what lies above `from` by a container of it. */
static umcl_status collect(um_pk_machine *m, um_pk_kind kind, size_t from)
{
    um_pk *v;

    if (kind == UM_PK_DICT && (m->n_stack - from) % 2)
        return um_pk_damaged(m, "a key without a value");
    UM_TRY(um_pk_new(m, &v, kind));
    for (size_t i = from; i < m->n_stack; i++) UM_TRY(um_pk_append(m, v, m->stack[i]));
    m->n_stack = from;
    return um_pk_push(m, v);
}

static umcl_status op_collect(um_pk_machine *m, int kind)
{
    size_t from;

    UM_TRY(um_pk_pop_mark(m, &from));
    return collect(m, (um_pk_kind)kind, from);
}

/* TUPLE1 .. TUPLE3: `width` is the number of items. */
static umcl_status op_short_tuple(um_pk_machine *m, int width)
{
    size_t floor = m->n_mark ? m->mark[m->n_mark - 1] : 0;

    if (m->n_stack < floor + (size_t)width) return um_pk_damaged(m, "stack underflow");
    return collect(m, UM_PK_TUPLE, m->n_stack - (size_t)width);
}

/* Moves what lies above `from` into the container below it. */
static umcl_status extend(um_pk_machine *m, um_pk_kind kind, size_t from)
{
    size_t n = m->n_stack, floor = m->n_mark ? m->mark[m->n_mark - 1] : 0;
    um_pk *v;

    if (from <= floor || from > n) return um_pk_damaged(m, "stack underflow");
    v = m->stack[from - 1];
    if (v->kind != kind)
        return um_pk_damaged(m, "items for something that is not a container of them");
    if (kind == UM_PK_DICT && (n - from) % 2) return um_pk_damaged(m, "a key without a value");
    for (size_t i = from; i < n; i++) UM_TRY(um_pk_append(m, v, m->stack[i]));
    m->n_stack = from;
    return UMCL_OK;
}

/* APPENDS, SETITEMS: everything above the mark. */
static umcl_status op_extend(um_pk_machine *m, int kind)
{
    size_t from;

    UM_TRY(um_pk_pop_mark(m, &from));
    return extend(m, (um_pk_kind)kind, from);
}

/* APPEND, SETITEM: one item, or one key and its value. */
static umcl_status op_extend_by_one(um_pk_machine *m, int kind)
{
    size_t n = kind == UM_PK_DICT ? 2 : 1;

    return extend(m, (um_pk_kind)kind, m->n_stack < n ? 0 : m->n_stack - n);
}

static umcl_status op_put(um_pk_machine *m, int width)
{
    uint64_t i;

    UM_TRY(um_pk_take_number(m, width, &i));
    return um_pk_memo_set(m, i);
}

static umcl_status op_memoize(um_pk_machine *m, int width)
{
    (void)width;
    return um_pk_memo_set(m, m->n_memo);
}

static umcl_status op_get(um_pk_machine *m, int width)
{
    uint64_t i;

    UM_TRY(um_pk_take_number(m, width, &i));
    if (i >= m->cap_memo || !m->memo[i]) return um_pk_damaged(m, "an empty memo entry");
    return um_pk_push(m, m->memo[i]);
}

/* A line of text, as GLOBAL has it; its newline becomes the NUL. */
static umcl_status take_line(um_pk_machine *m, const char **out)
{
    const unsigned char *p = m->at, *end = memchr(p, '\n', (size_t)(m->end - p));
    char *copy;

    if (!end) return um_pk_damaged(m, "truncated");
    m->at = end + 1;
    copy = um_arena_alloc(m->arena, (size_t)(end - p) + 1);
    if (!copy) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", m->name);
    memcpy(copy, p, (size_t)(end - p));
    *out = copy;
    return UMCL_OK;
}

static umcl_status op_global(um_pk_machine *m, int width)
{
    const char *module = NULL, *name = NULL;
    um_pk *v;

    (void)width;
    UM_TRY(take_line(m, &module));
    UM_TRY(take_line(m, &name));
    UM_TRY(um_pk_class(m, &v, module, name));
    return um_pk_push(m, v);
}

static umcl_status op_stack_global(um_pk_machine *m, int width)
{
    um_pk *module, *name, *v;

    (void)width;
    UM_TRY(um_pk_pop(m, &name));
    UM_TRY(um_pk_pop(m, &module));
    if (name->kind != UM_PK_TEXT || module->kind != UM_PK_TEXT)
        return um_pk_damaged(m, "a class whose name is not text");
    UM_TRY(um_pk_class(m, &v, module->text.bytes, name->text.bytes));
    return um_pk_push(m, v);
}

static umcl_status op_reduce(um_pk_machine *m, int width)
{
    um_pk *class, *args, *v;

    (void)width;
    UM_TRY(um_pk_pop(m, &args));
    UM_TRY(um_pk_pop(m, &class));
    UM_TRY(um_pk_call(m, &v, class, args));
    return um_pk_push(m, v);
}

static umcl_status op_newobj(um_pk_machine *m, int width)
{
    um_pk *class, *args, *v;

    (void)width;
    UM_TRY(um_pk_pop(m, &args));
    UM_TRY(um_pk_pop(m, &class));
    UM_TRY(um_pk_new_object(m, &v, class));
    return um_pk_push(m, v);
}

static umcl_status op_build(um_pk_machine *m, int width)
{
    um_pk *state, *object;

    (void)width;
    UM_TRY(um_pk_pop(m, &state));
    UM_TRY(um_pk_top(m, &object));
    return um_pk_set_state(m, object, state);
}

static umcl_status op_binpersid(um_pk_machine *m, int width)
{
    um_pk *id, *v;

    (void)width;
    UM_TRY(um_pk_pop(m, &id));
    UM_TRY(um_pk_storage(m, &v, id));
    if (m->n_storage == m->cap_storage) {
        size_t cap = m->cap_storage ? 2 * m->cap_storage : 64;

        UM_TRY(um_realloc(&m->storage, cap, sizeof *m->storage));
        m->cap_storage = cap;
    }
    m->storage[m->n_storage++] = v;
    return um_pk_push(m, v);
}

static umcl_status op_stop(um_pk_machine *m, int width)
{
    (void)width;
    return um_pk_pop(m, &m->root);
}

typedef struct opcode {
    unsigned char code;
    const char *name;
    umcl_status (*run)(um_pk_machine *m, int detail); /* NULL: known, and refused */
    int detail;
} opcode;

static const opcode opcodes[] = {
    {0x80, "PROTO", op_proto, 1},
    {0x95, "FRAME", op_skip, 8},
    {'.', "STOP", op_stop, 0},
    {'(', "MARK", op_mark, 0},
    {'0', "POP", op_pop, 0},
    {'1', "POP_MARK", op_pop_mark, 0},
    {'2', "DUP", op_dup, 0},
    {'N', "NONE", op_new, UM_PK_NONE},
    {0x88, "NEWTRUE", op_bool, 1},
    {0x89, "NEWFALSE", op_bool, 0},
    {'J', "BININT", op_int, 4},
    {'K', "BININT1", op_int, 1},
    {'M', "BININT2", op_int, 2},
    {0x8A, "LONG1", op_long, 1},
    {0x8B, "LONG4", op_long, 4},
    {'G', "BINFLOAT", op_float, 8},
    {'X', "BINUNICODE", op_text, 4},
    {0x8C, "SHORT_BINUNICODE", op_text, 1},
    {0x8D, "BINUNICODE8", op_text, 8},
    {'U', "SHORT_BINSTRING", op_text, 1},
    {'T', "BINSTRING", op_text, 4},
    {'C', "SHORT_BINBYTES", op_text, 1},
    {'B', "BINBYTES", op_text, 4},
    {0x8E, "BINBYTES8", op_text, 8},
    {')', "EMPTY_TUPLE", op_new, UM_PK_TUPLE},
    {'t', "TUPLE", op_collect, UM_PK_TUPLE},
    {0x85, "TUPLE1", op_short_tuple, 1},
    {0x86, "TUPLE2", op_short_tuple, 2},
    {0x87, "TUPLE3", op_short_tuple, 3},
    {']', "EMPTY_LIST", op_new, UM_PK_LIST},
    {'l', "LIST", op_collect, UM_PK_LIST},
    {'a', "APPEND", op_extend_by_one, UM_PK_LIST},
    {'e', "APPENDS", op_extend, UM_PK_LIST},
    {'}', "EMPTY_DICT", op_new, UM_PK_DICT},
    {'d', "DICT", op_collect, UM_PK_DICT},
    {'s', "SETITEM", op_extend_by_one, UM_PK_DICT},
    {'u', "SETITEMS", op_extend, UM_PK_DICT},
    {'q', "BINPUT", op_put, 1},
    {'r', "LONG_BINPUT", op_put, 4},
    {0x94, "MEMOIZE", op_memoize, 0},
    {'h', "BINGET", op_get, 1},
    {'j', "LONG_BINGET", op_get, 4},
    {'c', "GLOBAL", op_global, 0},
    {0x93, "STACK_GLOBAL", op_stack_global, 0},
    {'R', "REDUCE", op_reduce, 0},
    {0x81, "NEWOBJ", op_newobj, 0},
    {'b', "BUILD", op_build, 0},
    {'Q', "BINPERSID", op_binpersid, 0},
    /* Protocol 0's text forms, other ways to call something, and what torch never writes. */
    {'I', "INT", NULL, 0},
    {'L', "LONG", NULL, 0},
    {'F', "FLOAT", NULL, 0},
    {'S', "STRING", NULL, 0},
    {'V', "UNICODE", NULL, 0},
    {'p', "PUT", NULL, 0},
    {'g', "GET", NULL, 0},
    {'P', "PERSID", NULL, 0},
    {'i', "INST", NULL, 0},
    {'o', "OBJ", NULL, 0},
    {0x92, "NEWOBJ_EX", NULL, 0},
    {0x82, "EXT1", NULL, 0},
    {0x83, "EXT2", NULL, 0},
    {0x84, "EXT4", NULL, 0},
    {0x8F, "EMPTY_SET", NULL, 0},
    {0x90, "ADDITEMS", NULL, 0},
    {0x91, "FROZENSET", NULL, 0},
    {0x96, "BYTEARRAY8", NULL, 0},
    {0x97, "NEXT_BUFFER", NULL, 0},
    {0x98, "READONLY_BUFFER", NULL, 0},
};

static umcl_status run(um_pk_machine *m)
{
    const opcode *row[256] = {0};

    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++)
        row[opcodes[i].code] = &opcodes[i];
    while (!m->root) {
        const unsigned char *code;

        UM_TRY(um_pk_take(m, 1, &code));
        if (!row[*code])
            return um_fail(UMCL_ERR_FORMAT, "%s: not a pickle: unknown opcode 0x%02x at byte %zu",
                           m->name, *code, (size_t)(code - m->start));
        if (!row[*code]->run)
            return um_fail(UMCL_ERR_UNSUPPORTED, "%s: pickle: opcode %s at byte %zu is not read",
                           m->name, row[*code]->name, (size_t)(code - m->start));
        UM_TRY(row[*code]->run(m, row[*code]->detail));
    }
    return UMCL_OK;
}

umcl_status um_pickle_parse(um_pickle **out, const char *name, const void *bytes, size_t n,
                            size_t *used)
{
    um_pickle *p = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&p, 1, sizeof *p));
    UM_CHECK(um_arena_new(&p->machine.arena));
    p->machine.name = name;
    p->machine.start = p->machine.at = bytes;
    p->machine.end = p->machine.start + n;
    UM_CHECK(run(&p->machine));
    if (used) *used = (size_t)(p->machine.at - p->machine.start);
    p->machine.name = NULL;
    *out = p;
    p = NULL;
done:
    um_pickle_free(p);
    return st;
}

void um_pickle_free(um_pickle *pickle)
{
    if (!pickle) return;
    um_arena_free(pickle->machine.arena);
    free(pickle->machine.stack);
    free(pickle->machine.mark);
    free(pickle->machine.memo);
    free(pickle->machine.storage);
    free(pickle);
}

const um_pk *um_pickle_root(const um_pickle *pickle)
{
    return pickle->machine.root;
}

size_t um_pickle_storage_count(const um_pickle *pickle)
{
    return pickle->machine.n_storage;
}

const um_pk *um_pickle_storage(const um_pickle *pickle, size_t i)
{
    return pickle->machine.storage[i];
}
