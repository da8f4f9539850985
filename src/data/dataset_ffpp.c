/* FaceForensics++ with DFD inside it. */
#include "data/dataset_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/dataset_divide.h"
#include "data/ffpp_splits.h"
#include "data/video_names.h"

#define MANIPULATED "manipulated_sequences"

/* Pairs are circles of two. FF++'s own shares are 360 : 70 : 70. */
static const um_shares ffpp_shares = {72, 14, 14}, dfd_shares = {70, 15, 15};

typedef struct part {
    const char *folder, *method;
    bool dfd, fake;
    size_t videos; /* per compression, in the whole data set */
} part;

static const part parts[] = {
    {"original_sequences/youtube", "real", false, false, 1000},
    {"original_sequences/actors", "real", true, false, 363},
    {MANIPULATED "/Deepfakes", "Deepfakes", false, true, 1000},
    {MANIPULATED "/Face2Face", "Face2Face", false, true, 1000},
    {MANIPULATED "/FaceShifter", "FaceShifter", false, true, 1000},
    {MANIPULATED "/FaceSwap", "FaceSwap", false, true, 1000},
    {MANIPULATED "/NeuralTextures", "NeuralTextures", false, true, 1000},
    {MANIPULATED "/DeepFakeDetection", "DeepFakeDetection", true, true, 3068},
};
#define N_PARTS (sizeof parts / sizeof parts[0])

/* One folder of videos being read. */
typedef struct videos {
    const part *part;
    um_compression compression;
    const um_ffpp_splits *splits; /* NULL: there are none */
    const char *folder;           /* from the root */
    um_names stems;               /* of the videos that are there */
    um_names odd, torn;           /* not understood; people of two splits */
} videos;

static umcl_status add_video(um_dataset *d, videos *v, const char *file)
{
    um_item item = {.dataset = v->part->dfd ? "DFD" : "FF++",
                    .method = v->part->method,
                    .compression = v->compression,
                    .fake = v->part->fake,
                    .sure = true};
    um_video_name name;
    um_str path = UM_STR_INIT;
    char stem[256];
    umcl_status st;

    if (!um_file_stem(stem, file, ".mp4") ||
        !(v->part->dfd ? um_video_name_dfd(&name, stem) : um_video_name_ffpp(&name, stem)) ||
        (*name.source != '\0') != v->part->fake)
        return um_names_add(&v->odd, file, NULL);
    um_str_printf(&path, "%s/%s", v->folder, file);
    UM_CHECK(um_str_status(&path));
    item.path = path.text;
    item.person = name.person;
    item.source = name.source;
    item.group = name.group;
    if (v->splits && !v->part->dfd) {
        item.split = um_ffpp_split_of(v->splits, name.person, name.source);
        if (item.split == UM_SPLIT_NONE) UM_CHECK(um_names_add(&v->torn, file, NULL));
    }
    UM_CHECK(um_dataset_add(d, &item));
    st = um_names_add(&v->stems, stem, NULL);
done:
    um_str_clear(&path);
    return st;
}

/* Of the pair's two videos in this folder, the ones that lack. */
static umcl_status find_missing(um_names *missing, const videos *v, const char *a, const char *b)
{
    char stem[8], file[16];

    snprintf(stem, sizeof stem, v->part->fake ? "%s_%s" : "%s", a, b);
    snprintf(file, sizeof file, "%s.mp4", stem);
    return um_names_find(&v->stems, stem, NULL) ? UMCL_OK : um_names_add(missing, file, NULL);
}

static umcl_status note_folder(um_dataset *d, videos *v)
{
    um_names missing = UM_NAMES_INIT;
    umcl_status st;

    if (v->splits && !v->part->dfd)
        for (size_t i = 0; i < v->splits->count; i++) {
            const um_ffpp_pair *p = &v->splits->pairs[i];
            UM_CHECK(find_missing(&missing, v, p->a, p->b));
            UM_CHECK(find_missing(&missing, v, p->b, p->a));
        }
    UM_CHECK(um_dataset_note(d, UM_FINDING_MISSING, &missing, v->folder,
                             "videos that the split files name are not there"));
    UM_CHECK(um_dataset_note(d, UM_FINDING_SPLIT, &v->torn, v->folder,
                             "videos are in no split, or their two people are in two"));
    UM_CHECK(um_dataset_note(d, UM_FINDING_NAME, &v->odd, v->folder,
                             "names are not understood and passed over"));
    st = um_dataset_expect(d, v->folder, v->part->videos, v->stems.count);
done:
    um_names_clear(&missing);
    return st;
}

