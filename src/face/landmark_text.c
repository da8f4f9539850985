#include "face/landmark_text.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "face/geometry.h"

#define COLUMNS ((size_t)2 * UM_N_LANDMARKS)
#define MAX_BYTES ((size_t)512 << 20)

/* One line, without its end; `c_locale` because a host program may write 0,5 for 0.5. */
static umcl_status parse_line(float *row, char *line, locale_t c_locale, const char *path,
                              size_t number)
{
    size_t n = 0;
    char *end;

    for (char *p = line;; p = end) {
        double v = strtod_l(p, &end, c_locale);

        if (end == p) {
            p += strspn(p, " \t\r");
            if (*p == '\0') break;
            return um_fail(UMCL_ERR_FORMAT, "%s: line %zu: expected a number, found '%.12s'", path,
                           number, p);
        }
        if (!isfinite(v) || fabs(v) > 1e6)
            return um_fail(UMCL_ERR_FORMAT, "%s: line %zu: number %zu is out of range", path,
                           number, n + 1);
        if (n < COLUMNS) row[n] = (float)v;
        n++;
    }
    if (n != COLUMNS)
        return um_fail(UMCL_ERR_FORMAT, "%s: line %zu: expected %zu numbers, found %zu", path,
                       number, COLUMNS, n);
    return UMCL_OK;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;

    for (; *text; text++) n += *text == '\n';
    return n;
}

umcl_status um_landmark_text_read(float **out, size_t *n_frames, const char *path)
{
    umcl_status st;
    char *text = NULL, *rest, *line;
    float *rows = NULL;
    size_t bytes, n = 0, number = 0;
    locale_t c_locale = (locale_t)0;

    *out = NULL;
    *n_frames = 0;
    UM_CHECK(um_file_read(&text, &bytes, path, MAX_BYTES));
    if (memchr(text, '\0', bytes)) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected text, found a zero byte", path);
        goto done;
    }
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) {
        st = um_fail(UMCL_ERR_NOMEM, "locale: cannot be made");
        goto done;
    }
    /* A row has at least two bytes a number, so lines cannot claim much more than the file holds.
     */
    n = count_lines(text);
    if (n > bytes / (2 * COLUMNS - 1) + 1) n = bytes / (2 * COLUMNS - 1) + 1;
    UM_CHECK(um_calloc(&rows, n * COLUMNS, sizeof *rows));
    rest = text;
    n = 0;
    while ((line = strsep(&rest, "\n"))) {
        number++;
        if (line[strspn(line, " \t\r")] == '\0') continue;
        if (strlen(line) < 2 * COLUMNS - 1) {
            st = um_fail(UMCL_ERR_FORMAT, "%s: line %zu: expected %zu numbers, found %zu bytes",
                         path, number, COLUMNS, strlen(line));
            goto done;
        }
        UM_CHECK(parse_line(rows + n * COLUMNS, line, c_locale, path, number));
        n++;
    }
    if (n == 0) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected rows of landmarks, found none", path);
        goto done;
    }
    *out = rows;
    *n_frames = n;
    rows = NULL;
done:
    if (c_locale) freelocale(c_locale);
    free(rows);
    free(text);
    return st;
}

umcl_status um_landmark_text_write(const char *path, const float *rows, size_t n_frames)
{
    um_file_writer *w;
    FILE *to;

    for (size_t i = 0; i < n_frames * COLUMNS; i++)
        if (!isfinite(rows[i]) || fabsf(rows[i]) > 1e6f)
            return um_fail(UMCL_ERR_INVALID, "%s: frame %zu: a landmark is out of range", path,
                           i / COLUMNS);
    UM_TRY(um_file_writer_open(&w, path));
    to = um_file_writer_stream(w);
    for (size_t i = 0; i < n_frames * COLUMNS; i++) {
        long long v = llrint((double)rows[i] * 1e5), whole = llabs(v) / 100000;

        /* "%1.5f", whatever the locale */
        fprintf(to, "%s%lld.%05lld%c", v < 0 ? "-" : "", whole, llabs(v) % 100000,
                (i + 1) % COLUMNS ? ' ' : '\n');
    }
    return um_file_writer_commit(w);
}
