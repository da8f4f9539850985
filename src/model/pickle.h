/*
 * Reads the data of a Python pickle as torch.save writes it. A pickle is a program for a small
 * stack machine that may call any Python function; this reader knows the opcodes that build
 * containers and a short list of class names that stand for tensors and their storages. It calls
 * nothing, and whatever it does not know is an error that names the opcode or the class.
 */
#ifndef UM_MODEL_PICKLE_H
#define UM_MODEL_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/safetensors.h"
#include "base/status.h"

typedef enum um_pk_kind {
    UM_PK_NONE,
    UM_PK_BOOL,
    UM_PK_INT,
    UM_PK_LONG, /* an integer of more than 64 bits */
    UM_PK_FLOAT,
    UM_PK_TEXT,
    UM_PK_TUPLE,
    UM_PK_LIST,
    UM_PK_DICT,
    UM_PK_OBJECT, /* a TorchScript module: its attributes */
    UM_PK_CLASS,
    UM_PK_STORAGE,
    UM_PK_TENSOR
} um_pk_kind;

typedef struct um_pk um_pk;
struct um_pk {
    um_pk_kind kind;
    union {
        int64_t integer; /* BOOL, INT */
        double real;
        struct {
            const char *bytes; /* NUL-terminated; LONG: little-endian two's complement */
            size_t n;
        } text;
        struct {
            um_pk **item; /* [n]; DICT, OBJECT: key, value, key, value ... */
            size_t n, cap;
        } list;
        size_t class_index; /* CLASS: a row of the reader's table */
        struct {
            const char *key;
            um_st_type type;
            int64_t count; /* elements */
        } storage;
        struct {
            const um_pk *storage;
            int rank;
            int64_t offset; /* in elements, as are the strides */
            int64_t dim[UM_ST_MAX_RANK], stride[UM_ST_MAX_RANK];
            size_t count; /* product of dim; never more than the storage has */
        } tensor;
    };
};

typedef struct um_pickle um_pickle;

/**
 * Reads one pickle from the start of `bytes`. Every tensor in the result lies within its storage.
 *
 * @param name what messages call it
 * @param used bytes up to and including the STOP opcode; may be NULL
 * @return UMCL_ERR_FORMAT (truncated or senseless), UMCL_ERR_UNSUPPORTED (an opcode or class that
 *         is not known here, or beyond the limits), UMCL_ERR_NOMEM
 */
umcl_status um_pickle_parse(um_pickle **out, const char *name, const void *bytes, size_t n,
                            size_t *used);
void um_pickle_free(um_pickle *pickle);

/** The pickled object; it and all below it are borrowed. It may contain itself. */
const um_pk *um_pickle_root(const um_pickle *pickle);

/** Every reference to a storage, in the order met; the same key may come up many times. */
size_t um_pickle_storage_count(const um_pickle *pickle);
const um_pk *um_pickle_storage(const um_pickle *pickle, size_t i);

/** Value of a text key in a DICT or OBJECT, or NULL; the last one where a key is repeated. */
const um_pk *um_pk_get(const um_pk *dict, const char *key);

/** "dict", "tensor" ...: for messages. */
const char *um_pk_kind_name(um_pk_kind kind);

#endif
