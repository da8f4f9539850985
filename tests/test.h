/* What every test includes: cmocka, and a few helpers on top of it. */
#ifndef UM_TESTS_TEST_H
#define UM_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/status.h"

/** Asserts success, and prints the library's sentence where there is none. */
#define assert_ok(expr)                                                                            \
    do {                                                                                           \
        umcl_status test_status_ = (expr);                                                         \
        if (test_status_ != UMCL_OK)                                                               \
            fail_msg("%s: %s: %s", #expr, umcl_status_name(test_status_), umcl_last_error());      \
    } while (0)

/** Asserts a given failure whose sentence contains `part`. */
#define assert_fails(code, part, expr)                                                             \
    do {                                                                                           \
        umcl_status test_status_ = (expr);                                                         \
        if (test_status_ != (code))                                                                \
            fail_msg("%s: expected %s, got %s", #expr, umcl_status_name(code),                     \
                     umcl_status_name(test_status_));                                              \
        if (!strstr(umcl_last_error(), part))                                                      \
            fail_msg("%s: expected \"%s\" in: %s", #expr, part, umcl_last_error());                \
    } while (0)

/** Path of a file in the workbench beside the project. */
#define SHARED(name) UMCL_TEST_SHARED "/" name

/** Leaves the test as skipped where the workbench lacks `path`. */
#define need_shared(path)                                                                          \
    do {                                                                                           \
        struct stat test_info_;                                                                    \
        if (stat(path, &test_info_) != 0) {                                                        \
            print_message("skipped: no %s\n", path);                                               \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
