#include "data/pulse_clips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/mem.h"
#include "data/clip_codec.h"
#include "data/pseudo_mask.h"
#include "data/pulse_edit.h"
#include "data/synth.h"
#include "data/track_crops.h"
#include "media/h264_loss.h"
#include "model/heart_rate.h"

#define SCENE 192         /* side of a rendered picture */
#define TRIES 50          /* pieces of recordings that are looked at for one with a rate */
#define LATEST_FRAME 1800 /* rendered clips begin within the first minute */

void um_pulse_clip_clear(um_pulse_clip *clip)
{
    um_face_clip_clear(&clip->face);
    free(clip->wave);
    *clip = (um_pulse_clip){0};
}

umcl_status um_pulse_source_add_cache(um_pulse_source *source, const char *cache)
{
    um_dir dir = {0};
    umcl_status st;

    UM_CHECK(um_dir_read(&dir, cache));
    UM_CHECK(um_calloc(&source->videos, dir.count, sizeof *source->videos));
    for (size_t i = 0; i < dir.count; i++)
        if (um_store_has(cache, dir.names[i], false))
            UM_CHECK(um_store_read(&source->videos[source->n_videos++], cache, dir.names[i]));
    source->cache = strdup(cache);
    if (!source->cache) st = um_fail(UMCL_ERR_NOMEM, "out of memory");
    if (!source->n_videos)
        st = um_fail(UMCL_ERR_NOT_FOUND, "%s: expected extracted videos, found none", cache);
done:
    um_dir_clear(&dir);
    return st;
}

umcl_status um_pulse_source_add_data(um_pulse_source *source, const char *root, const char *cache)
{
    size_t tracks = 0;

    UM_TRY(um_pulse_data_read(&source->data, root));
    UM_TRY(um_pulse_data_follow(&source->data, cache));
    for (size_t i = 0; i < source->data.count; i++) tracks += source->data.items[i].faces.n_tracks;
    if (!tracks)
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected faces in its recordings, found none%s%s",
                       root, source->data.missing.count ? "; " : "",
                       source->data.missing.count ? source->data.missing.text[0] : "");
    source->data_cache = strdup(cache);
    return source->data_cache ? UMCL_OK : um_fail(UMCL_ERR_NOMEM, "out of memory");
}

void um_pulse_source_clear(um_pulse_source *source)
{
    for (size_t i = 0; i < source->n_videos; i++) um_stored_video_clear(&source->videos[i]);
    free(source->videos);
    free(source->cache);
    um_pulse_data_clear(&source->data);
    free(source->data_cache);
    *source = (um_pulse_source){0};
}

static double draw_level(const um_pulse_source *s, um_rng *rng)
{
    return s->strength * exp2(um_rng_range(rng, -1, 1));
}

static um_synth_options draw_scene(const um_pulse_source *s, um_rng *rng)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    uint64_t people = um_rng_new(s->held_out, "rendered people").key;

    o.width = o.height = SCENE;
    o.seed = um_rng_at(people, um_rng_below(rng, (size_t)s->people));
    o.face_px = um_rng_range(rng, 70, 105);
    o.motion = um_rng_range(rng, 0, 1.5);
    o.talk = um_rng_below(rng, 2) ? 1 : 0;
    o.pulse_bpm = um_rng_range(rng, UM_PULSE_LEAST_BPM, UM_PULSE_MOST_BPM);
    o.pulse_strength = draw_level(s, rng);
    o.pulse_variation = um_rng_range(rng, 0, 0.03);
    o.light_drift = um_rng_range(rng, 0, 2);
    o.noise = um_rng_range(rng, 0.5, 3);
    return o;
}

/* Rendered pictures with their truth, before they are cropped. */
static umcl_status draw_pictures(um_image *pictures, um_pulse_clip *out, const um_synth_options *o,
                                 int64_t first)
{
    um_synth *synth;
    umcl_status st;

    UM_TRY(um_synth_new(&synth, o));
    for (size_t i = 0; i < out->face.n; i++) {
        int64_t at = first + (int64_t)i;

        UM_CHECK(um_image_new(&pictures[i], o->width, o->height, 3));
        UM_CHECK(um_synth_frame(synth, at, &pictures[i]));
        um_synth_landmarks(synth, at, 0, (float *)out->face.landmarks[i].p);
        out->wave[i] = (float)um_synth_pulse(synth, at, 0);
    }
done:
    um_synth_free(synth);
    return st;
}

