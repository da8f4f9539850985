/*
 * Pictures with known faces, for training the detector: labelled pictures, frames of videos that a
 * teacher has looked at, rendered people.
 */
#ifndef UM_TRAIN_DETECTOR_SCENE_H
#define UM_TRAIN_DETECTOR_SCENE_H

#include "face/mtcnn.h"

#define UM_SCENE_SIDE 480 /* longer side of a scene at most, pixels */
#define UM_SCENE_MAX_FACES 16

typedef struct um_scene {
    um_image rgb;
    um_face faces[UM_SCENE_MAX_FACES]; /* pixels of `rgb` */
    bool sure[UM_SCENE_MAX_FACES]; /* false: perhaps a face; neither example nor counter-example */
    size_t n;
    bool held_out; /* measured on, not trained on */
} um_scene;

typedef struct um_scenes {
    um_scene *at;
    size_t n, room;
} um_scenes;

void um_scenes_clear(um_scenes *s);

/**
 * A picture whose one labelled face has these landmarks (pixels). With a teacher, the face is what
 * the teacher finds there, and everything else it finds is a face, too.
 *
 * @param teacher may be NULL
 */
umcl_status um_scenes_add_picture(um_scenes *s, const um_image *rgb, const um_landmarks *lm,
                                  bool held_out, um_mtcnn *teacher);

/** Frames of a video, `per_second` of them, with the faces that the teacher finds. */
umcl_status um_scenes_add_video(um_scenes *s, const char *path, double per_second, bool held_out,
                                um_mtcnn *teacher);

/** A rendered scene of a few people, or none; a pure function of `seed`. */
umcl_status um_scenes_add_rendered(um_scenes *s, uint64_t seed, bool held_out);

#endif
