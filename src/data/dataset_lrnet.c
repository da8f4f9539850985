/*
 * LRNet's landmark files in folders that say what they are: <set>/<compression>/<split>/071_054.txt
 * with the sets Origin, DF, F2F, FS, NT, or real/ and fake/, each level in any order or missing.
 */
#include "data/dataset_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/dataset_divide.h"
#include "data/video_names.h"
#include "face/landmark_text.h"

#define MAX_DEPTH 4

static const um_shares shares = {70, 15, 15};

typedef struct set {
    const char *folder, *dataset, *method;
} set;

static const set sets[] = {
    {"Origin", "FF++", "real"},
    {"DF", "FF++", "Deepfakes"},
    {"F2F", "FF++", "Face2Face"},
    {"FS", "FF++", "FaceSwap"},
    {"NT", "FF++", "NeuralTextures"},
    {"FSh", "FF++", "FaceShifter"},
    {"real", "", "real"},
    {"fake", "", "fake"},
};

typedef struct reading {
    um_dataset *d;
    bool apart;
} reading;

/* Reads the folders of a path; false if none of them says real or fake. */
static bool understand(um_item *item, const char *folder)
{
    char copy[1024], *rest = copy, *level;
    um_compression compression;
    bool known = false;
    um_split split;

    if (strlen(folder) >= sizeof copy) return false;
    memcpy(copy, folder, strlen(folder) + 1);
    while ((level = strsep(&rest, "/"))) {
        for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
            if (!strcasecmp(level, sets[i].folder)) {
                item->dataset = sets[i].dataset;
                item->method = sets[i].method;
                known = true;
            }
        if (um_split_parse(&split, level) && split) item->split = split;
        if (um_compression_parse(&compression, level) && compression)
            item->compression = compression;
    }
    item->fake = known && strcmp(item->method, "real") != 0;
    return known;
}

static umcl_status add_file(reading *r, const um_item *about, const char *folder, const char *file,
                            const char *stem)
{
    um_str path = UM_STR_INIT;
    um_item item = *about;
    um_video_name name;
    umcl_status st;

    um_str_printf(&path, "%s/%s", folder, file);
    UM_CHECK(um_str_status(&path));
    item.path = path.text;
    item.group = stem;
    if (um_video_name_any(&name, stem) && (*name.source != '\0') == item.fake) {
        item.person = name.person;
        item.source = name.source;
        item.group = name.group;
    }
    st = um_dataset_add(r->d, &item);
done:
    um_str_clear(&path);
    return st;
}

static umcl_status visit(void *user, const char *folder, const um_dir *dir, bool *enough)
{
    reading *r = user;
    um_item about = {.sure = true};
    bool known = understand(&about, folder);
    um_names odd = UM_NAMES_INIT;
    umcl_status st = UMCL_OK;
    char stem[256];

    (void)enough;
    if (r->apart) about.split = UM_SPLIT_NONE;
    for (size_t i = 0; i < dir->count; i++) {
        if (!um_file_stem(stem, dir->names[i], ".txt")) continue;
        if (known)
            UM_CHECK(add_file(r, &about, folder, dir->names[i], stem));
        else
            UM_CHECK(um_names_add(&odd, dir->names[i], NULL));
    }
    st = um_dataset_note(r->d, UM_FINDING_NAME, &odd, *folder ? folder : ".",
                         "files are in no folder that says real or fake, and passed over");
done:
    um_names_clear(&odd);
    return st;
}

/* The first file that is found decides: whether it holds landmarks. */
typedef struct search {
    const um_dataset *d;
    bool found, landmarks;
} search;

static umcl_status look(void *user, const char *folder, const um_dir *dir, bool *enough)
{
    um_str path = UM_STR_INIT, full = UM_STR_INIT;
    search *s = user;
    um_item item = {0};
    umcl_status st = UMCL_OK;
    char stem[256];

    *enough = s->found;
    for (size_t i = 0; !s->found && understand(&item, folder) && i < dir->count; i++) {
        float *rows;
        size_t n;

        if (!um_file_stem(stem, dir->names[i], ".txt")) continue;
        s->found = *enough = true;
        um_str_printf(&path, "%s/%s", folder, dir->names[i]);
        UM_CHECK(um_str_status(&path));
        UM_CHECK(um_dataset_path(&full, s->d, path.text));
        s->landmarks = um_landmark_text_read(&rows, &n, full.text) == UMCL_OK;
        free(rows);
    }
done:
    um_str_clear(&path);
    um_str_clear(&full);
    return st;
}

static bool detect(const char *root, const char *file)
{
    um_dataset d = {.root = (char *)root};
    search s = {.d = &d};
    bool yes = !file && um_dataset_walk(&d, MAX_DEPTH, look, &s) == UMCL_OK && s.landmarks;

    um_findings_clear(&d.remarks);
    return yes;
}

static umcl_status read_tree(um_dataset *d, const char *file, const um_dataset_options *o)
{
    reading r = {d, o->apart};

    (void)file;
    UM_TRY(um_dataset_walk(d, MAX_DEPTH, visit, &r));
    return um_dataset_divide(d, NULL, shares, UM_DIVIDE_CIRCLES);
}

const um_dataset_reader um_reader_lrnet = {
    {"lrnet", "folders Origin, DF, F2F, FS, NT or real, fake with landmarks in .txt files"},
    detect,
    read_tree};
