/* Values, stack, marks and memo of the pickle reader, each with its limit. */
#include <stdlib.h>
#include <string.h>

#include "model/pickle_machine.h"

/* Far above any checkpoint, far below what hurts. */
#define MAX_VALUES ((size_t)4 << 20)
#define MAX_STACK ((size_t)4 << 20)
#define MAX_MEMO ((size_t)4 << 20)
#define MAX_APPENDS ((size_t)16 << 20)

umcl_status um_pk_damaged(const um_pk_machine *m, const char *what)
{
    return um_fail(UMCL_ERR_FORMAT, "%s: pickle: %s at byte %zu", m->name, what,
                   (size_t)(m->at - m->start));
}

static umcl_status too_large(const um_pk_machine *m, const char *what)
{
    return um_fail(UMCL_ERR_UNSUPPORTED, "%s: pickle: %s", m->name, what);
}

umcl_status um_pk_new(um_pk_machine *m, um_pk **out, um_pk_kind kind)
{
    if (++m->n_values > MAX_VALUES) return too_large(m, "too many values");
    *out = um_arena_alloc(m->arena, sizeof **out);
    if (!*out) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", m->name);
    (*out)->kind = kind;
    return UMCL_OK;
}

umcl_status um_pk_append(um_pk_machine *m, um_pk *list, um_pk *item)
{
    if (list->list.n == list->list.cap) {
        size_t cap = list->list.cap ? 2 * list->list.cap : 4;
        um_pk **grown = um_arena_alloc(m->arena, cap * sizeof *grown);

        if (!grown) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", m->name);
        if (list->list.n) memcpy(grown, list->list.item, list->list.n * sizeof *grown);
        list->list.item = grown;
        list->list.cap = cap;
    }
    if (++m->n_appends > MAX_APPENDS) return too_large(m, "too many items");
    list->list.item[list->list.n++] = item;
    return UMCL_OK;
}

umcl_status um_pk_push(um_pk_machine *m, um_pk *v)
{
    if (m->n_stack == m->cap_stack) {
        size_t cap = m->cap_stack ? 2 * m->cap_stack : 256;

        if (cap > MAX_STACK) return too_large(m, "stack too deep");
        UM_TRY(um_realloc(&m->stack, cap, sizeof *m->stack));
        m->cap_stack = cap;
    }
    m->stack[m->n_stack++] = v;
    return UMCL_OK;
}

umcl_status um_pk_push_mark(um_pk_machine *m)
{
    if (m->n_mark == m->cap_mark) {
        size_t cap = m->cap_mark ? 2 * m->cap_mark : 64;

        if (cap > MAX_STACK) return too_large(m, "too many marks");
        UM_TRY(um_realloc(&m->mark, cap, sizeof *m->mark));
        m->cap_mark = cap;
    }
    m->mark[m->n_mark++] = m->n_stack;
    return UMCL_OK;
}

umcl_status um_pk_pop(um_pk_machine *m, um_pk **out)
{
    size_t floor = m->n_mark ? m->mark[m->n_mark - 1] : 0;

    if (m->n_stack <= floor) return um_pk_damaged(m, "stack underflow");
    *out = m->stack[--m->n_stack];
    return UMCL_OK;
}

umcl_status um_pk_top(um_pk_machine *m, um_pk **out)
{
    UM_TRY(um_pk_pop(m, out));
    m->n_stack++;
    return UMCL_OK;
}

umcl_status um_pk_pop_mark(um_pk_machine *m, size_t *from)
{
    if (!m->n_mark) return um_pk_damaged(m, "no mark");
    *from = m->mark[--m->n_mark];
    return UMCL_OK;
}

/* The next `n` bytes of the pickle. */
umcl_status um_pk_take(um_pk_machine *m, uint64_t n, const unsigned char **p)
{
    if (n > (uint64_t)(m->end - m->at)) return um_pk_damaged(m, "truncated");
    *p = m->at;
    m->at += n;
    return UMCL_OK;
}

umcl_status um_pk_take_number(um_pk_machine *m, int bytes, uint64_t *out)
{
    const unsigned char *p = NULL;

    *out = 0;
    UM_TRY(um_pk_take(m, (uint64_t)bytes, &p));
    while (bytes--) *out = *out << 8 | p[bytes];
    return UMCL_OK;
}

umcl_status um_pk_memo_set(um_pk_machine *m, uint64_t i)
{
    um_pk *v = NULL;

    UM_TRY(um_pk_top(m, &v));
    if (i >= MAX_MEMO) return too_large(m, "memo index too large");
    if (i >= m->cap_memo) {
        size_t cap = m->cap_memo ? m->cap_memo : 256;

        while (cap <= i) cap *= 2;
        UM_TRY(um_realloc(&m->memo, cap, sizeof *m->memo));
        memset(m->memo + m->cap_memo, 0, (cap - m->cap_memo) * sizeof *m->memo);
        m->cap_memo = cap;
    }
    if (!m->memo[i]) m->n_memo++;
    m->memo[i] = v;
    return UMCL_OK;
}

const char *um_pk_kind_name(um_pk_kind kind)
{
    static const char *const names[] = {
        [UM_PK_NONE] = "None",     [UM_PK_BOOL] = "bool",   [UM_PK_INT] = "int",
        [UM_PK_LONG] = "long int", [UM_PK_FLOAT] = "float", [UM_PK_TEXT] = "string",
        [UM_PK_TUPLE] = "tuple",   [UM_PK_LIST] = "list",   [UM_PK_DICT] = "dict",
        [UM_PK_OBJECT] = "module", [UM_PK_CLASS] = "class", [UM_PK_STORAGE] = "storage",
        [UM_PK_TENSOR] = "tensor",
    };

    return names[kind];
}

const um_pk *um_pk_get(const um_pk *dict, const char *key)
{
    if (dict->kind != UM_PK_DICT && dict->kind != UM_PK_OBJECT) return NULL;
    for (size_t i = dict->list.n; i >= 2; i -= 2) {
        const um_pk *k = dict->list.item[i - 2];

        if (k->kind == UM_PK_TEXT && !strcmp(k->text.bytes, key)) return dict->list.item[i - 1];
    }
    return NULL;
}
