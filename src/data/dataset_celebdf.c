/* Celeb-DF, versions 1 and 2. */
#include "data/dataset_reader.h"

#include <string.h>

#include "base/file.h"
#include "data/celebdf_list.h"
#include "data/dataset_divide.h"
#include "data/video_names.h"

#define LIST "List_of_testing_videos.txt"

static const um_shares shares = {70, 15, 15};
/* Where the list of the owners says what is tested, the rest is for training and validation. */
static const um_shares rest_shares = {70, 15, 0};

typedef struct part {
    const char *folder; /* in small letters, as in um_celebdf_list */
    const char *spellings[2];
    bool fake, people; /* people: the names say who it is */
    size_t videos[2];  /* in version 1, 2 */
} part;

static const part parts[] = {
    {"celeb-real", {"Celeb-real"}, false, true, {158, 590}},
    {"youtube-real", {"YouTube-real", "Youtube-real"}, false, false, {250, 300}},
    {"celeb-synthesis", {"Celeb-synthesis"}, true, true, {795, 5639}},
};
#define N_PARTS (sizeof parts / sizeof parts[0])

typedef struct reading {
    um_dataset *d;
    um_celebdf_list list;
    bool listed;    /* there is a list, and it is to be used */
    um_names found; /* as in the list */
    size_t counts[N_PARTS];
} reading;

static umcl_status add_video(reading *r, const part *of, const char *folder, const char *file,
                             um_names *odd)
{
    um_item item = {.method = of->fake ? "Celeb-synthesis" : "real",
                    .dataset = "Celeb-DF",
                    .fake = of->fake,
                    .sure = true};
    um_str path = UM_STR_INIT, key = UM_STR_INIT;
    um_video_name name;
    char stem[256];
    umcl_status st;

    if (!um_file_stem(stem, file, ".mp4") || !um_video_name_celebdf(&name, stem) ||
        (*name.source != '\0') != of->fake || (*name.person != '\0') != of->people)
        return um_names_add(odd, file, NULL);
    um_str_printf(&path, "%s/%s", folder, file);
    um_str_printf(&key, "%s/%s", of->folder, file);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_str_status(&key));
    UM_CHECK(um_names_add(&r->found, key.text, NULL));
    if (r->listed && um_names_find(&r->list.videos, key.text, NULL)) item.split = UM_SPLIT_TEST;
    item.path = path.text;
    item.person = name.person;
    item.source = name.source;
    item.group = name.group;
    st = um_dataset_add(r->d, &item);
done:
    um_str_clear(&path);
    um_str_clear(&key);
    return st;
}

static umcl_status read_folder(reading *r, size_t index, const char *spelling)
{
    um_names odd = UM_NAMES_INIT;
    um_str folder = UM_STR_INIT;
    um_dir dir = {0};
    umcl_status st;

    um_str_printf(&folder, "%s/videos", spelling);
    UM_CHECK(um_str_status(&folder));
    if (!um_dataset_has_dir(r->d, folder.text)) folder.text[strlen(spelling)] = '\0';
    UM_CHECK(um_dataset_dir(&dir, r->d, folder.text));
    for (size_t i = 0; i < dir.count; i++)
        UM_CHECK(add_video(r, &parts[index], folder.text, dir.names[i], &odd));
    r->counts[index] += dir.count - odd.count;
    st = um_dataset_note(r->d, UM_FINDING_NAME, &odd, folder.text,
                         "names are not understood and passed over");
done:
    um_dir_clear(&dir);
    um_names_clear(&odd);
    um_str_clear(&folder);
    return st;
}

static umcl_status read_list(reading *r)
{
    um_str path = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_dataset_path(&path, r->d, LIST));
    r->listed = um_is_file(path.text);
    if (r->listed) UM_CHECK(um_celebdf_list_read(&r->list, path.text));
    if (!r->listed)
        st = um_findings_add(&r->d->remarks, UM_FINDING_SPLIT, NULL,
                             "no " LIST ": the test videos are chosen by hash, not as Celeb-DF "
                             "does");
done:
    um_str_clear(&path);
    return st;
}

/* Version 1 has 795 fakes and tests 100 videos, version 2 has 5639 and tests 518. */
static int version(const reading *r)
{
    return r->counts[2] > 795 || r->list.videos.count > 100 ? 2 : 1;
}

static umcl_status note(reading *r)
{
    um_names missing = UM_NAMES_INIT;
    int v = version(r);
    umcl_status st;

    for (size_t i = 0; i < r->list.videos.count; i++)
        if (!um_names_find(&r->found, r->list.videos.text[i], NULL))
            UM_CHECK(um_names_add(&missing, r->list.videos.text[i], NULL));
    UM_CHECK(um_dataset_note(r->d, UM_FINDING_MISSING, &missing, LIST,
                             "videos of the list are not there"));
    UM_CHECK(um_dataset_note(r->d, UM_FINDING_LABEL, &r->list.crossed, LIST,
                             "labels contradict the folder (1 is real in this list)"));
    for (size_t i = 0; i < r->d->count; i++)
        r->d->items[i].dataset = v == 1 ? "Celeb-DF-v1" : "Celeb-DF-v2";
    for (size_t p = 0; p < N_PARTS; p++)
        UM_CHECK(
            um_dataset_expect(r->d, parts[p].spellings[0], parts[p].videos[v - 1], r->counts[p]));
    st = UMCL_OK;
done:
    um_names_clear(&missing);
    return st;
}

static bool detect(const char *root, const char *file)
{
    um_dataset d = {.root = (char *)root};

    return !file &&
           (um_dataset_has_dir(&d, "Celeb-synthesis") || um_dataset_has_dir(&d, "Celeb-real"));
}

static umcl_status read_tree(um_dataset *d, const char *file, const um_dataset_options *o)
{
    reading r = {.d = d};
    umcl_status st = UMCL_OK;

    (void)file;
    if (!o->apart) UM_CHECK(read_list(&r));
    for (size_t p = 0; p < N_PARTS; p++)
        for (int s = 0; s < 2 && parts[p].spellings[s]; s++) {
            if (!um_dataset_has_dir(d, parts[p].spellings[s])) continue;
            UM_CHECK(read_folder(&r, p, parts[p].spellings[s]));
            break; /* the other spelling may be the same folder */
        }
    UM_CHECK(note(&r));
    st = um_dataset_divide(d, NULL, r.listed ? rest_shares : shares, UM_DIVIDE_PEOPLE);
done:
    um_celebdf_list_clear(&r.list);
    um_names_clear(&r.found);
    return st;
}

const um_dataset_reader um_reader_celebdf = {
    {"celeb-df", "folders Celeb-real, YouTube-real, Celeb-synthesis"}, detect, read_tree};
