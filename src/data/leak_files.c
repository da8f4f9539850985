/* Copies of one file under two names: same size, then same SHA-256. */
#include "data/leak_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/str.h"

#define FIRST_BYTES ((size_t)1 << 20)

typedef struct file {
    const um_item *item;
    off_t size;
    char hash[65]; /* "": not needed */
} file;

typedef struct search {
    const um_dataset *d;
    um_findings *out;
    bool whole;
    file *files;
    size_t count;
    um_names missing, unreadable, empty, crossed;
    um_shared copies;
} search;

/* Sizes of the regular files; what is none is noted. */
static umcl_status measure(search *s)
{
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < s->d->count; i++) {
        const um_item *item = &s->d->items[i];
        struct stat info;

        if (!*item->path) continue;
        UM_CHECK(um_dataset_path(&path, s->d, item->path));
        if (stat(path.text, &info) != 0)
            UM_CHECK(
                um_names_add(errno == ENOENT ? &s->missing : &s->unreadable, item->path, NULL));
        else if (!S_ISREG(info.st_mode))
            UM_CHECK(um_names_add(&s->unreadable, item->path, NULL));
        else if (info.st_size == 0)
            UM_CHECK(um_names_add(&s->empty, item->path, NULL));
        else
            s->files[s->count++] = (file){.item = item, .size = info.st_size};
    }
done:
    um_str_clear(&path);
    return st;
}

/* Hash of the first MiB, or of all; false where it cannot be read. */
static bool hash_file(char hash[65], const char *path, bool whole)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    size_t left = whole ? SIZE_MAX : FIRST_BYTES;
    char bytes[16384];
    um_sha256 sha;
    ssize_t n = -1;

    um_sha256_start(&sha);
    while (fd >= 0 && left > 0) {
        n = read(fd, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (n <= 0) break;
        um_sha256_add(&sha, bytes, (size_t)n);
        left -= (size_t)n;
    }
    um_sha256_finish(&sha, hash);
    if (fd >= 0) close(fd);
    return n >= 0;
}

static int by_size(const void *a, const void *b)
{
    const file *x = a, *y = b;

    return (x->size > y->size) - (x->size < y->size);
}

static int by_hash_and_path(const void *a, const void *b)
{
    const file *x = a, *y = b;
    int c = strcmp(x->hash, y->hash);

    return c ? c : strcmp(x->item->path, y->item->path);
}

/* `n` files of one size and one hash, in the order of their paths. */
static umcl_status tell_copies(search *s, const file *copies, size_t n)
{
    um_str text = UM_STR_INIT;
    unsigned splits = 0, labels = 0;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < n; i++) {
        if (i && !strcmp(copies[i].item->path, copies[i - 1].item->path)) continue;
        um_str_printf(&text, "%s%s", text.len ? " = " : "", copies[i].item->path);
        splits |= 1U << copies[i].item->split;
        labels |= 1U << copies[i].item->fake;
    }
    UM_CHECK(um_str_status(&text));
    UM_CHECK(um_shared_add(&s->copies, splits, text.text));
    if (labels == 3) st = um_names_add(&s->crossed, text.text, NULL);
done:
    um_str_clear(&text);
    return st;
}

/* `n` files of one size. */
static umcl_status compare(search *s, file *files, size_t n)
{
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < n; i++) {
        UM_CHECK(um_dataset_path(&path, s->d, files[i].item->path));
        if (hash_file(files[i].hash, path.text, s->whole)) continue;
        *files[i].hash = '\0';
        UM_CHECK(um_names_add(&s->unreadable, files[i].item->path, NULL));
    }
    qsort(files, n, sizeof *files, by_hash_and_path);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !strcmp(files[i].hash, files[end].hash);) end++;
        if (end > i + 1 && *files[i].hash) UM_CHECK(tell_copies(s, files + i, end - i));
    }
done:
    um_str_clear(&path);
    return st;
}

static umcl_status tell(search *s, um_finding_kind kind, um_names *names, const char *what)
{
    if (names->count == 0) return UMCL_OK;
    return um_findings_add(s->out, kind, names, "%s", what);
}

umcl_status um_leak_files(um_findings *out, const um_dataset *d, const um_leak_options *options)
{
    search s = {.d = d, .out = out, .whole = options->whole_files};
    umcl_status st;

    UM_CHECK(um_calloc(&s.files, d->count, sizeof *s.files));
    UM_CHECK(measure(&s));
    qsort(s.files, s.count, sizeof *s.files, by_size);
    for (size_t i = 0, end; i < s.count; i = end) {
        for (end = i + 1; end < s.count && s.files[i].size == s.files[end].size;) end++;
        if (end > i + 1) UM_CHECK(compare(&s, s.files + i, end - i));
    }
    UM_CHECK(um_shared_tell(out, &s.copies, UM_FINDING_FILE, "copies of files"));
    UM_CHECK(tell(&s, UM_FINDING_LABEL, &s.crossed, "copies of files are real and fake"));
    UM_CHECK(tell(&s, UM_FINDING_MISSING, &s.missing, "files of the list are not there"));
    UM_CHECK(tell(&s, UM_FINDING_UNREADABLE, &s.empty, "files are empty"));
    st = tell(&s, UM_FINDING_UNREADABLE, &s.unreadable, "files cannot be read");
done:
    um_shared_clear(&s.copies);
    um_names_clear(&s.missing);
    um_names_clear(&s.unreadable);
    um_names_clear(&s.empty);
    um_names_clear(&s.crossed);
    free(s.files);
    return st;
}
