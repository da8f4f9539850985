#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

struct um_file_writer {
    FILE *stream;
    char *path, *temp; /* temp NULL: written as it stands */
};

static umcl_status fail_errno(const char *path, const char *doing)
{
    umcl_status code = errno == ENOENT ? UMCL_ERR_NOT_FOUND : UMCL_ERR_IO;

    return um_fail(code, "%s: cannot %s: %s", path, doing, strerror(errno));
}

umcl_status um_file_read(char **out, size_t *n, const char *path, size_t max_size)
{
    umcl_status st = UMCL_OK;
    char *bytes = NULL;
    struct stat info;
    FILE *f = NULL;
    /* Non-blocking: opening a FIFO without a writer must not hang. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    *out = NULL;
    *n = 0;
    if (fd < 0) return fail_errno(path, "open");
    if (fstat(fd, &info) != 0) {
        st = fail_errno(path, "read");
        goto done;
    }
    if (!S_ISREG(info.st_mode)) {
        st = um_fail(UMCL_ERR_IO, "%s: expected a regular file, found a %s", path,
                     S_ISDIR(info.st_mode) ? "directory" : "device, pipe or socket");
        goto done;
    }
    if ((size_t)info.st_size > max_size) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected at most %zu bytes, file has %lld", path,
                     max_size, (long long)info.st_size);
        goto done;
    }
    UM_CHECK(um_calloc(&bytes, (size_t)info.st_size + 1, 1));
    f = fdopen(fd, "rb");
    if (!f) {
        st = fail_errno(path, "read");
        goto done;
    }
    *n = fread(bytes, 1, (size_t)info.st_size, f);
    if (ferror(f)) {
        st = fail_errno(path, "read");
        goto done;
    }
    *out = bytes;
    bytes = NULL;
done:
    free(bytes);
    if (f)
        fclose(f);
    else
        close(fd);
    return st;
}

/* A device or pipe, such as /dev/null: it must not be replaced by a file. */
static bool is_special(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

umcl_status um_file_writer_open(um_file_writer **out, const char *path)
{
    um_file_writer *w = NULL;
    um_str temp = UM_STR_INIT;
    bool special = is_special(path);
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&w, 1, sizeof *w));
    um_str_append(&temp, path);
    if (!special) um_str_printf(&temp, ".tmp.%ld", (long)getpid());
    UM_CHECK(um_str_status(&temp));
    w->path = strdup(path);
    if (!w->path) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    w->stream = fopen(temp.text, "wb");
    if (!w->stream) {
        st = fail_errno(temp.text, "create");
        goto done;
    }
    if (!special) {
        w->temp = temp.text;
        temp = UM_STR_INIT;
    }
    *out = w;
    w = NULL;
done:
    um_file_writer_abort(w);
    um_str_clear(&temp);
    return st;
}

FILE *um_file_writer_stream(um_file_writer *w)
{
    return w->stream;
}

umcl_status um_file_writer_commit(um_file_writer *w)
{
    bool good =
        !ferror(w->stream) && fflush(w->stream) == 0 && (fsync(fileno(w->stream)) == 0 || !w->temp);
    umcl_status st = UMCL_OK;

    if (!good) st = fail_errno(w->path, "write");
    if (fclose(w->stream) != 0 && good) st = fail_errno(w->path, "write");
    w->stream = NULL;
    if (st == UMCL_OK && w->temp && rename(w->temp, w->path) != 0)
        st = fail_errno(w->path, "rename onto");
    if (st == UMCL_OK) {
        free(w->temp);
        w->temp = NULL;
    }
    um_file_writer_abort(w);
    return st;
}

void um_file_writer_abort(um_file_writer *w)
{
    if (!w) return;
    if (w->stream) fclose(w->stream);
    if (w->temp) unlink(w->temp);
    free(w->temp);
    free(w->path);
    free(w);
}

umcl_status um_file_can_write(const char *path)
{
    um_file_writer *w;

    if (um_is_dir(path))
        return um_fail(UMCL_ERR_IO, "%s: expected a file to write, found a directory", path);
    if (is_special(path)) return access(path, W_OK) == 0 ? UMCL_OK : fail_errno(path, "write");
    UM_TRY(um_file_writer_open(&w, path));
    um_file_writer_abort(w);
    return UMCL_OK;
}

umcl_status um_file_write(const char *path, const void *bytes, size_t n)
{
    um_file_writer *w;

    UM_TRY(um_file_writer_open(&w, path));
    fwrite(bytes, 1, n, w->stream);
    return um_file_writer_commit(w);
}

umcl_status um_mkdirs(const char *path)
{
    umcl_status st = UMCL_OK;
    char *copy = strdup(path);

    if (!copy) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", path);
    for (char *p = copy + 1; st == UMCL_OK; p++) {
        char c = *p;
        if (c != '/' && c != '\0') continue;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && !um_is_dir(copy)) st = fail_errno(copy, "create directory");
        *p = c;
        if (c == '\0') break;
    }
    free(copy);
    return st;
}

bool um_is_dir(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool um_is_file(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}
