/* The shipped face nets on a still face: calibrated landmarks tremble less than the detected ones.
 */
#include "../test.h"

#include <math.h>

#include "data/synth.h"
#include "face/face_nets.h"
#include "face/stream.h"
#include "media/video.h"

#define SHIPPED(name) UMCL_TEST_SOURCE "/models/" name
#define STILL_CLIP SHARED("clips/real/rppg_marnixnaber.mp4")

typedef struct jitter {
    um_landmarks raw[2], calibrated[2]; /* the last two frames */
    int n;                              /* frames so far */
    double raw_sum, calibrated_sum;     /* of second differences, pixels */
} jitter;

/* How far a point is from where the frames around it say it should be. */
static double bend(const um_landmarks *a, const um_landmarks *b, const um_landmarks *c)
{
    double sum = 0;

    for (int i = 0; i < UM_N_LANDMARKS; i++)
        sum += hypot(a->p[i][0] - 2 * b->p[i][0] + c->p[i][0],
                     a->p[i][1] - 2 * b->p[i][1] + c->p[i][1]);
    return sum / UM_N_LANDMARKS;
}

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    jitter *j = user;

    if (f->track != 1) return UMCL_OK;
    if (j->n >= 2) {
        j->raw_sum += bend(&j->raw[0], &j->raw[1], &f->raw);
        j->calibrated_sum += bend(&j->calibrated[0], &j->calibrated[1], &f->calibrated);
    }
    j->raw[0] = j->raw[1];
    j->raw[1] = f->raw;
    j->calibrated[0] = j->calibrated[1];
    j->calibrated[1] = f->calibrated;
    j->n++;
    return UMCL_OK;
}

typedef struct setup {
    um_face_nets *nets;
    um_face_stream *stream;
    jitter j;
} setup;

static void begin(setup *s)
{
    um_face_nets_options nets = UM_FACE_NETS_VIDEO;
    um_face_stream_options options = UM_FACE_STREAM_OPTIONS_INIT;
    um_face_sink sink = {&s->j, on_frame, NULL, NULL};
    um_face_models models;

    nets.detector = SHIPPED("face_detector.safetensors");
    nets.landmarks = SHIPPED("face_landmarks.safetensors");
    options.crops = false;
    assert_ok(um_face_nets_open(&s->nets, &nets));
    models = um_face_nets_models(s->nets);
    assert_ok(um_face_stream_new(&s->stream, &models, &options, &sink));
}

static void finish(setup *s, const char *what)
{
    assert_ok(um_face_stream_finish(s->stream));
    um_face_stream_free(s->stream);
    um_face_nets_free(s->nets);
    assert_true(s->j.n >= 80);
    print_message("%s: %.3f px raw, %.3f px calibrated, %d frames\n", what,
                  s->j.raw_sum / (s->j.n - 2), s->j.calibrated_sum / (s->j.n - 2), s->j.n);
    assert_true(s->j.calibrated_sum < 0.8 * s->j.raw_sum);
}

static void rendered_still_face(void **state)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    setup s = {0};
    um_synth *synth;
    um_image rgb;

    (void)state;
    o.width = 320;
    o.height = 240;
    o.motion = o.talk = o.blink_rate = 0;
    o.noise = 3;
    assert_ok(um_synth_new(&synth, &o));
    assert_ok(um_image_new(&rgb, o.width, o.height, 3));
    begin(&s);
    for (int i = 0; i < 90; i++) {
        um_frame *frame;

        assert_ok(um_synth_frame(synth, i, &rgb));
        assert_ok(um_frame_from_image(&frame, &rgb, i / 30.0));
        assert_ok(um_face_stream_push(s.stream, frame));
        um_frame_unref(frame);
    }
    finish(&s, "rendered still face");
    um_image_clear(&rgb);
    um_synth_free(synth);
}

static void real_still_face(void **state)
{
    um_video_options options = UM_VIDEO_OPTIONS_INIT;
    setup s = {0};
    um_video *video;

    (void)state;
    need_shared(STILL_CLIP);
    options.duration = 3;
    assert_ok(um_video_open(&video, STILL_CLIP, &options));
    begin(&s);
    for (;;) {
        um_frame *frame;

        assert_ok(um_video_next(video, &frame));
        if (!frame) break;
        assert_ok(um_face_stream_push(s.stream, frame));
        um_frame_unref(frame);
    }
    finish(&s, "real still face");
    um_video_close(video);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendered_still_face),
        cmocka_unit_test(real_still_face),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
