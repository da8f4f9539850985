/*
 * Generated material: rendered people and broken twins of them, in the layouts of the data sets
 * that they stand for. It shows that a protocol works; its figures say nothing about deepfakes.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/dataset_divide.h"
#include "reproduce_parts.h"

/* What stands for FF++'s manipulations: see umcl synth --twin. */
static const char *const twins[RP_N_METHODS] = {"patch", "desync", "jitter", "no-pulse"};

typedef struct scale {
    int pairs[3]; /* of people, to train, validate and test with */
    int dfdc[3];  /* its people: nobody is known to be one with anybody, folds need more */
    int people;   /* of the data sets that are only tested */
    int methods;
    bool in_turn; /* who is not trained on has one fake, the manipulations in turn; else all */
    const char *picture;
} scale;

static const scale scales[] = {
    [RP_MINI_NONE] = {{0}, {0}, 0, RP_N_METHODS, false, ""},
    [RP_MINI_SMALL] =
        {{3, 2, 3}, {12, 8, 12}, 4, RP_N_METHODS, false, "--width 320 --height 240 --seconds 6"},
    [RP_MINI_TINY] =
        {{1, 1, 1}, {4, 2, 2}, 2, 2, true, "--width 160 --height 120 --fps 10 --seconds 3.2"},
};

int rp_material_methods(const rp_settings *set)
{
    return scales[set->mini].methods;
}

/* Renders person `seed`, whole (twin NULL) or broken. */
static void render(rp_protocol *p, const char *path, int seed, const char *twin, const char *crf)
{
    const scale *of = &scales[p->set->mini];
    const char *name = strrchr(path, '/');
    bool is_new;
    rp_step *s = rp_step_add(
        p, RP_SYNTH,
        rp_text(p, "synth-%s-%s-crf%s", twin ? twin : "real", name ? name + 1 : path, crf), path,
        &is_new);

    if (!is_new) return;
    rp_args(p, s, "synth", "-q", "-o", path, "--seed", rp_text(p, "%d", seed), "--pulse",
            rp_text(p, "%d", 58 + seed * 7 % 44), "--crf", crf, NULL);
    if (twin) rp_args(p, s, "--twin", twin, NULL);
    rp_words(p, s, of->picture);
}

/* FF++'s qualities are x264's rate factors; its raw videos are all but lossless. */
static const char *crf_of(const char *quality)
{
    return *quality == 'c' ? quality + 1 : "10";
}

static void ffpp(rp_protocol *p, const char *root, const char *quality)
{
    static const char *const files[] = {"train", "val", "test"};
    const scale *of = &scales[p->set->mini];
    int person = 0;

    for (int s = 0; s < 3; s++) {
        um_str pairs = UM_STR_INIT;

        for (int i = 0; i < of->pairs[s]; i++, person += 2) {
            um_str_printf(&pairs, "%s[\"%03d\", \"%03d\"]", i ? ", " : "", person, person + 1);
            for (int k = 0; k < 2; k++) {
                int target = person + k, source = person + 1 - k;

                render(p,
                       rp_text(p, "%s/original_sequences/youtube/%s/videos/%03d.mp4", root, quality,
                               target),
                       1 + target, NULL, crf_of(quality));
                for (int m = 0; m < of->methods; m++)
                    if (s == 0 || !of->in_turn || target % of->methods == m)
                        render(p,
                               rp_text(p, "%s/manipulated_sequences/%s/%s/videos/%03d_%03d.mp4",
                                       root, rp_methods[m], quality, target, source),
                               1 + target, twins[m], crf_of(quality));
            }
        }
        if (um_str_status(&pairs) != UMCL_OK) p->failed = true;
        rp_file_add(p, rp_text(p, "%s/splits/%s.json", root, files[s]),
                    rp_text(p, "[%s]\n", pairs.text ? pairs.text : ""));
        um_str_clear(&pairs);
    }
}

/* Two-digit actors of DFD's that the hash of their name puts into the test split. */
static umcl_status tested_actors(int *actors, int n)
{
    um_dataset d = {0};
    int found = 0;
    umcl_status st;

    UM_CHECK(um_arena_new(&d.strings));
    for (int i = 1; i < 100; i++) {
        char name[8];
        um_item item = {.path = name, .dataset = "DFD", .method = "real", .person = name};

        snprintf(name, sizeof name, "%02d", i);
        UM_CHECK(um_dataset_add(&d, &item));
    }
    UM_CHECK(um_dataset_divide(&d, "DFD", (um_shares){70, 15, 15}, UM_DIVIDE_PEOPLE));
    for (size_t i = 0; i < d.count && found < n; i++)
        if (d.items[i].split == UM_SPLIT_TEST) actors[found++] = (int)i + 1;
    if (found < n) st = um_fail(UMCL_ERR_INTERNAL, "DFD: expected %d actors to test", n);
done:
    um_dataset_clear(&d);
    return st;
}

