/*
 * How many (real, fake) pairs a second one core makes of 128 x 128 pictures, and what its parts
 * cost, in processor time. The face is rendered.
 */
#include <stdio.h>
#include <time.h>

#include "data/pseudo_fake.h"
#include "data/synth.h"
#include "data/views.h"
#include "face/crop.h"
#include "media/h264_loss.h"

enum { SIDE = UM_CROP_SIDE, PAIRS = 1000, FRAMES = 160 };

static double now(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static umcl_status render(um_face_clip *clip)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_synth *synth;
    umcl_status st = UMCL_OK;

    o.width = o.height = SIDE;
    UM_TRY(um_synth_new(&synth, &o));
    for (size_t i = 0; i < clip->n; i++) {
        um_image crop = um_face_clip_crop(clip, i);
        UM_CHECK(um_synth_frame(synth, (int64_t)i, &crop));
        um_synth_landmarks(synth, (int64_t)i, 0, (float *)clip->landmarks[i].p);
    }
done:
    um_synth_free(synth);
    return st;
}

static void report(const char *what, double seconds, int n)
{
    printf("%-36s %7.3f ms each, %6.0f a second\n", what, 1e3 * seconds / n, n / seconds);
}

static umcl_status pairs(const char *what, const um_face_clip *clip,
                         const um_augment_options *augment, int n)
{
    um_pseudo_options options = UM_PSEUDO_OPTIONS_INIT;
    um_rng rng = um_rng_new(1, "bench");
    um_face_clip real = {0}, fake = {0};
    double start;
    umcl_status st;

    UM_CHECK(um_face_clip_new(&real, clip->n, clip->side, false));
    UM_CHECK(um_face_clip_new(&fake, clip->n, clip->side, true));
    start = now();
    for (int i = 0; i < n; i++)
        UM_CHECK(um_pseudo_pair(&real, &fake, clip, &options, augment, &rng));
    report(what, now() - start, n * (int)clip->n);
done:
    um_face_clip_clear(&real);
    um_face_clip_clear(&fake);
    return st;
}

static umcl_status losses(um_face_clip *clip)
{
    um_image crops[FRAMES];
    double start = now();

    for (size_t i = 0; i < clip->n; i++) {
        crops[i] = um_face_clip_crop(clip, i);
        UM_TRY(um_view_coarsen(&crops[i], UM_VIEW_FACTOR));
    }
    report("low-quality view, per frame", now() - start, FRAMES);
    start = now();
    UM_TRY(um_h264_loss(crops, clip->n, 28));
    report("H.264 and back, per frame", now() - start, FRAMES);
    start = now();
    for (int i = 0; i < 20; i++) UM_TRY(um_h264_loss(crops, 1, 28));
    report("the same of one picture", now() - start, 20);
    return UMCL_OK;
}

int main(void)
{
    um_augment_options augment = UM_AUGMENT_OPTIONS_INIT;
    um_face_clip picture = {0}, clip = {0};
    umcl_status st;

    UM_CHECK(um_face_clip_new(&picture, 1, SIDE, false));
    UM_CHECK(um_face_clip_new(&clip, FRAMES, SIDE, false));
    UM_CHECK(render(&picture));
    UM_CHECK(render(&clip));
    UM_CHECK(pairs("pair of a picture", &picture, NULL, PAIRS));
    UM_CHECK(pairs("the same, augmented", &picture, &augment, PAIRS));
    UM_CHECK(pairs("pair of a clip, augmented, per frame", &clip, &augment, 16));
    st = losses(&clip);
done:
    if (st != UMCL_OK) fprintf(stderr, "bench_pseudo: %s\n", umcl_last_error());
    um_face_clip_clear(&picture);
    um_face_clip_clear(&clip);
    return st == UMCL_OK ? 0 : 1;
}
