/*
 * Reading a ZIP archive that lies in memory: stored and deflated entries, ZIP64, no encryption, no
 * splitting. Offsets, sizes and checksums are checked before anything is handed out.
 */
#ifndef UM_BASE_ZIP_H
#define UM_BASE_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct um_zip um_zip;

/**
 * Reads the central directory. `bytes` is borrowed and must outlive the archive; `name` is what
 * messages call it and is copied.
 *
 * @return UMCL_ERR_FORMAT (damaged, or an entry twice), UMCL_ERR_UNSUPPORTED (encrypted, another
 *         compression), UMCL_ERR_NOMEM
 */
umcl_status um_zip_open(um_zip **out, const char *name, const void *bytes, size_t n);
void um_zip_close(um_zip *zip);

size_t um_zip_count(const um_zip *zip);
const char *um_zip_name(const um_zip *zip, size_t i); /* in alphabetical order */

/**
 * Contents of an entry, borrowed from the archive (inflated ones are kept until it is closed).
 *
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_FORMAT (damaged, or inflates beyond 100 times the size of
 *         the archive), UMCL_ERR_NOMEM
 */
umcl_status um_zip_read(um_zip *zip, const char *name, const void **data, size_t *n);

#endif
