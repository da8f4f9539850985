/*
 * Comma-separated values, record by record: quoting as in RFC 4180, a header row.
 */
#ifndef UM_DATA_CSV_H
#define UM_DATA_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#define UM_CSV_FIELDS 64

typedef struct um_csv {
    char *text, *at;
    size_t line; /* where the last record begins, from 1 */
    size_t next_line;
    char *fields[UM_CSV_FIELDS]; /* [n], of the last record; further ones are passed over */
    int n;
} um_csv;

/**
 * Reads a file, or bytes that are called `name` in messages. No record is read yet.
 * UMCL_ERR_FORMAT: a zero byte, or more than 256 MiB; else what um_file_read returns.
 */
umcl_status um_csv_open(um_csv *out, const char *path);
umcl_status um_csv_parse(um_csv *out, const char *name, const void *bytes, size_t n);
void um_csv_close(um_csv *csv);

/** The next record that is not empty; false at the end. */
bool um_csv_next(um_csv *csv);

/** Number of the field that is called so in the record last read, in any case; -1: none. */
int um_csv_column(const um_csv *csv, const char *name);

/** A field of the record last read; "" where there is none. */
const char *um_csv_field(const um_csv *csv, int column);

#endif
