/*
 * Whole files: bounded reading, and writing that is atomic (a temporary file beside the target,
 * renamed at the end), so that a reader or a crash never sees half a file.
 */
#ifndef UM_BASE_FILE_H
#define UM_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

/**
 * Reads a regular file.
 *
 * @param out      the bytes plus one terminating NUL; the caller's, released with free()
 * @param n        number of bytes without the NUL
 * @param max_size larger files are UMCL_ERR_FORMAT
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_IO (also for directories and devices), UMCL_ERR_FORMAT,
 *         UMCL_ERR_NOMEM
 */
umcl_status um_file_read(char **out, size_t *n, const char *path, size_t max_size);

/** A file being written under a temporary name; a device or pipe is written as it stands. */
typedef struct um_file_writer um_file_writer;

umcl_status um_file_writer_open(um_file_writer **out, const char *path);

/** The stream to write to; errors on it are found by commit. */
FILE *um_file_writer_stream(um_file_writer *w);

/** Flushes to disk, renames onto the target and releases `w`. On failure the target is untouched.
 */
umcl_status um_file_writer_commit(um_file_writer *w);

/** Drops the temporary file and releases `w`; NULL is accepted. */
void um_file_writer_abort(um_file_writer *w);

/** Whether a file can be written there, asked before long work: fails as opening and commit do. */
umcl_status um_file_can_write(const char *path);

/** Writes `n` bytes atomically. */
umcl_status um_file_write(const char *path, const void *bytes, size_t n);

/** Creates a directory and its parents; one that exists is fine. */
umcl_status um_mkdirs(const char *path);

bool um_is_dir(const char *path);
bool um_is_file(const char *path);

#endif
