/*
 * Labelled pictures of faces: a CSV of file, x0, y0 ... x67, y67 (pixels, iBUG order; one header
 * row) beside a folder of pictures, as the YouTube Faces key-point set has it.
 */
#ifndef UM_DATA_FACE_PICTURES_H
#define UM_DATA_FACE_PICTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "face/geometry.h"

typedef struct um_face_picture {
    char *path;
    um_landmarks landmarks; /* pixels */
    bool held_out;          /* its person belongs to the validation part */
} um_face_picture;

typedef struct um_face_pictures {
    um_face_picture *items;
    size_t count, cap;
} um_face_pictures;

/**
 * Adds a CSV's rows to `set`. The person is the file's name before its last "_<number>"; one
 * person in `fold` (by a hash of the name) is held out, whichever file lists them.
 */
umcl_status um_face_pictures_read(um_face_pictures *set, const char *csv, const char *folder,
                                  unsigned fold);
void um_face_pictures_clear(um_face_pictures *set);

#endif
