/*
 * Model files: safetensors whose metadata says what they are. Common keys stand here; whoever
 * trains adds keys of its own (its crop and landmark recipe, its scores).
 */
#ifndef UM_BASE_MODEL_META_H
#define UM_BASE_MODEL_META_H

#include "base/safetensors.h"
#include "base/status.h"

#define UM_MODEL_FORMAT "umcl.model/1"

/* Metadata keys of every model file. */
#define UM_META_FORMAT "format"     /* UM_MODEL_FORMAT */
#define UM_META_KIND "kind"         /* what network: "lrnet" */
#define UM_META_VERSION "version"   /* of these weights: "1" */
#define UM_META_MADE_BY "made_by"   /* how they came about, a sentence */
#define UM_META_SOURCE "source"     /* files they came from, if any */
#define UM_META_HASH "content_hash" /* "sha256:..." over names, types, shapes and data */

/**
 * Opens one of our model files and verifies it: format, kind, hash, and that every number is
 * finite.
 *
 * @param kind what it must be, or NULL for any
 * @return what um_st_read returns; UMCL_ERR_MISMATCH (not a model file, another format version,
 *         another kind), UMCL_ERR_FORMAT (the hash does not fit; NaN or infinity: the sentence
 *         names the tensor)
 */
umcl_status um_model_file_open(um_st_file **out, const char *path, const char *kind);

/** The verification alone; `name` is what messages call the file. */
umcl_status um_model_file_check(const um_st_file *file, const char *name, const char *kind);

/** Opening for a model file that lies in memory; `bytes` is copied. */
umcl_status um_model_file_parse(um_st_file **out, const char *name, const void *bytes, size_t n,
                                const char *kind);

/** UMCL_ERR_FORMAT if a floating-point tensor has a NaN or an infinity; `name`: the file's. */
umcl_status um_st_check_finite(const um_st_file *file, const char *name);

/**
 * Adds the common metadata to what `w` has collected and writes it.
 *
 * @param source may be NULL
 */
umcl_status um_model_file_write(um_st_writer *w, const char *path, const char *kind,
                                const char *version, const char *made_by, const char *source);

#endif
