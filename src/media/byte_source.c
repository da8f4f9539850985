#include "media/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define IO_BYTES (64 * 1024)
#define PEEK_BYTES (64 * 1024)

struct um_source {
    int fd;
    bool owned, seekable;
    off_t base; /* where the stream starts: standard input may have been read before */
    off_t size; /* -1: unknown */
    int error;
    AVIOContext *io;
    uint8_t *peeked; /* the first bytes of a pipe, still to be handed out */
    size_t n_peeked, at_peeked;
};

static ssize_t read_retry(int fd, uint8_t *buf, size_t n)
{
    ssize_t got;

    do got = read(fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static int read_packet(void *opaque, uint8_t *buf, int size)
{
    um_source *s = opaque;
    size_t n = (size_t)size, left = s->n_peeked - s->at_peeked;
    ssize_t got;

    if (left) {
        if (n > left) n = left;
        memcpy(buf, s->peeked + s->at_peeked, n);
        s->at_peeked += n;
        return (int)n;
    }
    got = read_retry(s->fd, buf, n);
    if (got > 0) return (int)got;
    if (got == 0) return AVERROR_EOF;
    if (!s->error) s->error = errno;
    return AVERROR(errno);
}

static int64_t seek_packet(void *opaque, int64_t offset, int whence)
{
    um_source *s = opaque;
    off_t at;

    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE) return s->size >= 0 ? (int64_t)s->size : AVERROR(ENOSYS);
    if (whence == SEEK_SET) offset += s->base;
    at = lseek(s->fd, (off_t)offset, whence);
    return at < 0 ? AVERROR(errno) : (int64_t)(at - s->base);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** Whether these first bytes are an MP4's whose media data comes before its index. */
static bool is_index_last(const uint8_t *p, size_t n)
{
    static const char known[][5] = {"ftyp", "free", "skip", "wide", "uuid"};
    size_t at = 0;

    while (n - at >= 8) {
        uint32_t size = be32(p + at);
        bool passes = false;
        if (memcmp(p + at + 4, "mdat", 4) == 0) return true;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            passes = passes || memcmp(p + at + 4, known[i], 4) == 0;
        if (!passes || size < 8 || size > n - at) return false;
        at += size;
    }
    return false;
}

static int open_temporary(void)
{
    const char *dir = getenv("TMPDIR");
    char name[4096];
    int fd;

    if (snprintf(name, sizeof name, "%s/umcl-XXXXXX", dir && *dir ? dir : "/tmp") >=
        (int)sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkstemp(name);
    if (fd >= 0) unlink(name);
    return fd;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

/** Copies the rest of the pipe to a temporary file and goes on from there. */
static umcl_status spool(um_source *s, const char *path)
{
    umcl_status st = UMCL_OK;
    uint8_t *buf = NULL;
    ssize_t got = 0;
    int fd = open_temporary();

    if (fd < 0)
        return um_fail(UMCL_ERR_IO, "%s: cannot make a temporary file: %s", path, strerror(errno));
    UM_CHECK(um_calloc(&buf, IO_BYTES, 1));
    s->size = (off_t)s->n_peeked;
    if (!write_all(fd, s->peeked, s->n_peeked)) got = -1;
    while (got >= 0 && (got = read_retry(s->fd, buf, IO_BYTES)) > 0) {
        if (!write_all(fd, buf, (size_t)got)) got = -1;
        s->size += got;
    }
    if (got < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        st = um_fail(UMCL_ERR_IO, "%s: cannot copy to a temporary file: %s", path, strerror(errno));
        goto done;
    }
    if (s->owned) close(s->fd);
    s->fd = fd;
    fd = -1;
    s->owned = s->seekable = true;
    s->n_peeked = 0;
done:
    if (fd >= 0) close(fd);
    free(buf);
    return st;
}

static umcl_status peek(um_source *s, const char *path)
{
    ssize_t got = 1;

    UM_TRY(um_calloc(&s->peeked, PEEK_BYTES, 1));
    /* Only as much as the decision takes: a slow pipe should not be waited for. */
    while (s->n_peeked < 4096 && got > 0) {
        got = read_retry(s->fd, s->peeked + s->n_peeked, PEEK_BYTES - s->n_peeked);
        if (got > 0) s->n_peeked += (size_t)got;
    }
    if (got < 0) return um_fail(UMCL_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (!s->n_peeked) return um_fail(UMCL_ERR_FORMAT, "%s: expected a video, found no data", path);
    return is_index_last(s->peeked, s->n_peeked) ? spool(s, path) : UMCL_OK;
}

static umcl_status examine(um_source *s, const char *path)
{
    struct stat info;

    if (fstat(s->fd, &info) != 0)
        return um_fail(UMCL_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return um_fail(UMCL_ERR_IO, "%s: expected a video, found a directory", path);
    s->size = -1;
    if (S_ISREG(info.st_mode)) {
        s->base = lseek(s->fd, 0, SEEK_CUR);
        s->seekable = s->base >= 0;
        s->size = info.st_size - s->base;
        if (s->size <= 0)
            return um_fail(UMCL_ERR_FORMAT, "%s: expected a video, found an empty file", path);
        return UMCL_OK;
    }
    return peek(s, path);
}

umcl_status um_source_open(um_source **out, const char *path)
{
    um_source *s = NULL;
    uint8_t *buffer = NULL;
    umcl_status st;

    *out = NULL;
    UM_TRY(um_calloc(&s, 1, sizeof *s));
    s->owned = strcmp(path, "-") != 0;
    s->fd = s->owned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (s->fd < 0) {
        umcl_status code = errno == ENOENT ? UMCL_ERR_NOT_FOUND : UMCL_ERR_IO;
        st = um_fail(code, "%s: cannot open: %s", path, strerror(errno));
        goto done;
    }
    UM_CHECK(examine(s, s->owned ? path : "standard input"));
    buffer = av_malloc(IO_BYTES);
    if (buffer)
        s->io = avio_alloc_context(buffer, IO_BYTES, 0, s, read_packet, NULL,
                                   s->seekable ? seek_packet : NULL);
    if (!s->io) {
        av_free(buffer);
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    s->io->seekable = s->seekable ? AVIO_SEEKABLE_NORMAL : 0;
    *out = s;
    s = NULL;
done:
    um_source_close(s);
    return st;
}

void um_source_close(um_source *s)
{
    if (!s) return;
    if (s->io) av_freep(&s->io->buffer);
    avio_context_free(&s->io);
    if (s->owned && s->fd >= 0) close(s->fd);
    free(s->peeked);
    free(s);
}

AVIOContext *um_source_io(um_source *s)
{
    return s->io;
}

int um_source_error(const um_source *s)
{
    return s->error;
}
