/* The inside of the pickle reader, shared by its two halves: pickle.c, pickle_class.c. */
#ifndef UM_MODEL_PICKLE_MACHINE_H
#define UM_MODEL_PICKLE_MACHINE_H

#include "base/mem.h"
#include "model/pickle.h"

/** A stack machine over values that live in an arena. */
typedef struct um_pk_machine {
    const char *name;
    const unsigned char *start, *at, *end;
    um_arena *arena;
    size_t n_values, n_appends; /* so far; both limited */
    um_pk **stack;              /* [n_stack] */
    size_t n_stack, cap_stack;
    size_t *mark; /* [n_mark], heights of the stack */
    size_t n_mark, cap_mark;
    um_pk **memo; /* [cap_memo], NULL: empty */
    size_t cap_memo, n_memo;
    um_pk **storage; /* [n_storage] */
    size_t n_storage, cap_storage;
    um_pk *root;
} um_pk_machine;

/** New value; counts against the limit on values. */
umcl_status um_pk_new(um_pk_machine *m, um_pk **out, um_pk_kind kind);

/** Adds an item to a TUPLE, LIST or DICT. */
umcl_status um_pk_append(um_pk_machine *m, um_pk *list, um_pk *item);

umcl_status um_pk_push(um_pk_machine *m, um_pk *v);
umcl_status um_pk_push_mark(um_pk_machine *m);

/* Values below the last mark cannot be taken: UMCL_ERR_FORMAT. */
umcl_status um_pk_pop(um_pk_machine *m, um_pk **out);
umcl_status um_pk_top(um_pk_machine *m, um_pk **out);
umcl_status um_pk_pop_mark(um_pk_machine *m, size_t *from); /* height of the stack at the mark */

/** Remembers the top of the stack as memo entry `i`. */
umcl_status um_pk_memo_set(um_pk_machine *m, uint64_t i);

/** The next `n` bytes of the pickle; a little-endian number of `bytes` bytes. */
umcl_status um_pk_take(um_pk_machine *m, uint64_t n, const unsigned char **p);
umcl_status um_pk_take_number(um_pk_machine *m, int bytes, uint64_t *out);

/** UMCL_ERR_FORMAT: `what` at the place reached. */
umcl_status um_pk_damaged(const um_pk_machine *m, const char *what);

/** Looks up `module.name` in the allow-list. UMCL_ERR_UNSUPPORTED names the class. */
umcl_status um_pk_class(um_pk_machine *m, um_pk **out, const char *module, const char *name);

/** What calling `class` with the tuple `args` stands for (REDUCE). */
umcl_status um_pk_call(um_pk_machine *m, um_pk **out, const um_pk *class, um_pk *args);

/** A new object of `class` without its state (NEWOBJ): TorchScript modules only. */
umcl_status um_pk_new_object(um_pk_machine *m, um_pk **out, const um_pk *class);

/** Gives `object` its state (BUILD): modules take it, containers have none worth keeping. */
umcl_status um_pk_set_state(um_pk_machine *m, um_pk *object, um_pk *state);

/** The storage that the tuple `id` refers to (BINPERSID). */
umcl_status um_pk_storage(um_pk_machine *m, um_pk **out, const um_pk *id);

#endif
