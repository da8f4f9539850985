/*
 * LRNet's landmark files: one frame a row, 136 numbers x0 y0 x1 y1 ... ("%1.5f") with one blank
 * between them, coordinates as um_landmarks_normalise makes them.
 */
#ifndef UM_FACE_LANDMARK_TEXT_H
#define UM_FACE_LANDMARK_TEXT_H

#include <stddef.h>

#include "base/status.h"

/**
 * Reads a landmark file; empty lines are passed over.
 *
 * @param out    [n_frames, 136]; the caller's, released with free()
 * @return UMCL_ERR_FORMAT (a row without 136 finite numbers, no row at all: the message names the
 *         line), UMCL_ERR_NOT_FOUND, UMCL_ERR_IO, UMCL_ERR_NOMEM
 */
umcl_status um_landmark_text_read(float **out, size_t *n_frames, const char *path);

/** Writes one atomically. UMCL_ERR_INVALID (a number that is not finite or over 1e6), UMCL_ERR_IO.
 */
umcl_status um_landmark_text_write(const char *path, const float *rows, size_t n_frames);

#endif
