/* Training the face detector learns from made-up scenes, and the shipped one sees rendered faces.
 */
#include "../test.h"

#include <math.h>
#include <unistd.h>

#include "base/paths.h"
#include "data/synth.h"
#include "face/face_nets.h"
#include "train/detector_fit.h"

#define MODEL "detector_fit_test.safetensors"
#define SCENES 24

typedef struct history {
    double first, last; /* P-Net's loss of faces after 100 steps and at the end */
    int stages;         /* that reported their last step, as bits */
    int stop_after;     /* reports until the training is told to stop; 0: never */
} history;

static bool note(void *user, const um_detector_fit_report *r)
{
    history *h = user;

    if (r->stage == UM_PNET && r->step == 100) h->first = r->loss_face;
    if (r->stage == UM_PNET) h->last = r->loss_face;
    if (r->step == r->steps) h->stages |= 1 << r->stage;
    return h->stop_after == 0 || --h->stop_after > 0;
}

static void add_scenes(um_scenes *scenes)
{
    for (uint64_t i = 0; i < SCENES; i++) assert_ok(um_scenes_add_rendered(scenes, i, i % 6 == 5));
}

static um_detector_fit_options small_fit(void)
{
    um_detector_fit_options o = UM_DETECTOR_FIT_OPTIONS_INIT;

    for (int s = 0; s < UM_MTCNN_STAGES; s++) {
        o.batch[s] = s == UM_PNET ? 64 : 8;
        o.steps[s] = s == UM_PNET ? 300 : 6;
    }
    o.mined_scenes = 4;
    o.out = MODEL;
    return o;
}

static void training_lowers_the_loss(void **state)
{
    um_detector_fit_options o = small_fit();
    um_scenes scenes = {0};
    history h = {0};
    um_mtcnn *m;

    (void)state;
    add_scenes(&scenes);
    assert_ok(um_detector_fit(&scenes, &o, note, &h));
    print_message("P-Net's loss: %.3f, then %.3f\n", h.first, h.last);
    assert_int_equal(h.stages, 7);
    assert_true(h.last < 0.6 * h.first);

    assert_ok(um_mtcnn_open(&m, MODEL));
    assert_float_equal(um_mtcnn_defaults(m).threshold[2], o.threshold[2], 1e-6);
    um_mtcnn_free(m);
    um_scenes_clear(&scenes);
    unlink(MODEL);
}

static void training_stops_when_told(void **state)
{
    um_detector_fit_options o = small_fit();
    um_scenes scenes = {0};
    history h = {.stop_after = 1};

    (void)state;
    add_scenes(&scenes);
    assert_fails(UMCL_ERR_CANCELLED, "stopped at step 100", um_detector_fit(&scenes, &o, note, &h));
    assert_int_not_equal(access(MODEL, F_OK), 0);
    um_scenes_clear(&scenes);
}

static void training_wants_faces(void **state)
{
    um_detector_fit_options o = small_fit();
    um_scenes scenes = {0};

    (void)state;
    assert_ok(um_scenes_add_rendered(&scenes, 1, false));
    assert_fails(UMCL_ERR_INVALID, "at least 10 scenes", um_detector_fit(&scenes, &o, NULL, NULL));
    um_scenes_clear(&scenes);
}

/* As the face stream looks at videos: one person, 640 x 480, and nobody else. */
static bool sees_the_one_face(um_mtcnn *m, uint64_t seed)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_mtcnn_options look = um_mtcnn_defaults(m);
    um_synth *synth;
    um_image rgb;
    um_landmarks lm;
    const um_face *faces;
    size_t n;
    bool right;

    o.seed = seed;
    assert_ok(um_synth_new(&synth, &o));
    assert_ok(um_image_new(&rgb, o.width, o.height, 3));
    assert_ok(um_synth_frame(synth, 30, &rgb));
    assert_true(um_synth_landmarks(synth, 30, 0, (float *)lm.p));
    assert_ok(um_mtcnn_detect(m, &faces, &n, &rgb, &look, NULL, 0));
    right = n == 1 && um_box_iou(faces[0].box, um_landmarks_face_box(&lm)) >= 0.5f;
    if (!right) print_message("seed %d: %zu faces\n", (int)seed, n);
    um_image_clear(&rgb);
    um_synth_free(synth);
    return right;
}

static void shipped_detector_sees_rendered_faces(void **state)
{
    um_str path = UM_STR_INIT;
    um_mtcnn *m;
    int seen = 0;

    (void)state;
    if (um_find_data(&path, UM_FACE_DETECTOR_MODEL) != UMCL_OK) {
        print_message("skipped: no %s\n", UM_FACE_DETECTOR_MODEL);
        skip();
    }
    assert_ok(um_mtcnn_open(&m, path.text));
    for (uint64_t seed = 1; seed <= 12; seed++) seen += sees_the_one_face(m, seed);
    print_message("%d of 12 rendered people found, and nobody else\n", seen);
    assert_true(seen >= 11);
    assert_true(sees_the_one_face(m, UM_SYNTH_OPTIONS_INIT.seed)); /* the demo's */
    um_mtcnn_free(m);
    um_str_clear(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_lowers_the_loss),
        cmocka_unit_test(training_stops_when_told),
        cmocka_unit_test(training_wants_faces),
        cmocka_unit_test(shipped_detector_sees_rendered_faces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
