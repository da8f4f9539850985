#include "data/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define MAX_BYTES ((size_t)256 << 20)

/* Takes over `text`. */
static umcl_status start(um_csv *out, const char *name, char *text, size_t n)
{
    *out = (um_csv){.text = text, .at = text, .line = 1, .next_line = 1};
    if (memchr(text, '\0', n)) {
        um_csv_close(out);
        return um_fail(UMCL_ERR_FORMAT, "%s: expected text, found a zero byte", name);
    }
    if (um_str_starts(text, "\xEF\xBB\xBF")) out->at += 3; /* some editors' mark of UTF-8 */
    return UMCL_OK;
}

umcl_status um_csv_open(um_csv *out, const char *path)
{
    char *text;
    size_t n;

    *out = (um_csv){0};
    UM_TRY(um_file_read(&text, &n, path, MAX_BYTES));
    return start(out, path, text, n);
}

umcl_status um_csv_parse(um_csv *out, const char *name, const void *bytes, size_t n)
{
    char *text;

    *out = (um_csv){0};
    if (n > MAX_BYTES)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected at most %zu bytes, found %zu", name,
                       MAX_BYTES, n);
    UM_TRY(um_calloc(&text, n + 1, 1));
    if (n) memcpy(text, bytes, n);
    return start(out, name, text, n);
}

void um_csv_close(um_csv *csv)
{
    free(csv->text);
    *csv = (um_csv){0};
}

/* Ends one field in place and returns the character behind it. */
static char split_field(um_csv *csv)
{
    char *p = csv->at, *to, stop;
    bool quoted = *p == '"';

    if (quoted) p++;
    to = p;
    if (csv->n < UM_CSV_FIELDS) csv->fields[csv->n++] = p;
    while (*p && (quoted || (*p != ',' && *p != '\n' && *p != '\r'))) {
        csv->next_line += *p == '\n';
        if (quoted && *p == '"') {
            p++;
            if (*p != '"') {
                quoted = false;
                continue;
            }
        }
        *to++ = *p++;
    }
    if (*p == '\r' && p[1] == '\n') p++;
    stop = *p;
    csv->at = stop ? p + 1 : p;
    *to = '\0';
    return stop;
}

bool um_csv_next(um_csv *csv)
{
    while (csv->at && *csv->at) {
        csv->n = 0;
        csv->line = csv->next_line;
        while (split_field(csv) == ',') continue;
        csv->next_line++;
        if (csv->n > 1 || *csv->fields[0]) return true;
    }
    csv->n = 0;
    return false;
}

int um_csv_column(const um_csv *csv, const char *name)
{
    for (int i = 0; i < csv->n; i++)
        if (!strcasecmp(csv->fields[i], name)) return i;
    return -1;
}

const char *um_csv_field(const um_csv *csv, int column)
{
    return column >= 0 && column < csv->n ? csv->fields[column] : "";
}
