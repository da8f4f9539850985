#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <umcl/status.h>

int cli_fail(const char *command)
{
    cli_progress(NULL);
    fprintf(stderr, "umcl %s: %s\n", command, umcl_last_error());
    return EXIT_SOME_FAILED;
}

int cli_usage(const char *command, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "umcl%s%s: ", command ? " " : "", command ? command : "");
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return cli_bad_option(command);
}

int cli_bad_option(const char *command)
{
    fprintf(stderr, "try 'umcl%s%s --help'\n", command ? " " : "", command ? command : "");
    return EXIT_USAGE;
}

void cli_progress(const char *fmt, ...)
{
    va_list ap;

    if (!isatty(STDERR_FILENO)) return;
    fputc('\r', stderr);
    if (fmt) {
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
    }
    fputs("\033[K", stderr);
}

/* "--faces a/b.csv=c/d" becomes "b.csv=d". */
static const char *without_folder(const char *part, size_t n)
{
    const char *slash = memrchr(part, '/', n);

    return slash && slash + 1 < part + n ? slash + 1 : part;
}

char *cli_command_line(int argc, char **argv)
{
    char *line = NULL;
    size_t size;
    FILE *to = open_memstream(&line, &size);

    if (!to) return NULL;
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--resume")) continue; /* the result is that of an unbroken run */
        const char *equals = strchr(argv[i], '=');
        size_t n = equals ? (size_t)(equals - argv[i]) + 1 : strlen(argv[i]);
        const char *first = without_folder(argv[i], n);

        fprintf(to, "%s%.*s", i ? " " : "", (int)(argv[i] + n - first), first);
        if (equals) fputs(without_folder(equals + 1, strlen(equals + 1)), to);
    }
    if (fclose(to) != 0) {
        free(line);
        return NULL;
    }
    return line;
}

bool cli_int(int *out, const char *text, int lo, int hi)
{
    char *end;
    long v;

    errno = 0;
    v = strtol(text, &end, 10);
    if (end == text || *end || errno || v < lo || v > hi) return false;
    *out = (int)v;
    return true;
}

bool cli_real(double *out, const char *text, double lo, double hi)
{
    char *end;
    double v = strtod(text, &end);

    if (end == text || *end || !(v >= lo && v <= hi)) return false;
    *out = v;
    return true;
}

bool cli_u64(uint64_t *out, const char *text)
{
    char *end;
    unsigned long long v;

    errno = 0;
    v = strtoull(text, &end, 0);
    if (end == text || *end || errno || strchr(text, '-')) return false;
    *out = v;
    return true;
}
