/* Pickles and ZIP archives in pieces, as torch.save would write them, or as nobody should. */
#ifndef UM_TESTS_SUPPORT_PICKLE_H
#define UM_TESTS_SUPPORT_PICKLE_H

#include <stdint.h>

#include "base/str.h"

/** Appends raw opcodes given as a string literal, NULs included. */
#define pk_raw(s, literal) um_str_append_n(s, literal, sizeof(literal) - 1)

void pk_text(um_str *s, const char *text);
void pk_int(um_str *s, int64_t value);
void pk_class(um_str *s, const char *module, const char *name);
void pk_tuple(um_str *s, int n, const int64_t *value);

typedef struct pk_tensor_spec {
    const char *type, *key; /* "FloatStorage", "0" */
    int64_t count, offset;
    int rank;
    int64_t dim[9], stride[9];
} pk_tensor_spec;

/** A call of _rebuild_tensor_v2. */
void pk_tensor(um_str *s, const pk_tensor_spec *t);

/** An archive under construction: entries go to `file`, its directory is kept aside. */
typedef struct pk_zip {
    um_str file, directory;
    int count;
} pk_zip;

void pk_zip_add(pk_zip *z, const char *name, const void *bytes, size_t n);
void pk_zip_deflate(pk_zip *z, const char *name, const void *bytes, size_t n);

/** Appends the directory; afterwards `file` is the archive. */
void pk_zip_finish(pk_zip *z);
void pk_zip_clear(pk_zip *z);

#endif
