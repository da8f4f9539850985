/* Clips with a known pulse: the pulse is in the skin as the truth says, in rendered and in cached
   faces, and a clip is a function of its key. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/safetensors.h"
#include "data/pulse_clips.h"
#include "data/track_crops.h"
#include "media/video.h"
#include "support_clip.h"
#include "support_tree.h"

enum { N = 64, SIDE = UM_CROP_SIDE, TRACK = 72 };

#define CACHE "pulse_clips.cache"

/* Correlation of the green in the face's middle, turned over, with the truth. */
static double seen(const um_pulse_clip *clip)
{
    double x[N], mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < N; i++) {
        const uint8_t *p = um_face_clip_crop(&clip->face, i).data;
        x[i] = 0;
        for (int r = 44; r < 84; r++)
            for (int c = 44; c < 84; c++) x[i] -= p[3 * (r * SIDE + c) + 1] / 1600.0;
        mx += x[i] / N;
        my += (double)clip->wave[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        double y = (double)clip->wave[i] - my;
        xx += (x[i] - mx) * (x[i] - mx);
        yy += y * y;
        xy += (x[i] - mx) * y;
    }
    return xy / sqrt(xx * yy);
}

static um_pulse_clip draw(const um_pulse_source *source, uint64_t key)
{
    um_pulse_clip clip;

    assert_ok(um_pulse_clip_draw(source, &clip, N, key));
    assert_int_equal(clip.face.n, N);
    assert_int_equal(clip.face.side, SIDE);
    assert_true(clip.bpm >= UM_PULSE_LEAST_BPM && clip.bpm < UM_PULSE_MOST_BPM);
    return clip;
}

/* Mean over some clips; at ten times the usual strength little hides the pulse. */
static double mean_seen(const um_pulse_source *source)
{
    double sum = 0;

    for (uint64_t key = 0; key < 5; key++) {
        um_pulse_clip clip = draw(source, key);
        sum += seen(&clip) / 5;
        um_pulse_clip_clear(&clip);
    }
    return sum;
}

static void rendered_skin_has_the_pulse(void **state)
{
    const um_pulse_source strong = {.people = 100, .strength = 10}, none = {.people = 100};
    um_pulse_clip clip = draw(&strong, 7);
    double with = mean_seen(&strong), without = mean_seen(&none);

    (void)state;
    if (!(with > 0.8 && fabs(without) < 0.5)) fail_msg("correlation %g and %g", with, without);
    for (size_t i = 0; i < N; i++) { /* the face fills the crop as everywhere else */
        um_box box = um_landmarks_face_box(&clip.face.landmarks[i]);
        float size = fmaxf(um_box_width(box), um_box_height(box));
        assert_float_equal(size, SIDE / UM_CROP_SCALE, 6);
        assert_float_equal((box.x0 + box.x1) / 2, SIDE / 2, 8);
        assert_float_equal((box.y0 + box.y1) / 2, SIDE / 2, 8);
    }
    um_pulse_clip_clear(&clip);
}

static void a_clip_is_a_function_of_its_key(void **state)
{
    const um_pulse_source source = {.people = 100, .strength = 1};
    um_pulse_source others = source;
    um_pulse_clip a = draw(&source, 1), b = draw(&source, 1), c = draw(&source, 2), d;

    (void)state;
    others.held_out = true;
    d = draw(&others, 1);
    assert_true(clip_equal(&a.face, &b.face));
    assert_memory_equal(a.wave, b.wave, N * sizeof *a.wave);
    assert_true(a.bpm == b.bpm);
    assert_false(clip_equal(&a.face, &c.face));
    assert_true(a.bpm != c.bpm);
    assert_false(clip_equal(&a.face, &d.face)); /* all as in `a`, but another person */
    assert_true(a.bpm == d.bpm);
    um_pulse_clip_clear(&a);
    um_pulse_clip_clear(&b);
    um_pulse_clip_clear(&c);
    um_pulse_clip_clear(&d);
}

static double difference(const um_pulse_clip *a, const um_pulse_clip *b)
{
    size_t bytes = (size_t)N * SIDE * SIDE * 3;
    double sum = 0;

    for (size_t i = 0; i < bytes; i++) sum += abs(a->face.rgb[i] - b->face.rgb[i]);
    return sum / (double)bytes;
}

/* One clip in three qualities; its truth stays. */
static void compression_loses_pixels_alone(void **state)
{
    const um_pulse_source plain = {.people = 100, .strength = 1},
                          fine = {.people = 100, .strength = 1, .codec = 1, .crf = {1, 1}},
                          coarse = {.people = 100, .strength = 1, .codec = 1, .crf = {40, 40}};
    um_pulse_clip a = draw(&plain, 3), b = draw(&fine, 3), c = draw(&coarse, 3);
    double little = difference(&a, &b), much = difference(&a, &c);

    (void)state;
    assert_memory_equal(a.wave, c.wave, N * sizeof *a.wave);
    assert_memory_equal(a.face.landmarks, c.face.landmarks, N * sizeof *a.face.landmarks);
    if (!(little > 0 && little < 2 && much > 4)) fail_msg("lost %g and %g", little, much);
    um_pulse_clip_clear(&a);
    um_pulse_clip_clear(&b);
    um_pulse_clip_clear(&c);
}

