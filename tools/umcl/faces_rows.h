/*
 * What `umcl faces` has found, ordered by frame: track frames arrive late and interleaved, rows are
 * complete as soon as the stream has passed them.
 */
#ifndef UM_TOOLS_FACES_ROWS_H
#define UM_TOOLS_FACES_ROWS_H

#include "face/stream.h"

typedef struct faces_row {
    double time; /* seconds */
    um_track_frame *faces;
    size_t n, room;
} faces_row;

typedef struct faces_rows {
    faces_row *at; /* rows first .. first + n - 1 */
    int64_t first;
    size_t n, room;
} faces_rows;

/** Opens the row of the next frame. */
umcl_status faces_rows_push(faces_rows *rows, double time);

/** Adds a face to its frame's row; the crop is not kept. */
umcl_status faces_rows_add(faces_rows *rows, const um_track_frame *f);

/** The row of a frame, or NULL where it is not kept. */
const faces_row *faces_rows_get(const faces_rows *rows, int64_t frame);

/** Forgets rows up to and including `frame`. */
void faces_rows_drop(faces_rows *rows, int64_t frame);
void faces_rows_clear(faces_rows *rows);

#endif
