/* JSON that others wrote: in UTF-8, no name twice in an object. */
#ifndef UM_DATA_DATASET_JSON_H
#define UM_DATA_DATASET_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/status.h"

/** Released with json_decref(). UMCL_ERR_FORMAT names file, line and fault. */
umcl_status um_json_parse(json_t **out, const char *name, const void *bytes, size_t n);

/** "an object", "a list", "a text" ...; NULL is "nothing". */
const char *um_json_type(const json_t *value);

#endif
