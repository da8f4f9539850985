/*
 * DFDC: parts with a metadata.json beside the videos, test sets with a labels.csv. It names no
 * people: a fake is kept with its original, more is not known.
 */
#include "data/dataset_reader.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/csv.h"
#include "data/dataset_divide.h"
#include "data/dfdc_lists.h"
#include "data/video_names.h"

#define LABELS "labels.csv"
#define METADATA "metadata.json"
#define MAX_DEPTH 3 /* train/dfdc_train_part_00/dfdc_train_part_0 */
#define ALL_PARTS 50
#define ALL_VIDEOS 119154 /* of the parts */

static const um_shares shares = {70, 20, 10};
/* Where there is a test set, or one for validation, the parts make no other. */
static const um_shares with_test = {70, 20, 0}, with_val = {70, 0, 10}, with_both = {1, 0, 0};

/* Whether the folder has such a list; a labels.csv may be anybody's. */
static bool has_list(const char *folder, const char *file)
{
    um_str path = UM_STR_INIT;
    um_csv csv = {0};
    bool yes;

    um_str_printf(&path, "%s/%s", folder, file);
    yes = um_str_status(&path) == UMCL_OK && um_is_file(path.text);
    if (yes && !strcmp(file, LABELS))
        yes = um_csv_open(&csv, path.text) == UMCL_OK && um_csv_next(&csv) &&
              um_csv_column(&csv, "filename") >= 0;
    um_csv_close(&csv);
    um_str_clear(&path);
    return yes;
}

/* Whether there is a list in the folder or, to this depth, below it. */
static bool any_list(const char *folder, int depth)
{
    bool yes = has_list(folder, METADATA) || has_list(folder, LABELS);
    um_str path = UM_STR_INIT;
    um_dir dir = {0};

    if (!yes && depth > 0 && um_dir_read(&dir, folder) == UMCL_OK)
        for (size_t i = 0; !yes && i < dir.count; i++) {
            um_str_clear(&path);
            um_str_printf(&path, "%s/%s", folder, dir.names[i]);
            yes = um_str_status(&path) == UMCL_OK && um_is_dir(path.text) &&
                  any_list(path.text, depth - 1);
        }
    um_dir_clear(&dir);
    um_str_clear(&path);
    return yes;
}

static bool detect(const char *root, const char *file)
{
    return (!file || um_str_ends(file, "/" METADATA)) && any_list(root, MAX_DEPTH);
}

typedef struct reading {
    um_dataset *d;
    size_t parts, videos; /* of the parts: lists metadata.json */
    bool apart;
} reading;

static umcl_status add_entry(reading *r, const um_dfdc_entry *e, const char *folder, um_split split)
{
    um_item item = {
        .dataset = "DFDC", .method = e->fake ? "DFDC" : "real", .fake = e->fake, .sure = true};
    um_str path = UM_STR_INIT;
    char group[256];
    umcl_status st;

    if (!um_file_stem(group, e->original ? e->original : e->file, ".mp4")) *group = '\0';
    um_str_printf(&path, "%s%s%s", folder, *folder ? "/" : "", e->file);
    UM_CHECK(um_str_status(&path));
    item.path = path.text;
    item.group = group;
    if (!r->apart) item.split = e->split != UM_SPLIT_NONE ? e->split : split;
    st = um_dataset_add(r->d, &item);
done:
    um_str_clear(&path);
    return st;
}

/* Test sets lie in folders called so; one for validation is told by its name. */
static um_split split_of_folder(const char *root, const char *folder)
{
    const char *full = *folder ? folder : root, *slash = strrchr(full, '/');

    return !strncasecmp(slash ? slash + 1 : full, "val", 3) ? UM_SPLIT_VAL : UM_SPLIT_TEST;
}

/* The list's videos that are there; `dir` holds what the folder has. */
static umcl_status add_list(reading *r, const um_dfdc_list *list, const char *folder,
                            const um_dir *dir, um_split split)
{
    um_names there = UM_NAMES_INIT, listed = UM_NAMES_INIT, missing = UM_NAMES_INIT;
    um_names extra = UM_NAMES_INIT;
    const char *where = *folder ? folder : ".";
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < dir->count; i++) UM_CHECK(um_names_add(&there, dir->names[i], NULL));
    for (size_t i = 0; i < list->count; i++) {
        const um_dfdc_entry *e = &list->entries[i];
        UM_CHECK(um_names_add(&listed, e->file, NULL));
        if (um_names_find(&there, e->file, NULL))
            UM_CHECK(add_entry(r, e, folder, split));
        else
            UM_CHECK(um_names_add(&missing, e->file, NULL));
    }
    for (size_t i = 0; i < dir->count; i++)
        if (um_str_ends(dir->names[i], ".mp4") && !um_names_find(&listed, dir->names[i], NULL))
            UM_CHECK(um_names_add(&extra, dir->names[i], NULL));
    UM_CHECK(um_dataset_note(r->d, UM_FINDING_MISSING, &missing, where,
                             "videos of the list are not there"));
    st = um_dataset_note(r->d, UM_FINDING_NAME, &extra, where,
                         "videos are not in the list and passed over");
done:
    um_names_clear(&there);
    um_names_clear(&listed);
    um_names_clear(&missing);
    um_names_clear(&extra);
    return st;
}

static umcl_status read_list(reading *r, const char *folder, const char *file, const um_dir *dir)
{
    bool part = !strcmp(file, METADATA);
    um_dfdc_list list = {0};
    um_str path = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_dataset_path(&path, r->d, folder));
    um_str_printf(&path, "/%s", file);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_dfdc_list_read(&list, path.text));
    UM_CHECK(um_dataset_note(r->d, UM_FINDING_NAME, &list.odd, path.text,
                             "entries are not understood and passed over"));
    UM_CHECK(add_list(r, &list, folder, dir,
                      part ? UM_SPLIT_NONE : split_of_folder(r->d->root, folder)));
    if (part) {
        r->parts++;
        r->videos += list.count;
    }
done:
    um_dfdc_list_clear(&list);
    um_str_clear(&path);
    return st;
}

static umcl_status visit(void *user, const char *folder, const um_dir *dir, bool *enough)
{
    reading *r = user;
    um_str full = UM_STR_INIT;
    const char *list;
    umcl_status st;

    UM_CHECK(um_dataset_path(&full, r->d, folder));
    list = has_list(full.text, LABELS) ? LABELS : has_list(full.text, METADATA) ? METADATA : NULL;
    *enough = list != NULL;
    if (list) st = read_list(r, folder, list, dir);
done:
    um_str_clear(&full);
    return st;
}

static bool has_split(const um_dataset *d, um_split split)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].split == split) return true;
    return false;
}

static umcl_status read_tree(um_dataset *d, const char *file, const um_dataset_options *o)
{
    reading r = {.d = d, .apart = o->apart};
    bool test, val;

    (void)file;
    UM_TRY(um_dataset_walk(d, MAX_DEPTH, visit, &r));
    if (r.parts == ALL_PARTS) UM_TRY(um_dataset_expect(d, "the parts", ALL_VIDEOS, r.videos));
    test = has_split(d, UM_SPLIT_TEST);
    val = has_split(d, UM_SPLIT_VAL);
    return um_dataset_divide(d, NULL,
                             test && val ? with_both
                             : test      ? with_test
                             : val       ? with_val
                                         : shares,
                             UM_DIVIDE_CIRCLES);
}

const um_dataset_reader um_reader_dfdc = {
    {"dfdc", "folders with metadata.json, or with a labels.csv of filename,label"},
    detect,
    read_tree};
