#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static umcl_status push(um_dir *out, size_t *cap, const char *name)
{
    if (out->count == *cap) {
        size_t more = *cap ? 2 * *cap : 64;
        UM_TRY(um_realloc(&out->names, more, sizeof *out->names));
        *cap = more;
    }
    out->names[out->count] = strdup(name);
    if (!out->names[out->count]) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", name);
    out->count++;
    return UMCL_OK;
}

umcl_status um_dir_read(um_dir *out, const char *path)
{
    umcl_status st = UMCL_OK;
    DIR *dir = opendir(path);
    size_t cap = 0;

    *out = (um_dir){0};
    if (!dir)
        return um_fail(errno == ENOENT ? UMCL_ERR_NOT_FOUND : UMCL_ERR_IO,
                       "%s: cannot read the folder: %s", path, strerror(errno));
    for (struct dirent *e; st == UMCL_OK && (errno = 0, e = readdir(dir));)
        if (e->d_name[0] != '.') st = push(out, &cap, e->d_name);
    if (st == UMCL_OK && errno)
        st = um_fail(UMCL_ERR_IO, "%s: cannot read the folder: %s", path, strerror(errno));
    closedir(dir);
    if (st != UMCL_OK) um_dir_clear(out);
    if (out->count) qsort(out->names, out->count, sizeof *out->names, by_bytes);
    return st;
}

void um_dir_clear(um_dir *dir)
{
    for (size_t i = 0; i < dir->count; i++) free(dir->names[i]);
    free(dir->names);
    *dir = (um_dir){0};
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    remove(path);
    return 0;
}

void um_dir_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
