#include "data/dataset.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "data/dataset_reader.h"

/* Tried in this order; LRNet's folders are told from others by a look into a file, so late. */
static const um_dataset_reader *const readers[] = {&um_reader_ffpp,  &um_reader_celebdf,
                                                   &um_reader_dfdc,  &um_reader_bench,
                                                   &um_reader_lrnet, &um_reader_csv};
#define N_READERS (sizeof readers / sizeof readers[0])

static const char *const split_names[] = {"none", "train", "val", "test"};
static const char *const compression_names[] = {"none", "raw", "c23", "c40"};

const um_dataset_layout *um_dataset_layout_at(size_t i)
{
    return i < N_READERS ? &readers[i]->layout : NULL;
}

const char *um_split_name(um_split split)
{
    return split_names[split];
}

bool um_split_parse(um_split *out, const char *text)
{
    *out = !strcasecmp(text, "validation") ? UM_SPLIT_VAL : UM_SPLIT_NONE;
    for (int i = 0; i < UM_N_SPLITS; i++)
        if (!strcasecmp(text, split_names[i])) *out = (um_split)i;
    return *out != UM_SPLIT_NONE || !*text || !strcasecmp(text, "none");
}

const char *um_compression_name(um_compression c)
{
    return compression_names[c];
}

bool um_compression_parse(um_compression *out, const char *text)
{
    *out = UM_COMPRESSION_NONE;
    for (int i = 0; i < 4; i++)
        if (!strcmp(text, compression_names[i])) *out = (um_compression)i;
    return *out != UM_COMPRESSION_NONE || !*text || !strcmp(text, "none");
}

static umcl_status keep(um_dataset *d, const char **text)
{
    *text = *text && **text ? um_arena_strdup(d->strings, *text) : "";
    return *text ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "list of videos: out of memory");
}

/* "a/b/clip.mp4" -> "a_b_clip": no folder, no ending, and as unlike others as the path is. */
static umcl_status name_from_path(um_dataset *d, const char **name, const char *path)
{
    const char *dot = strrchr(path, '.');
    char *copy;

    path += strspn(path, "/");
    copy = um_arena_strdup(d->strings, path);
    if (!copy) return um_fail(UMCL_ERR_NOMEM, "list of videos: out of memory");
    if (dot && dot > path && !strchr(dot, '/')) copy[dot - path] = '\0';
    for (char *p = copy; *p; p++)
        if (*p == '/' || *p == '.') *p = '_';
    *name = copy;
    return UMCL_OK;
}

umcl_status um_dataset_add(um_dataset *d, const um_item *item)
{
    um_item copy = *item;

    if (!d->strings) UM_TRY(um_arena_new(&d->strings));
    if (d->count == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 256;
        UM_TRY(um_realloc(&d->items, cap, sizeof *d->items));
        d->cap = cap;
    }
    UM_TRY(keep(d, &copy.path));
    UM_TRY(keep(d, &copy.dataset));
    UM_TRY(keep(d, &copy.method));
    UM_TRY(keep(d, &copy.person));
    UM_TRY(keep(d, &copy.source));
    UM_TRY(keep(d, &copy.group));
    if (copy.name)
        UM_TRY(keep(d, &copy.name));
    else
        UM_TRY(name_from_path(d, &copy.name, copy.path));
    d->items[d->count++] = copy;
    return UMCL_OK;
}

static umcl_status choose(const um_dataset_reader **out, const char *root, const char *file,
                          const char *layout)
{
    um_str known = UM_STR_INIT;
    umcl_status st;

    *out = NULL;
    for (size_t i = 0; !*out && i < N_READERS; i++)
        if (layout ? !strcmp(layout, readers[i]->layout.name) : readers[i]->detect(root, file))
            *out = readers[i];
    if (*out) return UMCL_OK;
    for (size_t i = 0; i < N_READERS; i++)
        um_str_printf(&known, "%s%s (%s)", i ? "; " : "", readers[i]->layout.name,
                      readers[i]->layout.text);
    st = um_str_status(&known);
    if (st == UMCL_OK && layout)
        st = um_fail(UMCL_ERR_INVALID, "layout '%s': expected one of %s", layout, known.text);
    else if (st == UMCL_OK)
        st = um_fail(UMCL_ERR_UNSUPPORTED, "%s: expected one of the layouts %s", file ? file : root,
                     known.text);
    um_str_clear(&known);
    return st;
}

