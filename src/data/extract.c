/* Writing the extraction cache: one video into one folder. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/safetensors.h"
#include "base/str.h"
#include "data/track_store.h"

/* A track that is being followed or is done. */
typedef struct growing {
    um_stored_track track;
    size_t cap;
    um_video_writer *crops;
} growing;

typedef struct extraction {
    const um_extract_options *options;
    const char *folder; /* the temporary one */
    growing *tracks;
    size_t n_tracks, cap;
} extraction;

static umcl_status start_track(extraction *x, growing **out, int id)
{
    um_str path = UM_STR_INIT;
    growing *g;
    umcl_status st = UMCL_OK;

    if (x->n_tracks == x->cap) {
        size_t cap = x->cap ? 2 * x->cap : 4;
        UM_TRY(um_realloc(&x->tracks, cap, sizeof *x->tracks));
        x->cap = cap;
    }
    g = &x->tracks[x->n_tracks++];
    *g = (growing){.track.id = id};
    *out = g;
    if (!x->options->crops) return UMCL_OK;
    const um_video_writer_options writer = {
        .width = UM_CROP_SIDE, .height = UM_CROP_SIDE, .fps = 30, .crf = x->options->crf};
    um_str_printf(&path, "%s/track%d.mp4", x->folder, id);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_video_writer_open(&g->crops, path.text, &writer));
done:
    um_str_clear(&path);
    return st;
}

static umcl_status grow(growing *g)
{
    um_stored_track *t = &g->track;
    size_t cap = g->cap ? 2 * g->cap : 256;

    if (t->n_frames < g->cap) return UMCL_OK;
    UM_TRY(um_realloc(&t->landmarks, cap, sizeof *t->landmarks));
    UM_TRY(um_realloc(&t->times, cap, sizeof *t->times));
    UM_TRY(um_realloc(&t->crops, cap, sizeof *t->crops));
    UM_TRY(um_realloc(&t->bridged, cap, 1));
    g->cap = cap;
    return UMCL_OK;
}

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    extraction *x = user;
    growing *g = NULL;
    um_stored_track *t;

    for (size_t i = x->n_tracks; i-- > 0 && !g;)
        if (x->tracks[i].track.id == f->track) g = &x->tracks[i];
    if (!g) UM_TRY(start_track(x, &g, f->track));
    UM_TRY(grow(g));
    t = &g->track;
    t->landmarks[t->n_frames] = f->calibrated;
    t->times[t->n_frames] = (float)f->time;
    t->crops[t->n_frames] = f->crop_box;
    t->bridged[t->n_frames++] = f->bridged;
    return g->crops ? um_video_writer_add(g->crops, f->crop) : UMCL_OK;
}

static umcl_status on_end(void *user, int track, um_track_end why)
{
    extraction *x = user;

    (void)why;
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->tracks[i].track.id == track && x->tracks[i].crops) {
            um_video_writer *w = x->tracks[i].crops;
            x->tracks[i].crops = NULL;
            return um_video_writer_finish(w);
        }
    return UMCL_OK;
}

static umcl_status follow(extraction *x, um_video *video, um_face_nets *nets)
{
    const um_face_models models = um_face_nets_models(nets);
    const um_face_sink sink = {x, on_frame, on_end, NULL};
    um_face_stream_options options = UM_FACE_STREAM_OPTIONS_INIT;
    um_face_stream *stream = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    options.crops = x->options->crops;
    UM_CHECK(um_face_stream_new(&stream, &models, &options, &sink));
    for (;;) {
        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        if (x->options->change) UM_CHECK(x->options->change(x->options->user, &frame));
        UM_CHECK(um_face_stream_push(stream, frame));
        um_frame_unref(frame);
        frame = NULL;
    }
    UM_CHECK(um_face_stream_finish(stream));
done:
    um_frame_unref(frame);
    um_face_stream_free(stream);
    return st;
}

static umcl_status add_track(um_st_writer *w, const um_stored_track *t)
{
    const int64_t dim[] = {(int64_t)t->n_frames, UM_N_LANDMARKS, 2};
    const int64_t box_dim[] = {(int64_t)t->n_frames, 4};
    char name[64];

    snprintf(name, sizeof name, "track%d.landmarks", t->id);
    UM_TRY(um_st_writer_add(w, name, UM_ST_F32, 3, dim, t->landmarks));
    snprintf(name, sizeof name, "track%d.times", t->id);
    UM_TRY(um_st_writer_add(w, name, UM_ST_F32, 1, dim, t->times));
    snprintf(name, sizeof name, "track%d.crops", t->id);
    UM_TRY(um_st_writer_add(w, name, UM_ST_F32, 2, box_dim, t->crops));
    snprintf(name, sizeof name, "track%d.bridged", t->id);
    return um_st_writer_add(w, name, UM_ST_U8, 1, dim, t->bridged);
}

static umcl_status write_tracks(const extraction *x, const char *source)
{
    um_str path = UM_STR_INIT;
    um_st_writer *w = NULL;
    umcl_status st;

    um_str_printf(&path, "%s/tracks.safetensors", x->folder);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_st_writer_new(&w));
    UM_CHECK(um_st_writer_meta(w, "recipe", UM_STORE_RECIPE));
    UM_CHECK(um_st_writer_meta(w, "source", source));
    for (size_t i = 0; i < x->n_tracks; i++) UM_CHECK(add_track(w, &x->tracks[i].track));
    UM_CHECK(um_st_write(w, path.text));
done:
    um_st_writer_free(w);
    um_str_clear(&path);
    return st;
}

/* Folders of the cache hold files alone. */
static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);

    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) unlinkat(dirfd(dir), e->d_name, 0);
    closedir(dir);
    rmdir(folder);
}

static void close_extraction(extraction *x)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        um_video_writer_abort(x->tracks[i].crops);
        free(x->tracks[i].track.landmarks);
        free(x->tracks[i].track.times);
        free(x->tracks[i].track.crops);
        free(x->tracks[i].track.bridged);
    }
    free(x->tracks);
}

umcl_status um_extract(const char *video_path, const char *cache, const char *name,
                       um_face_nets *nets, const um_extract_options *options)
{
    um_video_options video_options = UM_VIDEO_OPTIONS_INIT;
    um_str temp = UM_STR_INIT, final = UM_STR_INIT;
    extraction x = {.options = options};
    um_video *video = NULL;
    umcl_status st;

    um_str_printf(&temp, "%s/.%s.partial", cache, name);
    um_str_printf(&final, "%s/%s", cache, name);
    UM_CHECK(um_str_status(&temp));
    UM_CHECK(um_str_status(&final));
    remove_folder(temp.text);
    UM_CHECK(um_mkdirs(temp.text));
    x.folder = temp.text;
    video_options.threads = options->threads;
    UM_CHECK(um_video_open(&video, video_path, &video_options));
    UM_CHECK(follow(&x, video, nets));
    UM_CHECK(write_tracks(&x, video_path));
    remove_folder(final.text);
    if (rename(temp.text, final.text) != 0)
        st = um_fail(UMCL_ERR_IO, "%s: cannot rename it onto %s", temp.text, final.text);
done:
    close_extraction(&x);
    um_video_close(video);
    if (st != UMCL_OK && temp.text) remove_folder(temp.text);
    um_str_clear(&temp);
    um_str_clear(&final);
    return st;
}
