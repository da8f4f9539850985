#include "support_tracks.h"

#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/rng.h"
#include "media/video.h"
#include "model/lrnet.h"
#include "support_clip.h"
#include "support_tree.h"

static void write_crops(const char *cache, const char *name, const um_face_clip *clip, int shade)
{
    const um_video_writer_options o = {.width = 128, .height = 128, .fps = 30, .crf = 10};
    um_video_writer *w;
    um_image crop;
    char path[256];

    snprintf(path, sizeof path, "%s/%s", cache, name);
    assert_ok(um_mkdirs(path));
    snprintf(path, sizeof path, "%s/%s/track1.mp4", cache, name);
    assert_ok(um_video_writer_open(&w, path, &o));
    assert_ok(um_image_new(&crop, 128, 128, 3));
    for (size_t i = 0; i < clip->n; i++) {
        um_image from = um_face_clip_crop(clip, i);

        for (int y = 0; y < 128; y++)
            for (int x = 0; x < 128 * 3; x++)
                crop.data[y * (int)crop.stride + x] =
                    (uint8_t)(from.data[y * (int)from.stride + x] * (255 - shade) / 255);
        assert_ok(um_video_writer_add(w, &crop));
    }
    assert_ok(um_video_writer_finish(w));
    um_image_clear(&crop);
}

static void fill_track(um_stored_track *t, const um_face_clip *clip, size_t n, bool fake,
                       uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "made-up track");

    *t = (um_stored_track){.id = 1, .n_frames = n};
    t->landmarks = calloc(n, sizeof *t->landmarks);
    t->times = calloc(n, sizeof *t->times);
    t->crops = calloc(n, sizeof *t->crops);
    t->bridged = calloc(n, 1);
    for (size_t i = 0; i < n; i++) {
        t->times[i] = (float)i / 30;
        t->crops[i] = (um_box){50, 60, 306, 316};
        for (int k = 0; k < UM_N_LANDMARKS; k++) {
            const float *p = clip->landmarks[i].p[k];
            double tremble = fake ? 4 : 0.1;

            t->landmarks[i].p[k][0] = (float)(50 + 2 * p[0] + tremble * um_rng_normal(&rng));
            t->landmarks[i].p[k][1] = (float)(60 + 2 * p[1] + tremble * um_rng_normal(&rng));
        }
    }
}

void tracks_make(made_tracks *out, size_t n, size_t n_frames, const char *cache)
{
    um_face_clip clip = clip_of_face(n_frames, 128, false);

    *out = (made_tracks){.n = n};
    for (size_t i = 0; i < n; i++) {
        snprintf(out->names[i], sizeof out->names[i], "v%u", (unsigned)i);
        fill_track(&out->stored[i], &clip, n_frames, i % 2, i);
        out->tracks[i] =
            (um_take_track){cache ? cache : "", out->names[i], &out->stored[i], i % 2, i, i};
        if (cache) write_crops(cache, out->names[i], &clip, 20 * (int)i);
    }
    um_face_clip_clear(&clip);
}

void tracks_clear(made_tracks *t)
{
    if (t->n && *t->tracks[0].cache) tree_remove(t->tracks[0].cache);
    for (size_t i = 0; i < t->n; i++) {
        free(t->stored[i].landmarks);
        free(t->stored[i].times);
        free(t->stored[i].crops);
        free(t->stored[i].bridged);
    }
    *t = (made_tracks){0};
}

um_take_store store_of_random(size_t n, int window, um_modalities frozen)
{
    um_take_store s = {.n = n, .options = UM_TAKE_OPTIONS_INIT};
    size_t row = (size_t)window * UM_LRNET_INPUTS;

    s.options.window = window;
    s.options.crop_step = 0;
    s.landmarks = calloc(n * row, sizeof *s.landmarks);
    for (size_t i = 0; i < n * row; i++) {
        um_rng rng = {um_rng_at(5, i), 0};
        double smooth = 0.5 * sin((double)(i % UM_LRNET_INPUTS) + 0.1 * (double)(i % row) / 136);

        s.landmarks[i] = (float)(smooth + (i / row % 2 ? 0.1 : 0.001) * um_rng_normal(&rng));
    }
    for (int k = 0; k < UM_N_MODALITIES; k++)
        for (int v = 0; v < UM_N_VIEWS && um_has(frozen, (um_modality_kind)k); v++) {
            size_t count = n * (size_t)um_modality_get((um_modality_kind)k)->body;
            um_rng rng = um_rng_new((uint64_t)(2 * k + v), "bodies");

            s.body[k][v] = calloc(count, sizeof(float));
            for (size_t i = 0; i < count; i++) s.body[k][v][i] = (float)um_rng_normal(&rng);
        }
    return s;
}

void assert_same_params(const um_params *a, const um_params *b)
{
    assert_int_equal(um_params_count(a), um_params_count(b));
    for (size_t i = 0; i < um_params_count(a); i++) {
        const um_param *p = um_params_at(a, i), *q = um_params_at(b, i);

        assert_string_equal(p->name, q->name);
        if (memcmp(um_f32(&p->value), um_f32(&q->value), um_tensor_bytes(&p->value)) != 0)
            fail_msg("%s differs", p->name);
    }
}