/* Drops the items of other compressions. */
static void keep_compression(um_dataset *d, um_compression compression)
{
    size_t kept = 0;

    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].compression == compression) d->items[kept++] = d->items[i];
    d->count = kept;
}

/* Sets the root; `*file` is the file given instead of a folder, in the caller's `resolved`. */
static umcl_status resolve(um_dataset *d, const char *root, char resolved[PATH_MAX], char **file)
{
    *file = NULL;
    if (!realpath(root, resolved))
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: no such folder or file", root);
    if (!um_is_dir(resolved)) *file = resolved;
    d->root =
        *file ? strndup(resolved, (size_t)(strrchr(resolved, '/') - resolved)) : strdup(resolved);
    return d->root ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "%s: out of memory", root);
}

umcl_status um_dataset_read(um_dataset *out, const char *root, const um_dataset_options *options)
{
    const um_dataset_reader *reader;
    char resolved[PATH_MAX], *file;
    umcl_status st;

    *out = (um_dataset){.on_disk = true};
    UM_CHECK(resolve(out, root, resolved, &file));
    UM_CHECK(choose(&reader, out->root, file, options->layout));
    out->layout = reader->layout.name;
    if (options->splits && reader != &um_reader_ffpp) {
        st = um_fail(UMCL_ERR_INVALID, "%s: the layout %s has no split files", root, out->layout);
        goto done;
    }
    UM_CHECK(reader->read(out, file, options));
    if (options->one_compression) keep_compression(out, options->compression);
    if (out->count == 0)
        st = um_fail(UMCL_ERR_NOT_FOUND, "%s: no %s%svideos in the layout %s%s%s", root,
                     options->one_compression ? um_compression_name(options->compression) : "",
                     options->one_compression ? " " : "", out->layout,
                     out->remarks.count ? "; " : "",
                     out->remarks.count ? out->remarks.items[0].sentence : "");
done:
    if (st != UMCL_OK) um_dataset_clear(out);
    return st;
}

void um_dataset_clear(um_dataset *d)
{
    free(d->items);
    free(d->root);
    um_arena_free(d->strings);
    um_findings_clear(&d->remarks);
    *d = (um_dataset){0};
}

umcl_status um_dataset_path(um_str *out, const um_dataset *d, const char *path)
{
    um_str_clear(out);
    if (*path != '/') um_str_append(out, d->root);
    if (*path != '/' && *path) um_str_append(out, "/");
    um_str_append(out, path);
    return um_str_status(out);
}

bool um_dataset_has_dir(const um_dataset *d, const char *path)
{
    um_str full = UM_STR_INIT;
    bool there = um_dataset_path(&full, d, path) == UMCL_OK && um_is_dir(full.text);

    um_str_clear(&full);
    return there;
}

umcl_status um_dataset_dir(um_dir *out, um_dataset *d, const char *path)
{
    um_str full = UM_STR_INIT;
    umcl_status st;

    *out = (um_dir){0};
    UM_CHECK(um_dataset_path(&full, d, path));
    st = um_dir_read(out, full.text);
    if (st == UMCL_ERR_NOT_FOUND) st = UMCL_OK;
    if (st == UMCL_ERR_IO)
        st = um_findings_add(&d->remarks, UM_FINDING_UNREADABLE, NULL, "%s", umcl_last_error());
done:
    um_str_clear(&full);
    return st;
}

umcl_status um_dataset_expect(um_dataset *d, const char *where, size_t expected, size_t found)
{
    if (expected == found) return UMCL_OK;
    return um_findings_add(&d->remarks, UM_FINDING_COUNT, NULL,
                           "%s: expected %zu videos, found %zu", where, expected, found);
}

umcl_status um_dataset_note(um_dataset *d, um_finding_kind kind, um_names *names, const char *where,
                            const char *what)
{
    if (names->count == 0) return UMCL_OK;
    return um_findings_add(&d->remarks, kind, names, "%s: %s", where, what);
}