/* The share of clips that differ from the same source without the codec. */
static void a_share_of_the_clips_is_compressed(void **state)
{
    enum { CLIPS = 24 };
    const um_pulse_source plain = {.people = 100, .strength = 1},
                          part = {.people = 100, .strength = 1, .codec = 0.5, .crf = {30, 34}};
    int compressed = 0;

    (void)state;
    for (uint64_t key = 0; key < CLIPS; key++) {
        um_pulse_clip a, b;

        assert_ok(um_pulse_clip_draw(&plain, &a, 4, key));
        assert_ok(um_pulse_clip_draw(&part, &b, 4, key));
        compressed += !clip_equal(&a.face, &b.face);
        um_pulse_clip_clear(&a);
        um_pulse_clip_clear(&b);
    }
    assert_in_range(compressed, CLIPS / 4, CLIPS * 3 / 4);
}

/* One cached track whose own pulse is strong: 72 bpm, four grey levels. */
static int make_cache(void **state)
{
    const um_video_writer_options as = {.width = SIDE, .height = SIDE, .fps = 30, .crf = 10};
    static float times[TRACK];
    static um_box boxes[TRACK];
    static uint8_t bridged[TRACK];
    um_face_clip clip = clip_of_face(TRACK, SIDE, false);
    um_video_writer *video;
    um_st_writer *w;

    (void)state;
    tree_make(CACHE);
    assert_ok(um_mkdirs(CACHE "/one"));
    assert_ok(um_mkdirs(CACHE "/empty"));
    assert_ok(um_video_writer_open(&video, CACHE "/one/track3.mp4", &as));
    for (size_t i = 0; i < TRACK; i++) {
        um_image crop = um_face_clip_crop(&clip, i);
        assert_ok(um_video_writer_add(video, &crop));
        times[i] = (float)i / 30;
        boxes[i] = (um_box){0, 0, SIDE, SIDE};
    }
    assert_ok(um_video_writer_finish(video));
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_meta(w, "recipe", UM_STORE_RECIPE));
    assert_ok(um_st_writer_add(w, "track3.landmarks", UM_ST_F32, 3,
                               (int64_t[]){TRACK, UM_N_LANDMARKS, 2}, clip.landmarks));
    assert_ok(um_st_writer_add(w, "track3.times", UM_ST_F32, 1, (int64_t[]){TRACK}, times));
    assert_ok(um_st_writer_add(w, "track3.crops", UM_ST_F32, 2, (int64_t[]){TRACK, 4}, boxes));
    assert_ok(um_st_writer_add(w, "track3.bridged", UM_ST_U8, 1, (int64_t[]){TRACK}, bridged));
    assert_ok(um_st_write(w, CACHE "/one/tracks.safetensors"));
    um_st_writer_free(w);
    um_face_clip_clear(&clip);
    return 0;
}

static int remove_cache(void **state)
{
    (void)state;
    tree_remove(CACHE);
    return 0;
}

static void cached_faces_get_the_pulse(void **state)
{
    um_pulse_source source = {.strength = 3};
    um_pulse_clip clip;
    double with, compressed;

    (void)state;
    assert_ok(um_pulse_source_add_cache(&source, CACHE));
    with = mean_seen(&source);
    if (!(with > 0.8)) fail_msg("correlation %g", with);
    source.codec = 1;
    source.crf[0] = source.crf[1] = 23;
    compressed = mean_seen(&source);
    if (!(compressed > 0.3 && compressed != with)) fail_msg("correlation %g at CRF 23", compressed);
    source.codec = 0;
    assert_fails(UMCL_ERR_INVALID, "expected people to render or tracks of 76 frames",
                 um_pulse_clip_draw(&source, &clip, TRACK + 4, 1));
    source.people = 1; /* then these serve */
    source.cached = 1;
    assert_ok(um_pulse_clip_draw(&source, &clip, TRACK + 4, 1));
    um_pulse_clip_clear(&clip);
    um_pulse_source_clear(&source);
}

static void part_of_a_track(void **state)
{
    um_stored_video v;
    um_face_clip whole, part;

    (void)state;
    assert_ok(um_store_read(&v, CACHE, "one"));
    assert_ok(um_track_crops(&whole, CACHE, "one", &v.tracks[0], 1));
    assert_ok(um_track_crops_part(&part, CACHE, "one", &v.tracks[0], 5, 3));
    assert_int_equal(part.n, 3);
    assert_memory_equal(part.rgb, um_face_clip_crop(&whole, 5).data, 3 * SIDE * SIDE * 3);
    assert_memory_equal(part.landmarks, whole.landmarks + 5, 3 * sizeof *part.landmarks);
    um_face_clip_clear(&whole);
    um_face_clip_clear(&part);
    um_stored_video_clear(&v);
}

static void nothing_to_draw_from(void **state)
{
    um_pulse_source source = {.strength = 1};
    um_pulse_clip clip;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "expected people", um_pulse_clip_draw(&source, &clip, N, 1));
    assert_null(clip.wave);
    assert_fails(UMCL_ERR_NOT_FOUND, "absent", um_pulse_source_add_cache(&source, "absent"));
    um_pulse_source_clear(&source);
    assert_fails(UMCL_ERR_NOT_FOUND, "expected extracted videos",
                 um_pulse_source_add_cache(&source, CACHE "/empty"));
    um_pulse_source_clear(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendered_skin_has_the_pulse),
        cmocka_unit_test(a_clip_is_a_function_of_its_key),
        cmocka_unit_test(compression_loses_pixels_alone),
        cmocka_unit_test(a_share_of_the_clips_is_compressed),
        cmocka_unit_test(cached_faces_get_the_pulse),
        cmocka_unit_test(part_of_a_track),
        cmocka_unit_test(nothing_to_draw_from),
    };
    return cmocka_run_group_tests(tests, make_cache, remove_cache);
}
