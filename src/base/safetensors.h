/*
 * The safetensors file format: an 8-byte little-endian header length, a JSON header, then raw
 * little-endian tensor data. Reading executes nothing and trusts nothing: every length, offset,
 * shape and type is checked against the file before memory is taken for it.
 */
#ifndef UM_BASE_SAFETENSORS_H
#define UM_BASE_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define UM_ST_MAX_RANK 8

typedef enum um_st_type {
    UM_ST_F32,
    UM_ST_F64,
    UM_ST_F16,
    UM_ST_BF16,
    UM_ST_I64,
    UM_ST_I32,
    UM_ST_U8,
    UM_ST_BOOL
} um_st_type;

typedef struct um_st_tensor {
    const char *name;
    um_st_type type;
    int rank;
    int64_t dim[UM_ST_MAX_RANK];
    size_t count;     /* product of dim */
    const void *data; /* little-endian, row-major; not necessarily aligned */
    size_t bytes;
} um_st_tensor;

/** A file that was read: tensors and metadata are borrowed from it. */
typedef struct um_st_file um_st_file;

/** UMCL_ERR_NOT_FOUND, UMCL_ERR_IO, UMCL_ERR_FORMAT (the sentence says what is wrong), NOMEM. */
umcl_status um_st_read(um_st_file **out, const char *path);

/** The same from memory; `bytes` is copied. `name` is what messages call it. */
umcl_status um_st_parse(um_st_file **out, const char *name, const void *bytes, size_t n);

/** The same from malloc'ed memory, which is taken over, also on failure. */
umcl_status um_st_adopt(um_st_file **out, const char *name, char *bytes, size_t n);
void um_st_free(um_st_file *file);

size_t um_st_count(const um_st_file *file);
const um_st_tensor *um_st_at(const um_st_file *file, size_t i); /* in the order of the data */
const um_st_tensor *um_st_find(const um_st_file *file, const char *name); /* NULL: absent */

/** Metadata value, or NULL. */
const char *um_st_meta(const um_st_file *file, const char *key);

/** Number of metadata entries, and the i-th. */
size_t um_st_meta_count(const um_st_file *file);
void um_st_meta_at(const um_st_file *file, size_t i, const char **key, const char **value);

/** Converts any numeric tensor to float32; `out` holds t->count floats. */
umcl_status um_st_to_f32(float *out, const um_st_tensor *t);

/** The nearest half-precision numbers (F16), ties to even; what is too large becomes infinite. */
void um_half_from_f32(uint16_t *out, const float *in, size_t n);
umcl_status um_st_to_i64(int64_t *out, const um_st_tensor *t);

/** Collects tensors and metadata, then writes them in one go. */
typedef struct um_st_writer um_st_writer;

umcl_status um_st_writer_new(um_st_writer **out);
void um_st_writer_free(um_st_writer *w);
umcl_status um_st_writer_meta(um_st_writer *w, const char *key, const char *value);

/** Adds a tensor; `name` is copied, `data` is borrowed until um_st_write. Names must differ. */
umcl_status um_st_writer_add(um_st_writer *w, const char *name, um_st_type type, int rank,
                             const int64_t *dim, const void *data);

/**
 * Stores the F32 tensors of two and more dimensions that were added so far as F16, in copies of the
 * writer's own. UMCL_ERR_INVALID: a value is too large.
 */
umcl_status um_st_writer_halve(um_st_writer *w);

/** The tensors added so far, in no particular order. */
size_t um_st_writer_count(const um_st_writer *w);
const um_st_tensor *um_st_writer_at(const um_st_writer *w, size_t i);

/** Writes atomically (see base/file.h). The same content gives the same bytes. */
umcl_status um_st_write(um_st_writer *w, const char *path);

/** Size of one element in bytes, and the format's name of the type ("F32"). */
size_t um_st_type_size(um_st_type type);
const char *um_st_type_name(um_st_type type);

#endif
