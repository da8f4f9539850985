/*
 * DeepfakeBench's lists: {data set: {label: {split: {(compression:) {video: {"label": text,
 * "frames": [paths]}}}}}}. Paths are those of whoever made the list; an item is a folder of frames.
 */
#include "data/dataset_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/dataset_divide.h"
#include "data/dataset_json.h"
#include "data/video_names.h"

#define MAX_BYTES ((size_t)512 << 20)

/* Where we are in the list. */
typedef struct place {
    um_dataset *d;
    const char *dataset, *label;
    um_split split;
    um_compression compression;
    um_names *odd;
} place;

/* Labels are like "FF-real", "FF-DF", "DFD_fake", "CelebDFv2_real", "DFDCP_FakeA". */
static umcl_status fake_from_label(bool *fake, const char *label)
{
    *fake = strcasestr(label, "fake") || um_str_starts(label, "FF-");
    if (strcasestr(label, "real")) {
        *fake = false;
        return UMCL_OK;
    }
    if (*fake) return UMCL_OK;
    return um_fail(UMCL_ERR_FORMAT,
                   "expected a label with 'real' or 'fake', or 'FF-...', found '%s'", label);
}

static const char *method_from_label(bool fake, const char *label)
{
    static const char *const known[][2] = {
        {"FF-DF", "Deepfakes"},      {"FF-F2F", "Face2Face"},  {"FF-FS", "FaceSwap"},
        {"FF-NT", "NeuralTextures"}, {"FF-FH", "FaceShifter"}, {"DFD_fake", "DeepFakeDetection"},
    };

    if (!fake) return "real";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(label, known[i][0])) return known[i][1];
    return label;
}

/* An entry that is not what it should be is named by its place. */
static umcl_status pass_over(const place *p, const char *name)
{
    um_str text = UM_STR_INIT;
    umcl_status st;

    um_str_printf(&text, "%s/%s/%s/%s", p->dataset, p->label, um_split_name(p->split), name);
    UM_CHECK(um_str_status(&text));
    st = um_names_add(p->odd, text.text, NULL);
done:
    um_str_clear(&text);
    return st;
}

/* The folder of a frame, whatever the slashes. */
static umcl_status folder_of(um_str *out, const char *frame)
{
    char *slash;

    um_str_clear(out);
    um_str_append(out, frame);
    UM_TRY(um_str_status(out));
    for (char *c = out->text; *c; c++)
        if (*c == '\\') *c = '/';
    slash = strrchr(out->text, '/');
    *(slash ? slash : out->text) = '\0';
    return UMCL_OK;
}

static umcl_status add_video(const place *p, const char *video, const json_t *value)
{
    const char *label = json_string_value(json_object_get(value, "label"));
    const char *frame = json_string_value(json_array_get(json_object_get(value, "frames"), 0));
    um_item item = {
        .dataset = p->dataset, .split = p->split, .compression = p->compression, .sure = true};
    um_str folder = UM_STR_INIT;
    um_video_name name;
    umcl_status st;

    if (!label || !frame) return pass_over(p, video);
    UM_TRY(fake_from_label(&item.fake, label));
    item.method = method_from_label(item.fake, label);
    if (um_video_name_any(&name, video) && (*name.source != '\0') == item.fake) {
        item.person = name.person;
        item.source = name.source;
        item.group = name.group;
    } else {
        item.group = video;
    }
    UM_CHECK(folder_of(&folder, frame));
    item.path = *folder.text ? folder.text : video;
    st = um_dataset_add(p->d, &item);
done:
    um_str_clear(&folder);
    return st;
}

/* Videos, or compressions with videos. Some lists have a lone video in the place of the table. */
static umcl_status add_videos(place *p, const json_t *table)
{
    const char *key;
    json_t *value;
    um_compression compression;

    if (!json_is_object(table) || json_is_string(json_object_get(table, "label")))
        return pass_over(p, "");
    json_object_foreach((json_t *)table, key, value)
    {
        bool level = !p->compression && um_compression_parse(&compression, key) && compression &&
                     !json_object_get(value, "frames");

        if (!level) {
            UM_TRY(add_video(p, key, value));
            continue;
        }
        p->compression = compression;
        UM_TRY(json_is_object(value) ? add_videos(p, value) : pass_over(p, key));
        p->compression = UM_COMPRESSION_NONE;
    }
    return UMCL_OK;
}

static umcl_status add_labels(place *p, const json_t *labels)
{
    const char *label, *split;
    json_t *splits, *videos;

    json_object_foreach((json_t *)labels, label, splits)
    {
        p->label = label;
        if (!json_is_object(splits))
            return um_fail(UMCL_ERR_FORMAT, "%s/%s: expected an object of splits, found %s",
                           p->dataset, label, um_json_type(splits));
        json_object_foreach(splits, split, videos)
        {
            if (!um_split_parse(&p->split, split) || p->split == UM_SPLIT_NONE)
                return um_fail(UMCL_ERR_FORMAT, "%s/%s: expected train, val or test, found '%s'",
                               p->dataset, label, split);
            UM_TRY(add_videos(p, videos));
        }
    }
    return UMCL_OK;
}

umcl_status um_bench_parse(um_dataset *d, const char *name, const void *bytes, size_t n)
{
    um_names odd = UM_NAMES_INIT;
    place p = {.d = d, .odd = &odd};
    json_t *doc, *labels;
    umcl_status st;

    d->on_disk = false;
    UM_TRY(um_json_parse(&doc, name, bytes, n));
    st = json_is_object(doc) ? UMCL_OK
                             : um_fail(UMCL_ERR_FORMAT, "expected an object of data sets, found %s",
                                       um_json_type(doc));
    json_object_foreach(doc, p.dataset, labels)
    {
        if (st == UMCL_OK && !json_is_object(labels))
            st = um_fail(UMCL_ERR_FORMAT, "%s: expected an object of labels, found %s", p.dataset,
                         um_json_type(labels));
        if (st == UMCL_OK) st = add_labels(&p, labels);
    }
    if (st != UMCL_OK) st = um_fail_in(st, name);
    if (st == UMCL_OK)
        st = um_dataset_note(d, UM_FINDING_NAME, &odd, name,
                             "entries are not a video with label and frames, and passed over");
    um_names_clear(&odd);
    json_decref(doc);
    return st;
}

static bool detect(const char *root, const char *file)
{
    (void)root;
    return file && um_str_ends(file, ".json");
}

static umcl_status read_list(um_dataset *d, const char *file, const um_dataset_options *o)
{
    umcl_status st;
    char *bytes;
    size_t n;

    if (!file)
        return um_fail(UMCL_ERR_INVALID, "%s: expected a JSON file, found a folder", d->root);
    UM_TRY(um_file_read(&bytes, &n, file, MAX_BYTES));
    st = um_bench_parse(d, file, bytes, n);
    free(bytes);
    return st == UMCL_OK && o->apart ? um_dataset_divide_afresh(d) : st;
}

const um_dataset_reader um_reader_bench = {
    {"deepfakebench", "a JSON file: data set, label, split, video"}, detect, read_list};
