/* Reading the extraction cache. */
#include "data/track_store.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/safetensors.h"
#include "base/str.h"

static umcl_status track_file(um_str *path, const char *cache, const char *name)
{
    um_str_printf(path, "%s/%s/tracks.safetensors", cache, name);
    return um_str_status(path);
}

static umcl_status check_recipe(const um_st_file *file, const char *path)
{
    const char *recipe = um_st_meta(file, "recipe");

    if (recipe && !strcmp(recipe, UM_STORE_RECIPE)) return UMCL_OK;
    return um_fail(UMCL_ERR_MISMATCH, "%s: expected a cache made by \"%s\", found \"%s\"", path,
                   UM_STORE_RECIPE, recipe ? recipe : "no recipe");
}

/* The number of the track whose landmarks a tensor holds; -1: it holds something else. */
static int track_of(const char *tensor)
{
    char *rest;
    long id;

    if (!um_str_starts(tensor, "track")) return -1;
    id = strtol(tensor + strlen("track"), &rest, 10);
    return id < 0 || id > INT_MAX || strcmp(rest, ".landmarks") ? -1 : (int)id;
}

static bool has_crops(const um_st_file *file, const char *cache, const char *name)
{
    um_str path = UM_STR_INIT;
    bool all = true;

    for (size_t i = 0; i < um_st_count(file) && all; i++) {
        int id = track_of(um_st_at(file, i)->name);

        if (id < 0) continue;
        um_str_clear(&path);
        um_str_printf(&path, "%s/%s/track%d.mp4", cache, name, id);
        all = um_str_status(&path) == UMCL_OK && um_is_file(path.text);
    }
    um_str_clear(&path);
    return all;
}

bool um_store_has(const char *cache, const char *name, bool crops)
{
    um_str path = UM_STR_INIT;
    um_st_file *file = NULL;
    bool there =
        track_file(&path, cache, name) == UMCL_OK && um_st_read(&file, path.text) == UMCL_OK &&
        check_recipe(file, path.text) == UMCL_OK && (!crops || has_crops(file, cache, name));

    um_st_free(file);
    um_str_clear(&path);
    return there;
}

static const um_st_tensor *part(const um_st_file *file, int id, const char *what)
{
    char name[64];

    snprintf(name, sizeof name, "track%d.%s", id, what);
    return um_st_find(file, name);
}

static umcl_status read_track(um_stored_track *t, const um_st_file *file, int id, const char *path)
{
    const um_st_tensor *lm = part(file, id, "landmarks"), *times = part(file, id, "times");
    const um_st_tensor *bridged = part(file, id, "bridged"), *crops = part(file, id, "crops");

    if (!lm || !times || !bridged || !crops || lm->rank != 3 || lm->dim[1] != UM_N_LANDMARKS ||
        lm->dim[2] != 2 || times->count != (size_t)lm->dim[0] || bridged->count != times->count ||
        bridged->type != UM_ST_U8 || lm->type != UM_ST_F32 || times->type != UM_ST_F32 ||
        crops->type != UM_ST_F32 || crops->count != 4 * times->count)
        return um_fail(UMCL_ERR_FORMAT, "%s: track %d is incomplete or mis-shaped", path, id);
    t->id = id;
    t->n_frames = times->count;
    UM_TRY(um_calloc(&t->landmarks, t->n_frames, sizeof *t->landmarks));
    UM_TRY(um_calloc(&t->times, t->n_frames, sizeof *t->times));
    UM_TRY(um_calloc(&t->crops, t->n_frames, sizeof *t->crops));
    UM_TRY(um_calloc(&t->bridged, t->n_frames, 1));
    memcpy(t->landmarks, lm->data, lm->bytes);
    memcpy(t->times, times->data, times->bytes);
    memcpy(t->crops, crops->data, crops->bytes);
    memcpy(t->bridged, bridged->data, bridged->bytes);
    for (size_t i = 0; i < t->n_frames; i++)
        if (!um_landmarks_plausible(&t->landmarks[i]))
            return um_fail(UMCL_ERR_FORMAT, "%s: track %d, frame %zu: no plausible landmarks", path,
                           id, i);
    return UMCL_OK;
}

umcl_status um_store_read(um_stored_video *out, const char *cache, const char *name)
{
    um_str path = UM_STR_INIT;
    um_st_file *file = NULL;
    umcl_status st;

    *out = (um_stored_video){0};
    UM_CHECK(track_file(&path, cache, name));
    UM_CHECK(um_st_read(&file, path.text));
    UM_CHECK(check_recipe(file, path.text));
    out->name = strdup(name);
    UM_CHECK(um_calloc(&out->tracks, um_st_count(file), sizeof *out->tracks));
    for (size_t i = 0; i < um_st_count(file); i++) {
        int id = track_of(um_st_at(file, i)->name);

        if (id >= 0) UM_CHECK(read_track(&out->tracks[out->n_tracks++], file, id, path.text));
    }
done:
    um_st_free(file);
    um_str_clear(&path);
    if (st != UMCL_OK) um_stored_video_clear(out);
    return st;
}

void um_stored_video_clear(um_stored_video *video)
{
    for (size_t i = 0; i < video->n_tracks; i++) {
        free(video->tracks[i].landmarks);
        free(video->tracks[i].times);
        free(video->tracks[i].crops);
        free(video->tracks[i].bridged);
    }
    free(video->tracks);
    free(video->name);
    *video = (um_stored_video){0};
}
