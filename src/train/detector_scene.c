#include "train/detector_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "data/synth.h"
#include "media/video.h"

#define SURE_SCORE 0.97f /* of the teacher */
#define SMALL_FACE 16.0f /* pixels of the scene: smaller ones are left out of everything */
#define CANVAS 320       /* pixels: labelled pictures */
#define SAME_IOU 0.35f   /* of a label and the teacher's box */

void um_scenes_clear(um_scenes *s)
{
    for (size_t i = 0; i < s->n; i++) um_image_clear(&s->at[i].rgb);
    free(s->at);
    *s = (um_scenes){0};
}

/* One more scene with an empty picture; borrowed until the next. */
static umcl_status open_scene(um_scenes *s, um_scene **out, bool held_out)
{
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 256;

        UM_TRY(um_realloc(&s->at, room, sizeof *s->at));
        s->room = room;
    }
    *out = &s->at[s->n++];
    memset(*out, 0, sizeof **out);
    (*out)->held_out = held_out;
    return UMCL_OK;
}

static void add_face(um_scene *scene, const um_face *f, bool sure)
{
    if (scene->n == UM_SCENE_MAX_FACES) return;
    scene->sure[scene->n] = sure && um_box_height(f->box) >= SMALL_FACE;
    scene->faces[scene->n++] = *f;
}

static umcl_status ask_teacher(um_scene *scene, um_mtcnn *teacher)
{
    um_mtcnn_options o = um_mtcnn_defaults(teacher);
    const um_face *faces;
    size_t n;

    o.min_face = SMALL_FACE;
    UM_TRY(um_mtcnn_detect(teacher, &faces, &n, &scene->rgb, &o, NULL, 0));
    for (size_t i = 0; i < n; i++) add_face(scene, &faces[i], faces[i].score >= SURE_SCORE);
    return UMCL_OK;
}

static double fitting(int width, int height)
{
    return fmin(1, (double)UM_SCENE_SIDE / (width > height ? width : height));
}

umcl_status um_scenes_add_picture(um_scenes *s, const um_image *rgb, const um_landmarks *lm,
                                  bool held_out, um_mtcnn *teacher)
{
    /* All on one square canvas, borders repeated: networks are compiled for each size of picture.
     */
    float longer = (float)(rgb->width > rgb->height ? rgb->width : rgb->height);
    float x0 = 0.5f * ((float)rgb->width - longer), y0 = 0.5f * ((float)rgb->height - longer);
    um_landmarks own = *lm;
    um_face labelled = {.score = 1};
    um_scene *scene;
    bool seen = false;

    UM_TRY(open_scene(s, &scene, held_out));
    UM_TRY(um_image_new(&scene->rgb, CANVAS, CANVAS, 3));
    um_image_resample(&scene->rgb, rgb, (um_box){x0, y0, x0 + longer, y0 + longer});
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        own.p[i][0] = (own.p[i][0] - x0) * CANVAS / longer;
        own.p[i][1] = (own.p[i][1] - y0) * CANVAS / longer;
    }
    labelled.box = um_landmarks_face_box(&own);
    um_landmarks_five(labelled.points, &own);
    if (teacher) UM_TRY(ask_teacher(scene, teacher));
    for (size_t i = 0; i < scene->n; i++)
        seen = seen || um_box_iou(scene->faces[i].box, labelled.box) > SAME_IOU;
    if (!seen) add_face(scene, &labelled, !teacher);
    return UMCL_OK;
}

umcl_status um_scenes_add_video(um_scenes *s, const char *path, double per_second, bool held_out,
                                um_mtcnn *teacher)
{
    um_video_options o = {.fps = per_second, .threads = 1};
    um_video *video = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    UM_CHECK(um_video_open(&video, path, &o));
    for (;;) {
        um_scene *scene;
        double scale;

        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        scale = fitting(um_frame_width(frame), um_frame_height(frame));
        UM_CHECK(open_scene(s, &scene, held_out));
        UM_CHECK(um_image_new(&scene->rgb, (int)fmax(um_frame_width(frame) * scale, 1),
                              (int)fmax(um_frame_height(frame) * scale, 1), 3));
        UM_CHECK(um_frame_crop(
            frame, (um_box){0, 0, (float)um_frame_width(frame), (float)um_frame_height(frame)},
            &scene->rgb));
        UM_CHECK(ask_teacher(scene, teacher));
        um_frame_unref(frame);
        frame = NULL;
    }
done:
    um_frame_unref(frame);
    um_video_close(video);
    return st;
}

umcl_status um_scenes_add_rendered(um_scenes *s, uint64_t seed, bool held_out)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_rng rng = um_rng_new(seed, "rendered scene");
    int64_t at = (int64_t)um_rng_below(&rng, 600);
    um_synth *synth = NULL;
    um_scene *scene;
    umcl_status st;

    o.width = 400;
    o.height = 300;
    o.seed = um_rng_u64(&rng);
    o.people = (int)um_rng_below(&rng, 4);
    o.motion = um_rng_range(&rng, 0.3, 1.5);
    o.light_drift = 3;
    UM_CHECK(um_synth_new(&synth, &o));
    UM_CHECK(open_scene(s, &scene, held_out));
    UM_CHECK(um_image_new(&scene->rgb, o.width, o.height, 3));
    UM_CHECK(um_synth_frame(synth, at, &scene->rgb));
    for (int p = 0; p < o.people; p++) {
        um_landmarks lm;
        um_face f = {.score = 1};

        if (!um_synth_landmarks(synth, at, p, (float *)lm.p)) continue;
        f.box = um_landmarks_face_box(&lm);
        um_landmarks_five(f.points, &lm);
        add_face(scene, &f, true);
    }
done:
    um_synth_free(synth);
    return st;
}
