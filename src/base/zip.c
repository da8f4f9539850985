#include "base/zip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/mem.h"

#define END_BYTES 22
#define LOCATOR64_BYTES 20
#define END64_BYTES 56
#define CENTRAL_BYTES 46
#define LOCAL_BYTES 30
#define MAX_COMMENT 65535
#define MAX_RATIO 100

enum { METHOD_STORED = 0, METHOD_DEFLATE = 8 };

typedef struct entry {
    char *name;
    uint64_t local, packed, size; /* place of the local header; bytes stored; bytes unpacked */
    uint32_t crc;
    unsigned method;
    unsigned char *inflated; /* NULL until read */
    bool checked;            /* the checksum was found right */
} entry;

struct um_zip {
    char *name;
    const unsigned char *bytes;
    size_t n;
    uint64_t inflated; /* bytes taken for entries so far */
    entry *entry;      /* [count], by name */
    size_t count;
};

static uint64_t number(const unsigned char *p, int bytes)
{
    uint64_t v = 0;

    while (bytes--) v = v << 8 | p[bytes];
    return v;
}

static umcl_status damaged(const um_zip *z, const char *what)
{
    return um_fail(UMCL_ERR_FORMAT, "%s: damaged ZIP archive: %s", z->name, what);
}

/* Is [at, at + bytes) inside of the archive? */
static int inside(const um_zip *z, uint64_t at, uint64_t bytes)
{
    return at <= z->n && bytes <= z->n - at;
}

static umcl_status find_directory(const um_zip *z, uint64_t *at, uint64_t *bytes, uint64_t *count)
{
    size_t end, lowest;
    const unsigned char *p;

    if (z->n < END_BYTES) return damaged(z, "too short");
    end = z->n - END_BYTES;
    lowest = end > MAX_COMMENT ? end - MAX_COMMENT : 0;
    while (number(z->bytes + end, 4) != 0x06054B50) {
        if (end == lowest) return damaged(z, "no end record (file cut off?)");
        end--;
    }
    p = z->bytes + end;
    *count = number(p + 10, 2);
    *bytes = number(p + 12, 4);
    *at = number(p + 16, 4);
    if (end >= LOCATOR64_BYTES && number(p - LOCATOR64_BYTES, 4) == 0x07064B50) {
        uint64_t end64 = number(p - LOCATOR64_BYTES + 8, 8);

        if (!inside(z, end64, END64_BYTES) || number(z->bytes + end64, 4) != 0x06064B50)
            return damaged(z, "ZIP64 end record out of place");
        *count = number(z->bytes + end64 + 32, 8);
        *bytes = number(z->bytes + end64 + 40, 8);
        *at = number(z->bytes + end64 + 48, 8);
    }
    if (!inside(z, *at, *bytes)) return damaged(z, "directory outside of the file");
    if (*count > *bytes / CENTRAL_BYTES) return damaged(z, "more entries than the directory holds");
    return UMCL_OK;
}

/* Sizes and places that do not fit into 32 bits stand in the extra field 1. */
static umcl_status read_extra64(const um_zip *z, entry *e, const unsigned char *extra, size_t n)
{
    uint64_t *const wide[] = {&e->size, &e->packed, &e->local};

    while (n >= 4) {
        size_t id = number(extra, 2), len = number(extra + 2, 2);
        const unsigned char *p = extra + 4;

        if (len > n - 4) return damaged(z, "extra field too long");
        n -= 4 + len;
        extra += 4 + len;
        if (id != 1) continue;
        for (int i = 0; i < 3; i++) {
            if (*wide[i] != UINT32_MAX) continue;
            if (len < 8) return damaged(z, "ZIP64 field too short");
            *wide[i] = number(p, 8);
            p += 8;
            len -= 8;
        }
        break;
    }
    return UMCL_OK;
}

/* One central header; `*bytes` is what is left of the directory from `p` on. */
static umcl_status read_central(const um_zip *z, entry *e, const unsigned char **p, uint64_t *bytes)
{
    const unsigned char *h = *p;
    size_t n_name, n_extra, total;

    if (*bytes < CENTRAL_BYTES || number(h, 4) != 0x02014B50)
        return damaged(z, "directory entry out of place");
    n_name = number(h + 28, 2);
    n_extra = number(h + 30, 2);
    total = CENTRAL_BYTES + n_name + n_extra + number(h + 32, 2);
    if (total > *bytes) return damaged(z, "directory entry too long");
    e->name = strndup((const char *)h + CENTRAL_BYTES, n_name);
    if (!e->name) return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", z->name);
    if (strlen(e->name) != n_name) return damaged(z, "NUL in a name");
    e->method = (unsigned)number(h + 10, 2);
    e->crc = (uint32_t)number(h + 16, 4);
    e->packed = number(h + 20, 4);
    e->size = number(h + 24, 4);
    e->local = number(h + 42, 4);
    if (number(h + 8, 2) & 1)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: %s is encrypted", z->name, e->name);
    if (e->method != METHOD_STORED && e->method != METHOD_DEFLATE)
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: %s: unknown compression %u", z->name, e->name,
                       e->method);
    UM_TRY(read_extra64(z, e, h + CENTRAL_BYTES + n_name, n_extra));
    *p += total;
    *bytes -= total;
    return UMCL_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

