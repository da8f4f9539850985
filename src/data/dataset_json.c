#include "data/dataset_json.h"

umcl_status um_json_parse(json_t **out, const char *name, const void *bytes, size_t n)
{
    json_error_t error;

    *out = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (*out) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT, "%s, line %d: %s", name, error.line, error.text);
}

const char *um_json_type(const json_t *value)
{
    if (!value) return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "a text";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "a truth value";
    case JSON_NULL: return "null";
    }
    return "something else";
}