static void dfd(rp_protocol *p, const char *root, const char *quality)
{
    int n = scales[p->set->mini].people, actors[16];

    if (tested_actors(actors, n) != UMCL_OK) {
        p->failed = true;
        return;
    }
    for (int i = 0; i < n; i++) {
        render(p,
               rp_text(p, "%s/original_sequences/actors/%s/videos/%02d__kitchen_pan.mp4", root,
                       quality, actors[i]),
               101 + i, NULL, crf_of(quality));
        render(p,
               rp_text(p,
                       "%s/manipulated_sequences/DeepFakeDetection/%s/videos/"
                       "%02d_%02d__kitchen_pan__AAAAAAAA.mp4",
                       root, quality, actors[i], actors[(i + 1) % n]),
               101 + i, twins[i % 2], crf_of(quality));
    }
}

static void celeb(rp_protocol *p, const char *root)
{
    int n = scales[p->set->mini].people;
    um_str list = UM_STR_INIT;

    for (int i = 0; i < n; i++) {
        const char *real = rp_text(p, "Celeb-real/id%d_0000.mp4", i);
        const char *fake = rp_text(p, "Celeb-synthesis/id%d_id%d_0000.mp4", i, (i + 1) % n);

        render(p, rp_text(p, "%s/%s", root, real), 201 + i, NULL, "20");
        render(p, rp_text(p, "%s/%s", root, fake), 201 + i, twins[i % 2], "20");
        um_str_printf(&list, "1 %s\n0 %s\n", real, fake);
    }
    if (um_str_status(&list) != UMCL_OK) p->failed = true;
    rp_file_add(p, rp_text(p, "%s/List_of_testing_videos.txt", root), list.text ? list.text : "");
    um_str_clear(&list);
}

/* A part with its metadata.json to train with, and lists of their own for the other splits. */
static void dfdc(rp_protocol *p, const char *root)
{
    static const char *const folders[] = {"train", "validation", "test"};
    const scale *of = &scales[p->set->mini];
    int person = 0;

    for (int s = 0; s < 3; s++) {
        um_str text = UM_STR_INIT;

        um_str_append(&text, s ? "filename,label\n" : "{");
        for (int i = 0; i < of->dfdc[s]; i++, person++) {
            const char *real = rp_text(p, "r%c%c.mp4", 'a' + person / 26, 'a' + person % 26);
            const char *fake = rp_text(p, "f%c%c.mp4", 'a' + person / 26, 'a' + person % 26);

            render(p, rp_text(p, "%s/%s/%s", root, folders[s], real), 301 + person, NULL, "20");
            render(p, rp_text(p, "%s/%s/%s", root, folders[s], fake), 301 + person,
                   twins[person % of->methods], "20");
            if (s)
                um_str_printf(&text, "%s,0\n%s,1\n", real, fake);
            else
                um_str_printf(&text,
                              "%s\"%s\": {\"label\": \"REAL\", \"split\": \"train\"},\n \"%s\": "
                              "{\"label\": \"FAKE\", \"split\": \"train\", \"original\": \"%s\"}",
                              i ? ",\n " : "", real, fake, real);
        }
        if (!s) um_str_append(&text, "}\n");
        if (um_str_status(&text) != UMCL_OK) p->failed = true;
        rp_file_add(p, rp_text(p, "%s/%s/%s", root, folders[s], s ? "labels.csv" : "metadata.json"),
                    text.text ? text.text : "");
        um_str_clear(&text);
    }
}

/* Every quality has a root of its own: a list is made again when something in its root is new. */
static const char *root_of(rp_protocol *p, rp_source source, const char *quality)
{
    static const char *const folders[] = {
        [RP_FFPP] = "ff++", [RP_DFD] = "dfd", [RP_CELEBDF] = "celeb-df", [RP_DFDC] = "dfdc"};

    return rp_text(p, "%s/material/%s%s%s", p->set->out, folders[source], quality ? "-" : "",
                   quality ? quality : "");
}

const char *rp_material(rp_protocol *p, rp_source source, const char *quality)
{
    const char *root = root_of(p, source, quality);

    switch (source) {
    case RP_FFPP: ffpp(p, root, quality); break;
    case RP_DFD: dfd(p, root, quality); break;
    case RP_CELEBDF: celeb(p, root); break;
    default: dfdc(p, root); break;
    }
    return root;
}

const char *rp_material_clip(rp_protocol *p, const char *quality)
{
    const scale *of = &scales[p->set->mini];
    int person = 2 * (of->pairs[0] + of->pairs[1]);
    const char *path = rp_text(p, "%s/original_sequences/youtube/%s/videos/%03d.mp4",
                               root_of(p, RP_FFPP, quality), quality, person);

    render(p, path, 1 + person, NULL, crf_of(quality));
    return path;
}
