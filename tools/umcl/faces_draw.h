/* Draws what `umcl faces` has found into a picture or a video. */
#ifndef UM_TOOLS_FACES_DRAW_H
#define UM_TOOLS_FACES_DRAW_H

#include "faces_rows.h"
#include "media/video.h"

/**
 * Reads `path` again with the same options and writes it with boxes, landmarks and track numbers:
 * a picture where `path` is one, else a video.
 */
umcl_status faces_draw(const char *out_path, const char *path, const um_video_options *options,
                       const faces_rows *rows);

#endif
