/*
 * Clips of a rendered face for tests of what training does to crops.
 */
#ifndef UM_TEST_SUPPORT_CLIP_H
#define UM_TEST_SUPPORT_CLIP_H

#include "data/face_clip.h"

/** `n` frames of one talking face; `still`: the first frame again and again. The caller's. */
um_face_clip clip_of_face(size_t n, int side, bool still);

/** An empty clip of the shape of `like`. The caller's. */
um_face_clip clip_like(const um_face_clip *like, bool with_mask);

bool clip_equal(const um_face_clip *a, const um_face_clip *b);

#endif
