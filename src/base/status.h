/*
 * Failing: whoever detects a fault writes the sentence, callers clean up and pass the code on.
 */
#ifndef UM_BASE_STATUS_H
#define UM_BASE_STATUS_H

#include <umcl/status.h>

/**
 * um_fail(code, format, ...) stores the formatted sentence for the calling thread and is `code`.
 * A macro, so that compiler and analyzer see in every file that a failure is not UMCL_OK.
 */
#define um_fail(code, ...) um_fail_code((code), um_fail_sentence(__VA_ARGS__))

int um_fail_sentence(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline umcl_status um_fail_code(umcl_status code, int stored)
{
    (void)stored;
    return code;
}

/** Puts "`context`: " in front of the stored sentence and returns `code`. */
umcl_status um_fail_in(umcl_status code, const char *context);

/** Passes a failure on from a function that has nothing to release. */
#define UM_TRY(expr)                                                                               \
    do {                                                                                           \
        umcl_status um_try_status_ = (expr);                                                       \
        if (um_try_status_ != UMCL_OK) return um_try_status_;                                      \
    } while (0)

/** Passes a failure on through the local `st` and the label `done`. */
#define UM_CHECK(expr)                                                                             \
    do {                                                                                           \
        st = (expr);                                                                               \
        if (st != UMCL_OK) goto done;                                                              \
    } while (0)

#endif
