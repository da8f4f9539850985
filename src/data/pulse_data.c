#include "data/pulse_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "media/video.h"

#define DEPTH 5
#define MAX_WAVE_BYTES ((size_t)256 << 20)
#define PURE_FPS 30.0
#define PURE_CRF 8 /* of the file that its pictures become while they are followed */

typedef struct walk {
    um_pulse_data *out;
    const char *root;
} walk;

static void clear_recording(um_pulse_recording *r)
{
    free(r->name);
    free(r->path);
    um_pulse_wave_clear(&r->wave);
    um_stored_video_clear(&r->faces);
    *r = (um_pulse_recording){0};
}

void um_pulse_data_clear(um_pulse_data *d)
{
    for (size_t i = 0; i < d->count; i++) clear_recording(&d->items[i]);
    free(d->items);
    um_names_clear(&d->missing);
    *d = (um_pulse_data){0};
}

static umcl_status join(um_str *out, const char *folder, const char *name)
{
    *out = UM_STR_INIT;
    um_str_printf(out, "%s/%s", folder, name);
    return um_str_status(out);
}

static bool has(const char *folder, const char *name)
{
    um_str path;
    bool there = join(&path, folder, name) == UMCL_OK && um_is_file(path.text);

    um_str_clear(&path);
    return there;
}

static umcl_status note(um_pulse_data *d, const char *folder, const char *what)
{
    um_str s = UM_STR_INIT;
    umcl_status st;

    um_str_printf(&s, "%s: %s", folder, what);
    UM_CHECK(um_str_status(&s));
    st = um_names_add(&d->missing, s.text, NULL);
done:
    um_str_clear(&s);
    return st;
}

static umcl_status one_word(char **out, const char *root, const char *folder)
{
    const char *rest = folder + strlen(root);

    while (*rest == '/') rest++;
    *out = strdup(*rest ? rest : "recording");
    if (!*out) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    for (char *c = *out; *c; c++)
        if (*c == '/') *c = '_';
    return UMCL_OK;
}

static umcl_status read_wave(um_pulse_recording *r, const char *path)
{
    char *bytes = NULL;
    size_t n;
    umcl_status st;

    UM_TRY(um_file_read(&bytes, &n, path, MAX_WAVE_BYTES));
    st = um_pulse_wave_parse(&r->wave, r->layout, path, bytes, n);
    free(bytes);
    return st;
}

static umcl_status read_frame_times(um_pulse_recording *r, const char *folder)
{
    char *bytes = NULL;
    um_str path;
    size_t n;
    umcl_status st;

    if (!has(folder, "time.txt")) return UMCL_OK;
    UM_CHECK(join(&path, folder, "time.txt"));
    UM_CHECK(um_file_read(&bytes, &n, path.text, MAX_WAVE_BYTES));
    st = um_pulse_frames_parse(&r->wave, path.text, bytes, n);
done:
    free(bytes);
    um_str_clear(&path);
    return st;
}

static umcl_status read_rate(um_pulse_recording *r)
{
    const um_video_options as_is = {0};
    um_video *video;

    r->fps = PURE_FPS;
    if (r->layout == UM_PULSE_LAYOUT_PURE) return UMCL_OK;
    UM_TRY(um_video_open(&video, r->path, &as_is));
    r->fps = um_video_get_info(video)->fps;
    um_video_close(video);
    return UMCL_OK;
}

/* Takes `r`, or tells why not. */
static umcl_status add(walk *w, const char *folder, um_pulse_layout layout, const char *video,
                       const char *wave)
{
    um_pulse_recording r = {.layout = layout};
    umcl_status st;

    UM_CHECK(one_word(&r.name, w->root, folder));
    r.path = strdup(video);
    if (!r.path) UM_CHECK(um_fail(UMCL_ERR_NOMEM, "out of memory"));
    st = read_wave(&r, wave);
    if (st == UMCL_OK && layout == UM_PULSE_LAYOUT_VIPL) st = read_frame_times(&r, folder);
    if (st == UMCL_OK) st = read_rate(&r);
    if (st != UMCL_OK && st != UMCL_ERR_NOMEM) {
        st = um_names_add(&w->out->missing, umcl_last_error(), NULL);
        goto done;
    }
    UM_CHECK(st);
    UM_CHECK(um_realloc(&w->out->items, w->out->count + 1, sizeof *w->out->items));
    w->out->items[w->out->count++] = r;
    return UMCL_OK;
done:
    clear_recording(&r);
    return st;
}

static umcl_status add_pair(walk *w, const char *folder, um_pulse_layout layout, const char *video,
                            const char *wave)
{
    um_str a, b = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(join(&a, folder, video));
    UM_CHECK(join(&b, folder, wave));
    st = add(w, folder, layout, a.text, b.text);
done:
    um_str_clear(&a);
    um_str_clear(&b);
    return st;
}

/* NAME.json lies in the folder of pictures NAME, or beside it. */
static umcl_status add_pictures(walk *w, const char *folder)
{
    const char *name = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
    um_str inside = UM_STR_INIT, beside = UM_STR_INIT;
    umcl_status st;

    um_str_printf(&inside, "%s/%s.json", folder, name);
    um_str_printf(&beside, "%s.json", folder);
    UM_CHECK(um_str_status(&inside));
    UM_CHECK(um_str_status(&beside));
    if (um_is_file(inside.text))
        st = add(w, folder, UM_PULSE_LAYOUT_PURE, folder, inside.text);
    else if (um_is_file(beside.text))
        st = add(w, folder, UM_PULSE_LAYOUT_PURE, folder, beside.text);
    else
        st = note(w->out, folder, "pictures without their JSON file");
done:
    um_str_clear(&inside);
    um_str_clear(&beside);
    return st;
}

