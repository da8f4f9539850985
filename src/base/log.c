#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static um_log_fn log_fn;
static void *log_user;

void um_log_set(um_log_fn fn, void *user)
{
    log_fn = fn;
    log_user = user;
}

void um_log(um_log_level level, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    if (!log_fn) return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log_fn(log_user, level, text);
}