static umcl_status crop_pictures(um_face_clip *clip, const um_image *pictures)
{
    um_crop_filter filter = UM_CROP_FILTER_INIT;

    for (size_t i = 0; i < clip->n; i++) {
        um_landmarks *lm = &clip->landmarks[i];
        um_image crop = um_face_clip_crop(clip, i);
        um_box square = um_crop_filter_step(&filter, um_landmarks_face_box(lm));

        UM_TRY(um_image_resample(&crop, &pictures[i], square));
        um_landmarks_in_crop(lm, lm, square);
    }
    return UMCL_OK;
}

/* `crf` 0: nothing is lost. */
static umcl_status render(const um_pulse_source *s, um_pulse_clip *out, int crf, um_rng *rng)
{
    um_synth_options o = draw_scene(s, rng);
    size_t n = out->face.n;
    um_image *pictures;
    umcl_status st;

    out->bpm = o.pulse_bpm;
    UM_TRY(um_calloc(&pictures, n, sizeof *pictures));
    UM_CHECK(draw_pictures(pictures, out, &o, (int64_t)um_rng_below(rng, LATEST_FRAME)));
    if (crf) UM_CHECK(um_h264_loss(pictures, n, crf));
    st = crop_pictures(&out->face, pictures);
done:
    for (size_t i = 0; i < n; i++) um_image_clear(&pictures[i]);
    free(pictures);
    return st;
}

/* The track at place `*at` among those of `n` frames or more; NULL, and `*at` less their number,
 * where there are not so many. */
static const um_stored_track *find_track(const um_pulse_source *s, size_t n, size_t *at,
                                         const char **video)
{
    for (size_t v = 0; v < s->n_videos; v++)
        for (size_t t = 0; t < s->videos[v].n_tracks; t++) {
            if (s->videos[v].tracks[t].n_frames < n || (*at)--) continue;
            *video = s->videos[v].name;
            return &s->videos[v].tracks[t];
        }
    return NULL;
}

static size_t count_tracks(const um_pulse_source *s, size_t n)
{
    size_t at = SIZE_MAX;
    const char *video;

    find_track(s, n, &at, &video);
    return SIZE_MAX - at;
}

/* The whole face, which the pulse is in. */
static umcl_status draw_masks(um_face_clip *clip, um_rng *rng)
{
    um_mask_shape shape = um_mask_shape_draw(UM_MASK_FACE, 0.5f, rng);

    shape.ratio = 1;
    for (size_t i = 0; i < clip->n; i++) {
        um_image mask = um_face_clip_mask(clip, i);
        UM_TRY(um_pseudo_mask(&mask, &clip->landmarks[i], &shape));
    }
    return UMCL_OK;
}

static umcl_status replace_pulse(const um_pulse_source *s, um_pulse_clip *out, size_t n_tracks,
                                 um_rng *rng)
{
    um_pulse_edit edit = {.kind = UM_PULSE_REPLACED};
    size_t n = out->face.n, at = um_rng_below(rng, n_tracks), first;
    um_face_clip found = {0};
    const char *video = NULL;
    const um_stored_track *track = find_track(s, n, &at, &video);
    umcl_status st;

    out->bpm = um_rng_range(rng, UM_PULSE_LEAST_BPM, UM_PULSE_MOST_BPM);
    edit.bpm = (float)out->bpm;
    edit.level = (float)draw_level(s, rng);
    edit.phase = (float)um_rng_range(rng, 0, 2 * M_PI);
    edit.left = (float)um_rng_range(rng, 0, 0.3); /* not all disturbances go with the own pulse */
    first = um_rng_below(rng, track->n_frames - n + 1);
    UM_CHECK(um_track_crops_part(&found, s->cache, video, track, first, n));
    um_face_clip_copy(&out->face, &found);
    UM_CHECK(draw_masks(&out->face, rng));
    UM_CHECK(um_pulse_edit_apply(&edit, &out->face, um_rng_u64(rng)));
    for (size_t i = 0; i < n; i++) out->wave[i] = um_pulse_edit_beat(&edit, i);
done:
    um_face_clip_clear(&found);
    return st;
}

