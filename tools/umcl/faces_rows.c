#include "faces_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

umcl_status faces_rows_push(faces_rows *rows, double time)
{
    if (rows->n == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;

        UM_TRY(um_realloc(&rows->at, room, sizeof *rows->at));
        rows->room = room;
    }
    rows->at[rows->n++] = (faces_row){.time = time};
    return UMCL_OK;
}

umcl_status faces_rows_add(faces_rows *rows, const um_track_frame *f)
{
    faces_row *row = (faces_row *)faces_rows_get(rows, f->frame);

    if (!row) return um_fail(UMCL_ERR_INTERNAL, "faces: a face came after its frame had passed");
    if (row->n == row->room) {
        size_t room = row->room ? 2 * row->room : 2;

        UM_TRY(um_realloc(&row->faces, room, sizeof *row->faces));
        row->room = room;
    }
    row->faces[row->n] = *f;
    row->faces[row->n++].crop = NULL;
    return UMCL_OK;
}

const faces_row *faces_rows_get(const faces_rows *rows, int64_t frame)
{
    if (frame < rows->first || frame - rows->first >= (int64_t)rows->n) return NULL;
    return &rows->at[frame - rows->first];
}

void faces_rows_drop(faces_rows *rows, int64_t frame)
{
    size_t gone = 0;

    while (gone < rows->n && rows->first + (int64_t)gone <= frame) free(rows->at[gone++].faces);
    memmove(rows->at, rows->at + gone, (rows->n - gone) * sizeof *rows->at);
    rows->n -= gone;
    rows->first += (int64_t)gone;
}

void faces_rows_clear(faces_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) free(rows->at[i].faces);
    free(rows->at);
    *rows = (faces_rows){0};
}