static umcl_status look_at(walk *w, const char *folder)
{
    bool ubfc = has(folder, "vid.avi"), vipl = has(folder, "video.avi");

    if (um_str_ends(folder, "/source4")) return UMCL_OK;
    if (has(folder, "ground_truth.txt"))
        return ubfc ? add_pair(w, folder, UM_PULSE_LAYOUT_UBFC2, "vid.avi", "ground_truth.txt")
                    : note(w->out, folder, "ground_truth.txt without vid.avi");
    if (has(folder, "gtdump.xmp"))
        return ubfc ? add_pair(w, folder, UM_PULSE_LAYOUT_UBFC1, "vid.avi", "gtdump.xmp")
                    : note(w->out, folder, "gtdump.xmp without vid.avi");
    if (ubfc) return note(w->out, folder, "vid.avi without ground_truth.txt or gtdump.xmp");
    if (has(folder, "wave.csv"))
        return vipl ? add_pair(w, folder, UM_PULSE_LAYOUT_VIPL, "video.avi", "wave.csv")
                    : note(w->out, folder, "wave.csv without video.avi");
    return vipl ? note(w->out, folder, "video.avi without wave.csv") : UMCL_OK;
}

static umcl_status visit(walk *w, const char *folder, int depth) // NOLINT(misc-no-recursion)
{
    um_dir dir = {0};
    bool pictures = false;
    umcl_status st;

    UM_CHECK(um_dir_read(&dir, folder));
    UM_CHECK(look_at(w, folder));
    for (size_t i = 0; i < dir.count; i++) {
        um_str path;

        if (um_str_ends(dir.names[i], ".png")) {
            pictures = true;
            continue;
        }
        UM_CHECK(join(&path, folder, dir.names[i]));
        st = depth < DEPTH && um_is_dir(path.text) ? visit(w, path.text, depth + 1) : UMCL_OK;
        um_str_clear(&path);
        UM_CHECK(st);
    }
    if (pictures) UM_CHECK(add_pictures(w, folder));
done:
    um_dir_clear(&dir);
    return st;
}

umcl_status um_pulse_data_read(um_pulse_data *out, const char *root)
{
    walk w = {out, root};
    umcl_status st;

    *out = (um_pulse_data){0};
    UM_CHECK(visit(&w, root, 0));
    if (!out->count)
        st =
            um_fail(UMCL_ERR_NOT_FOUND,
                    "%s: expected recordings of UBFC-rPPG, PURE or VIPL-HR, found none%s%s", root,
                    out->missing.count ? "; " : "", out->missing.count ? out->missing.text[0] : "");
done:
    if (st != UMCL_OK) um_pulse_data_clear(out);
    return st;
}

/* The pictures of a folder as a video. */
static umcl_status film(const char *folder, const char *path)
{
    um_video_writer_options o = {.fps = PURE_FPS, .crf = PURE_CRF};
    um_video_writer *writer = NULL, *finished;
    um_image picture = {0};
    um_dir dir = {0};
    um_str name = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_dir_read(&dir, folder));
    for (size_t i = 0; i < dir.count; i++) {
        if (!um_str_ends(dir.names[i], ".png")) continue;
        UM_CHECK(join(&name, folder, dir.names[i]));
        UM_CHECK(um_image_read(&picture, name.text));
        um_str_clear(&name);
        o.width = picture.width;
        o.height = picture.height;
        if (!writer) UM_CHECK(um_video_writer_open(&writer, path, &o));
        UM_CHECK(um_video_writer_add(writer, &picture));
        um_image_clear(&picture);
    }
    finished = writer;
    writer = NULL;
    st = um_video_writer_finish(finished);
done:
    um_video_writer_abort(writer);
    um_image_clear(&picture);
    um_str_clear(&name);
    um_dir_clear(&dir);
    return st;
}

static umcl_status follow(const um_pulse_recording *r, const char *cache, um_face_nets *nets)
{
    const um_extract_options o = UM_EXTRACT_OPTIONS_INIT;
    um_str video = UM_STR_INIT;
    umcl_status st;

    if (r->layout != UM_PULSE_LAYOUT_PURE) return um_extract(r->path, cache, r->name, nets, &o);
    UM_CHECK(um_mkdirs(cache));
    um_str_printf(&video, "%s/%s.film.mp4", cache, r->name);
    UM_CHECK(um_str_status(&video));
    UM_CHECK(film(r->path, video.text));
    st = um_extract(video.text, cache, r->name, nets, &o);
done:
    if (video.text) remove(video.text);
    um_str_clear(&video);
    return st;
}

umcl_status um_pulse_data_follow(um_pulse_data *d, const char *cache)
{
    const um_face_nets_options options = UM_FACE_NETS_VIDEO;
    um_face_nets *nets = NULL;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < d->count; i++) {
        um_pulse_recording *r = &d->items[i];

        st = UMCL_OK;
        if (!um_store_has(cache, r->name, true)) {
            if (!nets) UM_CHECK(um_face_nets_open(&nets, &options));
            st = follow(r, cache, nets);
        }
        if (st == UMCL_OK) st = um_store_read(&r->faces, cache, r->name);
        if (st == UMCL_ERR_NOMEM) goto done;
        if (st != UMCL_OK) UM_CHECK(um_names_add(&d->missing, umcl_last_error(), NULL));
        st = UMCL_OK;
    }
done:
    um_face_nets_free(nets);
    return st;
}