/* The recording and track at place `*at` among tracks of `n` frames or more; NULL as above. */
static const um_pulse_recording *find_recording(const um_pulse_source *s, size_t n, size_t *at,
                                                const um_stored_track **track)
{
    for (size_t v = 0; v < s->data.count; v++)
        for (size_t t = 0; t < s->data.items[v].faces.n_tracks; t++) {
            *track = &s->data.items[v].faces.tracks[t];
            if ((*track)->n_frames >= n && !(*at)--) return &s->data.items[v];
        }
    return NULL;
}

static size_t count_recordings(const um_pulse_source *s, size_t n)
{
    size_t at = SIZE_MAX;
    const um_stored_track *track;

    find_recording(s, n, &at, &track);
    return SIZE_MAX - at;
}

/* A piece of a recording; false where its wave has no rate, or does not reach that far. */
static umcl_status try_recording(const um_pulse_source *s, um_pulse_clip *out, size_t n_tracks,
                                 um_rng *rng, bool *good)
{
    size_t n = out->face.n, at = um_rng_below(rng, n_tracks), first;
    const um_stored_track *track = NULL;
    const um_pulse_recording *r = find_recording(s, n, &at, &track);
    um_face_clip found;
    um_heart_rate rate;

    *good = false;
    first = um_rng_below(rng, track->n_frames - n + 1);
    if (um_pulse_wave_at(out->wave, n, &r->wave, r->fps, (double)track->times[first],
                         (double)UM_CLIP_FPS) != UMCL_OK)
        return UMCL_OK;
    UM_TRY(um_heart_rate_read(&rate, out->wave, n, (double)UM_CLIP_FPS));
    if (!rate.reading) return UMCL_OK;
    UM_TRY(um_track_crops_part(&found, s->data_cache, r->name, track, first, n));
    um_face_clip_copy(&out->face, &found);
    um_face_clip_clear(&found);
    out->bpm = rate.bpm;
    *good = true;
    return UMCL_OK;
}

static umcl_status take_recording(const um_pulse_source *s, um_pulse_clip *out, size_t n_tracks,
                                  um_rng *rng)
{
    bool good = false;

    for (int i = 0; i < TRIES && !good; i++) UM_TRY(try_recording(s, out, n_tracks, rng, &good));
    if (!good)
        return um_fail(UMCL_ERR_INVALID,
                       "pulse clips: expected beats in the recordings' waves, found none in %d "
                       "pieces",
                       TRIES);
    return UMCL_OK;
}

/* 0: none. */
static int draw_crf(const um_pulse_source *s, um_rng *rng)
{
    bool codec = um_rng_uniform(rng) < s->codec;
    size_t at = um_rng_below(rng, (size_t)(s->crf[1] - s->crf[0]) + 1);

    return codec ? s->crf[0] + (int)at : 0;
}

umcl_status um_pulse_clip_draw(const void *source, um_pulse_clip *out, size_t n, uint64_t key)
{
    const um_pulse_source *s = source;
    size_t n_tracks = count_tracks(s, n), n_recorded = count_recordings(s, n);
    um_rng rng = {key, 0};
    bool cached = um_rng_uniform(&rng) < s->cached, mirror = um_rng_below(&rng, 2);
    bool measured = n_recorded && um_rng_uniform(&rng) < s->measured;
    int crf = draw_crf(s, &rng);
    umcl_status st;

    *out = (um_pulse_clip){0};
    if (!s->people && !n_tracks && !n_recorded)
        return um_fail(UMCL_ERR_INVALID,
                       "pulse clips: expected people to render or tracks of %zu frames", n);
    UM_CHECK(um_face_clip_new(&out->face, n, UM_CROP_SIDE, true));
    UM_CHECK(um_calloc(&out->wave, n, sizeof *out->wave));
    if (measured || (n_recorded && !s->people && !n_tracks)) {
        UM_CHECK(take_recording(s, out, n_recorded, &rng));
        if (crf) UM_CHECK(um_clip_compress(&out->face, crf));
    } else if (n_tracks && (cached || !s->people)) {
        UM_CHECK(replace_pulse(s, out, n_tracks, &rng));
        if (crf) UM_CHECK(um_clip_compress(&out->face, crf));
    } else {
        UM_CHECK(render(s, out, crf, &rng));
    }
    if (mirror) um_face_clip_mirror(&out->face);
done:
    if (st != UMCL_OK) um_pulse_clip_clear(out);
    return st;
}
