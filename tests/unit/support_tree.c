#include "support_tree.h"

#include "../test.h"

#include <ftw.h>
#include <stdlib.h>

#include "base/file.h"

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

void tree_remove(const char *root)
{
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_make(const char *root)
{
    tree_remove(root);
    assert_ok(um_mkdirs(root));
}

void tree_put(const char *root, const char *text, const char *path, ...)
{
    char name[512], full[1024];
    va_list ap;
    FILE *f;

    va_start(ap, path);
    vsnprintf(name, sizeof name, path, ap);
    va_end(ap);
    snprintf(full, sizeof full, "%s/%s", root, name);
    *strrchr(full, '/') = '\0';
    assert_ok(um_mkdirs(full));
    snprintf(full, sizeof full, "%s/%s", root, name);
    if (!text) text = name;
    f = fopen(full, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

um_dataset tree_read(const char *root, const um_dataset_options *options)
{
    um_dataset_options none = {0};
    um_dataset d;

    assert_ok(um_dataset_read(&d, root, options ? options : &none));
    return d;
}

const um_item *tree_item(const um_dataset *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++)
        if (!strcmp(d->items[i].path, path)) return &d->items[i];
    fail_msg("no item %s", path);
    return NULL;
}

const um_finding *tree_finding(const um_findings *findings, um_finding_kind kind)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].kind == kind) return &findings->items[i];
    return NULL;
}

static bool linked(const um_item *a, const um_item *b)
{
    const char *x[] = {a->person, a->source}, *y[] = {b->person, b->source};

    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (*x[i] && !strcmp(x[i], y[j])) return true;
    return *a->group && !strcmp(a->group, b->group);
}

void tree_assert_apart(const um_dataset *d)
{
    for (size_t i = 0; i < d->count; i++)
        for (size_t j = 0; j < i; j++) {
            const um_item *a = &d->items[i], *b = &d->items[j];
            if (a->split != b->split && a->split && b->split && linked(a, b))
                fail_msg("%s is in %s, %s in %s", a->path, um_split_name(a->split), b->path,
                         um_split_name(b->split));
        }
}