static umcl_status read_folder(um_dataset *d, const part *of, um_compression compression,
                               const um_ffpp_splits *splits)
{
    videos v = {.part = of, .compression = compression, .splits = splits};
    um_str folder = UM_STR_INIT;
    um_dir dir = {0};
    umcl_status st;

    um_str_printf(&folder, "%s/%s", of->folder, um_compression_name(compression));
    UM_CHECK(um_str_status(&folder));
    if (!um_dataset_has_dir(d, folder.text)) goto done;
    um_str_append(&folder, "/videos");
    UM_CHECK(um_str_status(&folder));
    v.folder = folder.text;
    UM_CHECK(um_dataset_dir(&dir, d, folder.text));
    for (size_t i = 0; i < dir.count; i++) UM_CHECK(add_video(d, &v, dir.names[i]));
    st = note_folder(d, &v);
done:
    um_dir_clear(&dir);
    um_names_clear(&v.stems);
    um_names_clear(&v.odd);
    um_names_clear(&v.torn);
    um_str_clear(&folder);
    return st;
}

/* Methods that are none of FF++'s. */
static umcl_status note_strangers(um_dataset *d)
{
    um_names strange = UM_NAMES_INIT;
    umcl_status st;
    um_dir dir;

    UM_TRY(um_dataset_dir(&dir, d, MANIPULATED));
    for (size_t i = 0; i < dir.count; i++) {
        bool known = false;
        for (size_t p = 0; p < N_PARTS; p++)
            if (parts[p].fake && !strcmp(parts[p].method, dir.names[i])) known = true;
        if (!known) UM_CHECK(um_names_add(&strange, dir.names[i], NULL));
    }
    st = um_dataset_note(d, UM_FINDING_NAME, &strange, MANIPULATED,
                         "names are no methods of FF++ and passed over");
done:
    um_names_clear(&strange);
    um_dir_clear(&dir);
    return st;
}

/* Where the split files are: the folder named by --splits, the root, the root's folder "splits". */
static umcl_status read_splits(um_ffpp_splits *s, bool *found, um_dataset *d, const char *named)
{
    static const char *const places[] = {".", "splits"};
    um_str path = UM_STR_INIT, file = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    *found = named != NULL;
    if (named) return um_ffpp_splits_read(s, named);
    for (int i = 0; i < 2 && !*found; i++) {
        UM_CHECK(um_dataset_path(&path, d, places[i]));
        um_str_clear(&file);
        um_str_printf(&file, "%s/train.json", path.text);
        UM_CHECK(um_str_status(&file));
        *found = um_is_file(file.text);
        if (*found) UM_CHECK(um_ffpp_splits_read(s, path.text));
    }
done:
    um_str_clear(&path);
    um_str_clear(&file);
    return st;
}

static bool detect(const char *root, const char *file)
{
    um_dataset d = {.root = (char *)root};

    return !file &&
           (um_dataset_has_dir(&d, "original_sequences") || um_dataset_has_dir(&d, MANIPULATED));
}

static umcl_status read_tree(um_dataset *d, const char *file, const um_dataset_options *o)
{
    um_ffpp_splits splits = {0};
    bool found = false;
    umcl_status st = UMCL_OK;

    (void)file;
    if (!o->apart) UM_CHECK(read_splits(&splits, &found, d, o->splits));
    UM_CHECK(um_dataset_note(d, UM_FINDING_PERSON, &splits.twice, "split files",
                             "ids are in more than one split"));
    for (size_t p = 0; p < N_PARTS; p++)
        for (int c = UM_COMPRESSION_RAW; c <= UM_COMPRESSION_C40; c++)
            if (!o->one_compression || o->compression == (um_compression)c)
                UM_CHECK(read_folder(d, &parts[p], (um_compression)c, found ? &splits : NULL));
    UM_CHECK(note_strangers(d));
    if (!found) UM_CHECK(um_dataset_divide(d, "FF++", ffpp_shares, UM_DIVIDE_CIRCLES));
    if (!found && !o->apart)
        UM_CHECK(um_findings_add(&d->remarks, UM_FINDING_SPLIT, NULL,
                                 "no train.json, val.json and test.json in the root or its folder "
                                 "'splits': the pairs are divided by hash, not as FF++ does"));
    UM_CHECK(um_dataset_divide(d, "DFD", dfd_shares, UM_DIVIDE_PEOPLE));
done:
    um_ffpp_splits_clear(&splits);
    return st;
}

const um_dataset_reader um_reader_ffpp = {
    {"ff++", "folders original_sequences, manipulated_sequences"}, detect, read_tree};
