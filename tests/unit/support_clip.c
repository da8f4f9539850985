#include "../test.h"

#include "data/synth.h"
#include "support_clip.h"

um_face_clip clip_of_face(size_t n, int side, bool still)
{
    um_synth_options o = UM_SYNTH_OPTIONS_INIT;
    um_face_clip clip;
    um_synth *synth;

    o.width = o.height = side;
    assert_ok(um_face_clip_new(&clip, n, side, false));
    assert_ok(um_synth_new(&synth, &o));
    for (size_t i = 0; i < n; i++) {
        um_image crop = um_face_clip_crop(&clip, i);
        int64_t frame = still ? 0 : (int64_t)i;
        assert_ok(um_synth_frame(synth, frame, &crop));
        assert_true(um_synth_landmarks(synth, frame, 0, (float *)clip.landmarks[i].p));
    }
    um_synth_free(synth);
    return clip;
}

um_face_clip clip_like(const um_face_clip *like, bool with_mask)
{
    um_face_clip clip;

    assert_ok(um_face_clip_new(&clip, like->n, like->side, with_mask));
    return clip;
}

bool clip_equal(const um_face_clip *a, const um_face_clip *b)
{
    size_t pixels = a->n * (size_t)a->side * (size_t)a->side;

    return a->n == b->n && a->side == b->side && memcmp(a->rgb, b->rgb, 3 * pixels) == 0 &&
           memcmp(a->landmarks, b->landmarks, a->n * sizeof *a->landmarks) == 0;
}
