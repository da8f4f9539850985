/*
 * Bytes for the demuxer: a file, a pipe or standard input. FFmpeg never sees the path, so no name
 * can be taken for a URL, an image pattern or a list of other files.
 */
#ifndef UM_MEDIA_BYTE_SOURCE_H
#define UM_MEDIA_BYTE_SOURCE_H

#include <libavformat/avio.h>

#include "base/status.h"

typedef struct um_source um_source;

/**
 * Opens a file, or standard input for "-". An MP4 whose index comes last cannot be read from a
 * pipe: such a stream is first copied to an unnamed temporary file ($TMPDIR or /tmp).
 *
 * @return UMCL_ERR_NOT_FOUND, UMCL_ERR_IO (directory, unreadable), UMCL_ERR_FORMAT (empty),
 *         UMCL_ERR_NOMEM
 */
umcl_status um_source_open(um_source **out, const char *path);
void um_source_close(um_source *source); /* NULL is accepted */

AVIOContext *um_source_io(um_source *source);

/** errno of the first read that failed, 0: none. */
int um_source_error(const um_source *source);

#endif
