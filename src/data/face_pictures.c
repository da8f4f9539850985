#include "data/face_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"

#define MAX_CSV ((size_t)256 << 20)

static bool held_out(const char *name, unsigned fold)
{
    const char *end = strrchr(name, '_');
    size_t n = end ? (size_t)(end - name) : strlen(name);

    return um_fnv1a(UM_FNV_OFFSET, name, n) % fold == 0;
}

static umcl_status parse_row(um_face_picture *out, char *row, const char *folder, unsigned fold)
{
    float *p = &out->landmarks.p[0][0];
    um_str path = UM_STR_INIT;
    char *at = strchr(row, ',');

    if (!at) return um_fail(UMCL_ERR_FORMAT, "expected a file and 136 numbers, found '%s'", row);
    *at++ = '\0';
    for (int i = 0; i < 2 * UM_N_LANDMARKS; i++) {
        char *end;
        p[i] = strtof(at, &end);
        if (end == at || (*end != ',' && *end != '\0' && *end != '\r'))
            return um_fail(UMCL_ERR_FORMAT, "%s: expected 136 numbers, found %d", row, i);
        at = end + (*end == ',');
    }
    um_str_printf(&path, "%s/%s", folder, row);
    out->held_out = held_out(row, fold);
    out->path = path.text; /* the picture's from here on */
    return um_str_status(&path);
}

static umcl_status add_row(um_face_pictures *set, char *row, const char *folder, unsigned fold)
{
    um_face_picture *item;
    umcl_status st;

    if (set->count == set->cap) {
        size_t cap = set->cap ? 2 * set->cap : 1024;
        UM_TRY(um_realloc(&set->items, cap, sizeof *set->items));
        set->cap = cap;
    }
    item = &set->items[set->count];
    *item = (um_face_picture){0};
    st = parse_row(item, row, folder, fold);
    if (st == UMCL_OK)
        set->count++;
    else
        free(item->path);
    return st;
}

umcl_status um_face_pictures_read(um_face_pictures *set, const char *csv, const char *folder,
                                  unsigned fold)
{
    umcl_status st = UMCL_OK;
    char *text, *save = NULL;
    size_t n;

    UM_TRY(um_file_read(&text, &n, csv, MAX_CSV));
    strtok_r(text, "\n", &save); /* the header */
    for (char *row; st == UMCL_OK && (row = strtok_r(NULL, "\n", &save));)
        st = add_row(set, row, folder, fold);
    free(text);
    return st == UMCL_OK ? st : um_fail_in(st, csv);
}

void um_face_pictures_clear(um_face_pictures *set)
{
    for (size_t i = 0; i < set->count; i++) free(set->items[i].path);
    free(set->items);
    *set = (um_face_pictures){0};
}
