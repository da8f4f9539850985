#include "data/celebdf_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

#define MAX_BYTES ((size_t)16 << 20)

/* One line without its end. */
static umcl_status parse_line(um_celebdf_list *out, char *line)
{
    char *folder = line + 2, *slash = strchr(line, '/'), *file = strrchr(line, '/');
    um_str key = UM_STR_INIT;
    umcl_status st;

    if ((line[0] != '0' && line[0] != '1') || line[1] != ' ' || !slash || slash == folder ||
        !file[1])
        return um_fail(UMCL_ERR_FORMAT, "expected '1 folder/name.mp4', found '%.80s'", line);
    for (char *p = folder; p < slash; p++) *p = (char)tolower((unsigned char)*p);
    um_str_append_n(&key, folder, (size_t)(slash - folder));
    um_str_append(&key, file);
    UM_CHECK(um_str_status(&key));
    UM_CHECK(um_names_add(&out->videos, key.text, NULL));
    if ((line[0] == '1') == um_str_starts(key.text, "celeb-synthesis/"))
        st = um_names_add(&out->crossed, key.text, NULL);
done:
    um_str_clear(&key);
    return st;
}

umcl_status um_celebdf_list_parse(um_celebdf_list *out, const char *name, const void *bytes,
                                  size_t n)
{
    umcl_status st = UMCL_OK;
    size_t number = 0;
    char *text, *rest, *line;

    *out = (um_celebdf_list){0};
    UM_TRY(um_calloc(&text, n + 1, 1));
    if (n) memcpy(text, bytes, n);
    rest = text;
    if (memchr(text, '\0', n))
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected text, found a zero byte", name);
    while (st == UMCL_OK && (line = strsep(&rest, "\n"))) {
        size_t length = strlen(line);

        number++;
        while (length && strchr(" \t\r", line[length - 1])) line[--length] = '\0';
        if (length) st = parse_line(out, line);
        if (st != UMCL_OK) um_fail(st, "%s, line %zu: %s", name, number, umcl_last_error());
    }
    free(text);
    if (st != UMCL_OK) um_celebdf_list_clear(out);
    return st;
}

umcl_status um_celebdf_list_read(um_celebdf_list *out, const char *path)
{
    umcl_status st;
    char *bytes;
    size_t n;

    *out = (um_celebdf_list){0};
    UM_TRY(um_file_read(&bytes, &n, path, MAX_BYTES));
    st = um_celebdf_list_parse(out, path, bytes, n);
    free(bytes);
    return st;
}

void um_celebdf_list_clear(um_celebdf_list *list)
{
    um_names_clear(&list->videos);
    um_names_clear(&list->crossed);
}