static umcl_status read_directory(um_zip *z)
{
    uint64_t at = 0, bytes = 0, count = 0;
    const unsigned char *p;

    UM_TRY(find_directory(z, &at, &bytes, &count));
    UM_TRY(um_calloc(&z->entry, count, sizeof *z->entry));
    p = z->bytes + at;
    for (uint64_t i = 0; i < count; i++) {
        z->count++;
        UM_TRY(read_central(z, &z->entry[i], &p, &bytes));
    }
    qsort(z->entry, z->count, sizeof *z->entry, compare_entries);
    for (size_t i = 1; i < z->count; i++)
        if (!compare_entries(&z->entry[i - 1], &z->entry[i]))
            return um_fail(UMCL_ERR_FORMAT, "%s: holds %s twice", z->name, z->entry[i].name);
    return UMCL_OK;
}

umcl_status um_zip_open(um_zip **out, const char *name, const void *bytes, size_t n)
{
    um_zip *z = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&z, 1, sizeof *z));
    z->bytes = bytes;
    z->n = n;
    z->name = strdup(name);
    if (!z->name) {
        st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", name);
        goto done;
    }
    UM_CHECK(read_directory(z));
    *out = z;
    z = NULL;
done:
    um_zip_close(z);
    return st;
}

void um_zip_close(um_zip *zip)
{
    if (!zip) return;
    for (size_t i = 0; i < zip->count; i++) {
        free(zip->entry[i].name);
        free(zip->entry[i].inflated);
    }
    free(zip->entry);
    free(zip->name);
    free(zip);
}

size_t um_zip_count(const um_zip *zip)
{
    return zip->count;
}

const char *um_zip_name(const um_zip *zip, size_t i)
{
    return zip->entry[i].name;
}

static umcl_status inflate_entry(um_zip *z, entry *e, const unsigned char *packed)
{
    z_stream s = {0};
    int result;

    if (e->size > UINT32_MAX || e->packed > UINT32_MAX ||
        e->size > (uint64_t)z->n * MAX_RATIO - z->inflated)
        return um_fail(UMCL_ERR_FORMAT, "%s: %s inflates to %llu bytes, which is too much", z->name,
                       e->name, (unsigned long long)e->size);
    UM_TRY(um_calloc(&e->inflated, e->size, 1));
    z->inflated += e->size;
    if (inflateInit2(&s, -MAX_WBITS) != Z_OK)
        return um_fail(UMCL_ERR_NOMEM, "%s: out of memory", z->name);
    s.next_in = (unsigned char *)packed;
    s.avail_in = (uInt)e->packed;
    s.next_out = e->inflated;
    s.avail_out = (uInt)e->size;
    result = inflate(&s, Z_FINISH);
    inflateEnd(&s);
    if (result == Z_STREAM_END && s.total_out == e->size) return UMCL_OK;
    free(e->inflated);
    e->inflated = NULL;
    return um_fail(UMCL_ERR_FORMAT, "%s: %s: damaged compressed data", z->name, e->name);
}

static umcl_status unpack(um_zip *z, entry *e, const void **data)
{
    const unsigned char *h, *packed;
    uint64_t start;

    if (!inside(z, e->local, LOCAL_BYTES)) return damaged(z, "entry out of place");
    h = z->bytes + e->local;
    if (number(h, 4) != 0x04034B50) return damaged(z, "entry out of place");
    start = e->local + LOCAL_BYTES + number(h + 26, 2) + number(h + 28, 2);
    if (!inside(z, start, e->packed))
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: reaches over the end of the file", z->name,
                       e->name);
    packed = z->bytes + start;
    if (e->method == METHOD_DEFLATE) {
        if (!e->inflated) UM_TRY(inflate_entry(z, e, packed));
        packed = e->inflated;
    } else if (e->packed != e->size) {
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: two sizes for stored data", z->name, e->name);
    }
    if (!e->checked && crc32_z(0, packed, e->size) != e->crc)
        return um_fail(UMCL_ERR_FORMAT, "%s: %s: damaged, the checksum does not fit", z->name,
                       e->name);
    e->checked = true;
    *data = packed;
    return UMCL_OK;
}

umcl_status um_zip_read(um_zip *zip, const char *name, const void **data, size_t *n)
{
    entry key = {.name = (char *)name}, *e = NULL;

    *data = NULL;
    *n = 0;
    if (zip->count) e = bsearch(&key, zip->entry, zip->count, sizeof *zip->entry, compare_entries);
    if (!e) return um_fail(UMCL_ERR_NOT_FOUND, "%s: holds no %s", zip->name, name);
    UM_TRY(unpack(zip, e, data));
    *n = (size_t)e->size;
    return UMCL_OK;
}
