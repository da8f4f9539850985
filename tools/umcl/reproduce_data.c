/* Data sets as their owners hand them out, listed and followed once. */
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/str.h"
#include "data/dataset.h"
#include "reproduce_parts.h"

const char *const rp_methods[RP_N_METHODS] = {"Deepfakes", "Face2Face", "FaceSwap",
                                              "NeuralTextures"};
const char *const rp_method_letters[RP_N_METHODS] = {"DF", "F2F", "FS", "NT"};
const char *const rp_qualities[RP_N_QUALITIES] = {"raw", "c23", "c40"};

static const struct {
    const char *name, *layout, *id;
    const char *dataset; /* --dataset of umcl dataset; NULL: the layout has one alone */
} sources[RP_N_SOURCES] = {
    [RP_FFPP] = {"FF++", "ff++", "ff", "FF++"},
    [RP_DFD] = {"DFD", "ff++", "dfd", "DFD"},
    [RP_CELEBDF] = {"Celeb-DF", "celeb-df", "celeb", NULL},
    [RP_DFDC] = {"DFDC", "dfdc", "dfdc", NULL},
};

const char *rp_source_name(rp_source source)
{
    return sources[source].name;
}

static bool has(rp_protocol *p, const char *folder, const char *name)
{
    const char *path = rp_text(p, "%s/%s", folder, name);

    return um_is_dir(path) || um_is_file(path);
}

/* DFDC's lists lie in the folder or in the folders of it. */
static bool is_dfdc(rp_protocol *p, const char *folder)
{
    bool yes = has(p, folder, "metadata.json");
    um_dir dir = {0};

    if (!yes && um_dir_read(&dir, folder) == UMCL_OK)
        for (size_t i = 0; i < dir.count && !yes; i++)
            yes = has(p, rp_text(p, "%s/%s", folder, dir.names[i]), "metadata.json");
    um_dir_clear(&dir);
    return yes;
}

static bool is_root(rp_protocol *p, const char *folder, rp_source source)
{
    switch (source) {
    case RP_FFPP: return has(p, folder, "original_sequences/youtube");
    case RP_DFD: return has(p, folder, "original_sequences/actors");
    case RP_CELEBDF: return has(p, folder, "Celeb-synthesis");
    default: return is_dfdc(p, folder);
    }
}

/* A folder that was given, or one in it; NULL: there is none. */
static const char *find_root(rp_protocol *p, rp_source source)
{
    const char *found = NULL;

    for (size_t i = 0; i < p->set->n_roots && !found; i++) {
        const char *root = p->set->roots[i];
        um_dir dir = {0};

        if (is_root(p, root, source)) return root;
        if (um_dir_read(&dir, root) != UMCL_OK) continue;
        for (size_t k = 0; k < dir.count && !found; k++) {
            const char *below = rp_text(p, "%s/%s", root, dir.names[k]);

            if (is_root(p, below, source)) found = below;
        }
        um_dir_clear(&dir);
    }
    return found;
}

/* All that a source has in one quality: FF++ without FaceShifter, which the paper leaves out. */
static const char *list(rp_protocol *p, const char *id, const char *root, rp_source source,
                        const char *quality, int method)
{
    const char *csv = rp_text(p, "%s/lists/%s.csv", p->set->out, id);
    bool is_new;
    rp_step *s = rp_step_add(p, RP_LIST, rp_text(p, "list-%s", id), csv, &is_new);

    if (!is_new) return csv;
    s->prints = true;
    rp_args(p, s, "dataset", "list", root, "--layout", sources[source].layout, NULL);
    if (sources[source].dataset) rp_args(p, s, "--dataset", sources[source].dataset, NULL);
    if (quality) rp_args(p, s, "--compression", quality, NULL);
    if (source == RP_FFPP && method >= 0)
        rp_args(p, s, "--method", rp_methods[method], NULL);
    else if (source == RP_FFPP)
        rp_args(
            p, s, "--method",
            rp_text(p, "%s,%s,%s,%s", rp_methods[0], rp_methods[1], rp_methods[2], rp_methods[3]),
            NULL);
    rp_args(p, s, "--csv", NULL);
    return csv;
}

