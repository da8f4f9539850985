/*
 * Status codes: what a call can end with. Values are pinned; new ones are appended.
 */
#ifndef UMCL_STATUS_H
#define UMCL_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#define UMCL_API __attribute__((visibility("default")))

typedef enum umcl_status {
    UMCL_OK = 0,
    UMCL_ERR_INVALID = 1,     /* an argument or option outside its contract */
    UMCL_ERR_IO = 2,          /* a file cannot be opened, read or written */
    UMCL_ERR_FORMAT = 3,      /* a file is damaged, or not of the expected format */
    UMCL_ERR_NOMEM = 4,       /* memory could not be allocated */
    UMCL_ERR_SHAPE = 5,       /* tensors whose shapes do not fit together */
    UMCL_ERR_UNSUPPORTED = 6, /* valid, but not within what this build can do */
    UMCL_ERR_NOT_FOUND = 7,   /* a named thing (file, tensor, option) is absent */
    UMCL_ERR_MISMATCH = 8,    /* a model or cache made by another recipe */
    UMCL_ERR_CANCELLED = 9,   /* the caller asked to stop */
    UMCL_ERR_INTERNAL = 10    /* a fault of the library itself */
} umcl_status;

/** Short English name of a status, e.g. "invalid argument". Static storage, never NULL. */
UMCL_API const char *umcl_status_name(umcl_status status);

/**
 * The sentence that belongs to the last failure in the calling thread: it names the thing, the
 * expectation and the finding. Valid until the thread's next failing call; never NULL.
 */
UMCL_API const char *umcl_last_error(void);

#ifdef __cplusplus
}
#endif
#endif
