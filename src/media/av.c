#include "media/av.h"

#include <libavutil/error.h>
#include <libavutil/log.h>
#include <pthread.h>
#include <stdlib.h>

static void silence(void)
{
    av_log_set_level(AV_LOG_QUIET);
}

void um_av_quiet(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, silence);
}

umcl_status um_av_fail(umcl_status code, const char *name, const char *doing, int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    av_strerror(error, text, sizeof text);
    if (error == AVERROR(ENOMEM)) code = UMCL_ERR_NOMEM;
    if (error == AVERROR(EIO) || error == AVERROR(ENOSPC) || error == AVERROR(EACCES))
        code = UMCL_ERR_IO;
    return um_fail(code, "%s: %s: %s", name, doing, text);
}

um_orientation um_orientation_from_matrix(const int32_t *m)
{
    um_orientation o = {0};
    int64_t a, b, c, d;

    if (!m) return o;
    /* x' = a x + c y, y' = b x + d y; the scale and the translation do not matter here. */
    a = m[0];
    b = m[1];
    c = m[3];
    d = m[4];
    o.transpose = llabs(b) + llabs(c) > llabs(a) + llabs(d);
    o.flip_x = (o.transpose ? c : a) < 0;
    o.flip_y = (o.transpose ? b : d) < 0;
    return o;
}

um_orientation um_orientation_from_exif(int tag)
{
    static const um_orientation table[9] = {
        [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
        [5] = {true, false, false}, [6] = {true, true, false}, [7] = {true, true, true},
        [8] = {true, false, true},
    };

    return table[tag >= 1 && tag <= 8 ? tag : 0];
}
