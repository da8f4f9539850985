#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[1024];

const char *umcl_status_name(umcl_status status)
{
    switch (status) {
    case UMCL_OK: return "ok";
    case UMCL_ERR_INVALID: return "invalid argument";
    case UMCL_ERR_IO: return "input/output error";
    case UMCL_ERR_FORMAT: return "damaged or unknown format";
    case UMCL_ERR_NOMEM: return "out of memory";
    case UMCL_ERR_SHAPE: return "shapes do not fit";
    case UMCL_ERR_UNSUPPORTED: return "unsupported";
    case UMCL_ERR_NOT_FOUND: return "not found";
    case UMCL_ERR_MISMATCH: return "made by another recipe";
    case UMCL_ERR_CANCELLED: return "cancelled";
    case UMCL_ERR_INTERNAL: return "internal error";
    }
    return "unknown status";
}

const char *umcl_last_error(void)
{
    return last_error;
}

int um_fail_sentence(const char *fmt, ...)
{
    /* Formatted aside first: an argument may be the stored sentence itself. */
    char text[sizeof last_error];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    memcpy(last_error, text, sizeof text);
    return 0;
}

umcl_status um_fail_in(umcl_status code, const char *context)
{
    return um_fail(code, "%s: %s", context, last_error);
}
