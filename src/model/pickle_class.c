/* The allow-list of classes and functions, and what each of them stands for. */
#include <stdbool.h>
#include <string.h>

#include "model/pickle_machine.h"

typedef enum role {
    ROLE_DICT,    /* called with (), or ([[key, value] ...]) */
    ROLE_STORAGE, /* never called: names the element type in a storage id */
    ROLE_TENSOR,  /* called with (storage, offset, size, stride, ...) */
    ROLE_FIRST,   /* hands its first argument on */
    ROLE_MODULE   /* a TorchScript module, its attributes follow */
} role;

typedef struct class_row {
    const char *module, *name;
    role role;
    um_st_type type; /* of a storage's elements */
} class_row;

static const class_row classes[] = {
    {"collections", "OrderedDict", ROLE_DICT, 0},
    {"torch", "FloatStorage", ROLE_STORAGE, UM_ST_F32},
    {"torch", "DoubleStorage", ROLE_STORAGE, UM_ST_F64},
    {"torch", "HalfStorage", ROLE_STORAGE, UM_ST_F16},
    {"torch", "BFloat16Storage", ROLE_STORAGE, UM_ST_BF16},
    {"torch", "LongStorage", ROLE_STORAGE, UM_ST_I64},
    {"torch", "IntStorage", ROLE_STORAGE, UM_ST_I32},
    {"torch", "ByteStorage", ROLE_STORAGE, UM_ST_U8},
    {"torch", "BoolStorage", ROLE_STORAGE, UM_ST_BOOL},
    {"torch._utils", "_rebuild_tensor", ROLE_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor_v2", ROLE_TENSOR, 0},
    {"torch._utils", "_rebuild_parameter", ROLE_FIRST, 0},
    {"torch._utils", "_rebuild_parameter_with_state", ROLE_FIRST, 0},
    {"torch", "Size", ROLE_FIRST, 0},
    {"torch.jit._pickle", "build_intlist", ROLE_FIRST, 0},
    {"torch.jit._pickle", "build_doublelist", ROLE_FIRST, 0},
    {"torch.jit._pickle", "build_boollist", ROLE_FIRST, 0},
    {"torch.jit._pickle", "build_tensorlist", ROLE_FIRST, 0},
    {"torch.jit._pickle", "restore_type_tag", ROLE_FIRST, 0},
    /* Last: every class of a TorchScript program, whose names are the program's own. */
    {"__torch__", "(module)", ROLE_MODULE, 0},
};

enum { MODULE_CLASS = sizeof classes / sizeof classes[0] - 1 };

umcl_status um_pk_class(um_pk_machine *m, um_pk **out, const char *module, const char *name)
{
    bool script = !strcmp(module, "__torch__") || !strncmp(module, "__torch__.", 10);
    size_t i = 0;

    while (i < MODULE_CLASS &&
           (strcmp(classes[i].module, module) != 0 || strcmp(classes[i].name, name) != 0))
        i++;
    if (i == MODULE_CLASS && !script)
        return um_fail(UMCL_ERR_UNSUPPORTED,
                       "%s: class \"%.100s.%.100s\" is not read, only tensors and containers are; "
                       "save the model's state_dict() alone",
                       m->name, module, name);
    UM_TRY(um_pk_new(m, out, UM_PK_CLASS));
    (*out)->class_index = i;
    return UMCL_OK;
}

static umcl_status bad_call(const um_pk_machine *m, const class_row *c, const char *what)
{
    return um_fail(UMCL_ERR_FORMAT, "%s: pickle: %s.%s: %s", m->name, c->module, c->name, what);
}

static umcl_status make_dict(um_pk_machine *m, um_pk **out, const class_row *c, const um_pk *args)
{
    const um_pk *pairs = args->list.n ? args->list.item[0] : NULL;

    UM_TRY(um_pk_new(m, out, UM_PK_DICT));
    if (!pairs) return UMCL_OK;
    if (pairs->kind != UM_PK_LIST) return bad_call(m, c, "expected a list of pairs");
    for (size_t i = 0; i < pairs->list.n; i++) {
        const um_pk *pair = pairs->list.item[i];

        if ((pair->kind != UM_PK_LIST && pair->kind != UM_PK_TUPLE) || pair->list.n != 2)
            return bad_call(m, c, "expected a list of pairs");
        UM_TRY(um_pk_append(m, *out, pair->list.item[0]));
        UM_TRY(um_pk_append(m, *out, pair->list.item[1]));
    }
    return UMCL_OK;
}

/* A tuple of at most UM_ST_MAX_RANK whole numbers >= 0. */
static umcl_status read_sizes(const um_pk_machine *m, const class_row *c, const um_pk *tuple,
                              int64_t *out, int *n)
{
    if (tuple->kind != UM_PK_TUPLE || tuple->list.n > UM_ST_MAX_RANK)
        return bad_call(m, c, "expected sizes and strides of at most 8 dimensions");
    *n = (int)tuple->list.n;
    for (int i = 0; i < *n; i++) {
        const um_pk *v = tuple->list.item[i];

        if (v->kind != UM_PK_INT || v->integer < 0)
            return bad_call(m, c, "a size or stride is not a whole number >= 0");
        out[i] = v->integer;
    }
    return UMCL_OK;
}

/* Every element within the storage, and no more elements than it has: no expanded views. */
static umcl_status check_tensor(const um_pk_machine *m, const class_row *c, um_pk *t)
{
    int64_t last = t->tensor.offset, reach, n = t->tensor.storage->storage.count;
    size_t count = 1;
    bool empty = false;

    for (int i = 0; i < t->tensor.rank; i++) {
        int64_t d = t->tensor.dim[i];

        if (d == 0)
            empty = true;
        else if (__builtin_mul_overflow(count, (size_t)d, &count) ||
                 __builtin_mul_overflow(d - 1, t->tensor.stride[i], &reach) ||
                 __builtin_add_overflow(last, reach, &last))
            return bad_call(m, c, "the product of the shape overflows");
    }
    t->tensor.count = empty ? 0 : count;
    if (!empty && last >= n) return bad_call(m, c, "a tensor reaches over the end of its storage");
    if (!empty && count > (uint64_t)n)
        return bad_call(m, c, "a tensor has more elements than its storage");
    return UMCL_OK;
}

static umcl_status make_tensor(um_pk_machine *m, um_pk **out, const class_row *c, const um_pk *args)
{
    um_pk *const *arg = args->list.item;
    int n_stride;
    um_pk *t;

    if (args->list.n < 4 || arg[0]->kind != UM_PK_STORAGE)
        return bad_call(m, c, "expected a storage, an offset, sizes and strides");
    if (arg[1]->kind != UM_PK_INT || arg[1]->integer < 0)
        return bad_call(m, c, "the offset is not a whole number >= 0");
    UM_TRY(um_pk_new(m, out, UM_PK_TENSOR));
    t = *out;
    t->tensor.storage = arg[0];
    t->tensor.offset = arg[1]->integer;
    UM_TRY(read_sizes(m, c, arg[2], t->tensor.dim, &t->tensor.rank));
    UM_TRY(read_sizes(m, c, arg[3], t->tensor.stride, &n_stride));
    if (n_stride != t->tensor.rank) return bad_call(m, c, "sizes and strides differ in number");
    return check_tensor(m, c, t);
}

umcl_status um_pk_call(um_pk_machine *m, um_pk **out, const um_pk *class, um_pk *args)
{
    const class_row *c;

    if (class->kind != UM_PK_CLASS || args->kind != UM_PK_TUPLE)
        return um_fail(UMCL_ERR_FORMAT, "%s: pickle: REDUCE of a %s with a %s", m->name,
                       um_pk_kind_name(class->kind), um_pk_kind_name(args->kind));
    c = &classes[class->class_index];
    switch (c->role) {
    case ROLE_DICT: return make_dict(m, out, c, args);
    case ROLE_TENSOR: return make_tensor(m, out, c, args);
    case ROLE_FIRST:
        if (!args->list.n) return bad_call(m, c, "expected an argument");
        *out = args->list.item[0];
        return UMCL_OK;
    default: return bad_call(m, c, "cannot be called");
    }
}

umcl_status um_pk_new_object(um_pk_machine *m, um_pk **out, const um_pk *class)
{
    if (class->kind != UM_PK_CLASS || classes[class->class_index].role != ROLE_MODULE)
        return um_fail(UMCL_ERR_FORMAT, "%s: pickle: NEWOBJ of something else than a module",
                       m->name);
    return um_pk_new(m, out, UM_PK_OBJECT);
}

umcl_status um_pk_set_state(um_pk_machine *m, um_pk *object, um_pk *state)
{
    /* What an OrderedDict carries beside its items is the state dict's version table. */
    if (object->kind == UM_PK_DICT) return UMCL_OK;
    if (object->kind != UM_PK_OBJECT || state->kind != UM_PK_DICT)
        return um_fail(UMCL_ERR_FORMAT, "%s: pickle: BUILD of a %s from a %s", m->name,
                       um_pk_kind_name(object->kind), um_pk_kind_name(state->kind));
    object->list = state->list;
    return UMCL_OK;
}

umcl_status um_pk_storage(um_pk_machine *m, um_pk **out, const um_pk *id)
{
    um_pk *const *item = id->list.item;
    const class_row *c;

    if (id->kind != UM_PK_TUPLE || id->list.n < 5 || item[0]->kind != UM_PK_TEXT)
        return um_fail(UMCL_ERR_FORMAT, "%s: pickle: a reference that is not a storage's", m->name);
    if (strcmp(item[0]->text.bytes, "storage") != 0)
        return um_fail(UMCL_ERR_UNSUPPORTED,
                       "%s: pickle refers to a \"%.40s\"; save the model's state_dict() instead",
                       m->name, item[0]->text.bytes);
    if (item[1]->kind != UM_PK_CLASS || item[2]->kind != UM_PK_TEXT || item[4]->kind != UM_PK_INT ||
        item[4]->integer < 0)
        return um_fail(UMCL_ERR_FORMAT, "%s: pickle: a damaged reference to a storage", m->name);
    c = &classes[item[1]->class_index];
    if (c->role != ROLE_STORAGE) return bad_call(m, c, "is not a storage");
    if (id->list.n > 5 && item[5]->kind != UM_PK_NONE)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: pickle: a view of a storage", m->name);
    UM_TRY(um_pk_new(m, out, UM_PK_STORAGE));
    (*out)->storage.key = item[2]->text.bytes;
    (*out)->storage.type = c->type;
    (*out)->storage.count = item[4]->integer;
    return UMCL_OK;
}