/* Videos of the list that is to come; 0 where the data set cannot be read yet. */
static size_t count(const char *root, rp_source source, const char *quality)
{
    um_dataset_options o = {.layout = sources[source].layout};
    um_dataset d;
    size_t n = 0;

    if (quality) o.one_compression = um_compression_parse(&o.compression, quality);
    if (um_dataset_read(&d, root, &o) != UMCL_OK) return 0;
    for (size_t i = 0; i < d.count; i++) {
        const um_item *item = &d.items[i];
        bool known = source != RP_FFPP || !item->fake;

        for (int m = 0; m < RP_N_METHODS; m++)
            known = known || !strcmp(item->method, rp_methods[m]);
        n += known && (!sources[source].dataset || !strcmp(item->dataset, sources[source].dataset));
    }
    um_dataset_clear(&d);
    return n;
}

static void note_missing(rp_protocol *p, rp_source source)
{
    const char *name = sources[source].name;

    for (size_t i = 0; i < p->n_missing; i++)
        if (!strcmp(p->missing[i], name)) return;
    if (p->n_missing < RP_MAX_ROOTS) p->missing[p->n_missing++] = name;
}

rp_videos rp_videos_get(rp_protocol *p, rp_source source, const char *quality, int method)
{
    bool mini = p->set->n_roots == 0, is_new;
    size_t before = p->count;
    const char *all =
        quality ? rp_text(p, "%s-%s", sources[source].id, quality) : sources[source].id;
    const char *id = method < 0 ? all : rp_text(p, "%s-%s", all, rp_method_letters[method]);
    const char *root = mini ? rp_material(p, source, quality) : find_root(p, source);
    rp_videos out = {.id = id, .is_part = method >= 0, .there = root != NULL};
    size_t rendered = p->count - before;
    const char *labels;
    rp_step *s;

    if (!root) {
        note_missing(p, source);
        return out;
    }
    labels = list(p, all, root, source, quality, -1);
    out.cache = rp_text(p, "%s/cache/%s", p->set->out, all);
    s = rp_step_add(p, RP_EXTRACT, rp_text(p, "extract-%s", all), out.cache, &is_new);
    if (is_new) rp_args(p, s, "extract", "-q", "--labels", labels, "-o", out.cache, NULL);
    if (is_new && p->set->plan) s->videos = mini ? rendered : count(root, source, quality);
    out.labels = method < 0 ? labels : list(p, id, root, source, quality, method);
    return out;
}

/* The first real video that is tested with, as the list orders them: its path and its name. */
static bool find_clip(rp_protocol *p, const char *quality, const char **path, const char **name)
{
    const char *root = find_root(p, RP_FFPP);
    um_dataset_options o = {.layout = sources[RP_FFPP].layout};
    um_dataset d;

    *path = NULL;
    o.one_compression = um_compression_parse(&o.compression, quality);
    if (!root || um_dataset_read(&d, root, &o) != UMCL_OK) return false;
    for (size_t i = 0; i < d.count && !*path; i++) {
        const um_item *item = &d.items[i];

        if (item->fake || item->split != UM_SPLIT_TEST || strcmp(item->dataset, "FF++") != 0)
            continue;
        *path = *item->path == '/' ? rp_text(p, "%s", item->path)
                                   : rp_text(p, "%s/%s", d.root, item->path);
        *name = rp_text(p, "%s", item->name);
    }
    um_dataset_clear(&d);
    return *path != NULL;
}

/* A field of a CSV: quotes are doubled. */
static const char *quoted(rp_protocol *p, const char *text)
{
    um_str out = UM_STR_INIT;
    const char *copy;

    for (; *text; text++) um_str_append_n(&out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    if (um_str_status(&out) != UMCL_OK) p->failed = true;
    copy = rp_text(p, "\"%s\"", out.text ? out.text : "");
    um_str_clear(&out);
    return copy;
}

rp_clip rp_source_clip(rp_protocol *p, const char *quality)
{
    rp_clip out = {.labels = rp_text(p, "%s/lists/fig7.csv", p->set->out),
                   .cache = rp_text(p, "%s/cache/fig7", p->set->out)};
    const char *path;

    if (p->set->n_roots == 0) {
        const char *file = strrchr(path = rp_material_clip(p, quality), '/');

        out.name = rp_text(p, "original_sequences_youtube_%s_videos_%.3s", quality,
                           file ? file + 1 : path);
        path = rp_text(p, "..%s", path + strlen(p->set->out)); /* as seen from the list */
        out.there = true;
    } else {
        out.there = find_clip(p, quality, &path, &out.name);
    }
    if (out.there)
        rp_file_add(p, out.labels,
                    rp_text(p, "name,path,label,split\n%s,%s,real,test\n", quoted(p, out.name),
                            quoted(p, path)));
    else
        note_missing(p, RP_FFPP);
    return out;
}
