/* JSON that others wrote: bounded, in UTF-8, no name twice in an object. */
#ifndef UM_DATA_DATASET_JSON_H
#define UM_DATA_DATASET_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/status.h"

/** Released with json_decref(). UMCL_ERR_FORMAT names file, line and fault. */
umcl_status um_json_parse(json_t **out, const char *name, const void *bytes, size_t n);

/** The same from a file of at most 512 MiB; also what um_file_read returns. */
umcl_status um_json_read(json_t **out, const char *path);

/** "an object", "a list", "a text" ...; NULL is "nothing". */
const char *um_json_type(const json_t *value);

#endif
