#include "support_pickle.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static void number(um_str *s, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        char c = i < 8 ? (char)(value >> 8 * i) : 0;

        um_str_append_n(s, &c, 1);
    }
}

void pk_text(um_str *s, const char *text)
{
    um_str_append(s, "X");
    number(s, strlen(text), 4);
    um_str_append(s, text);
}

void pk_int(um_str *s, int64_t value)
{
    pk_raw(s, "\x8a\x08");
    number(s, (uint64_t)value, 8);
}

void pk_class(um_str *s, const char *module, const char *name)
{
    um_str_printf(s, "c%s\n%s\n", module, name);
}

void pk_tuple(um_str *s, int n, const int64_t *value)
{
    um_str_append(s, "(");
    for (int i = 0; i < n; i++) pk_int(s, value[i]);
    um_str_append(s, "t");
}

void pk_tensor(um_str *s, const pk_tensor_spec *t)
{
    pk_class(s, "torch._utils", "_rebuild_tensor_v2");
    um_str_append(s, "((");
    pk_text(s, "storage");
    pk_class(s, "torch", t->type);
    pk_text(s, t->key);
    pk_text(s, "cpu");
    pk_int(s, t->count);
    um_str_append(s, "tQ");
    pk_int(s, t->offset);
    pk_tuple(s, t->rank, t->dim);
    pk_tuple(s, t->rank, t->stride);
    pk_raw(s, "\x89");
    pk_class(s, "collections", "OrderedDict");
    um_str_append(s, ")RtR");
}

static void add(pk_zip *z, const char *name, int method, const void *packed, size_t n_packed,
                uint32_t crc, size_t n)
{
    size_t place = z->file.len;

    for (int central = 0; central < 2; central++) {
        um_str *s = central ? &z->directory : &z->file;

        if (central)
            pk_raw(s, "PK\1\2\0\0");
        else
            pk_raw(s, "PK\3\4");
        number(s, 0, 4); /* version, flags */
        number(s, (uint64_t)method, 2);
        number(s, 0, 4); /* time */
        number(s, crc, 4);
        number(s, n_packed, 4);
        number(s, n, 4);
        number(s, strlen(name), 2);
        number(s, 0, 2); /* extra */
        if (central) {
            number(s, 0, 10); /* comment, disk, attributes */
            number(s, place, 4);
        }
        um_str_append(s, name);
    }
    um_str_append_n(&z->file, packed, n_packed);
    z->count++;
}

void pk_zip_add(pk_zip *z, const char *name, const void *bytes, size_t n)
{
    add(z, name, 0, bytes, n, (uint32_t)crc32_z(0, bytes, n), n);
}

void pk_zip_deflate(pk_zip *z, const char *name, const void *bytes, size_t n)
{
    unsigned char packed[4096];
    z_stream s = {0};

    deflateInit2(&s, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    s.next_in = (unsigned char *)bytes;
    s.avail_in = (uInt)n;
    s.next_out = packed;
    s.avail_out = sizeof packed;
    deflate(&s, Z_FINISH);
    add(z, name, 8, packed, s.total_out, (uint32_t)crc32_z(0, bytes, n), n);
    deflateEnd(&s);
}

void pk_zip_finish(pk_zip *z)
{
    size_t place = z->file.len;

    um_str_append_n(&z->file, z->directory.text, z->directory.len);
    pk_raw(&z->file, "PK\5\6\0\0\0\0");
    number(&z->file, (uint64_t)z->count, 2);
    number(&z->file, (uint64_t)z->count, 2);
    number(&z->file, z->directory.len, 4);
    number(&z->file, place, 4);
    number(&z->file, 0, 2);
}

void pk_zip_clear(pk_zip *z)
{
    um_str_clear(&z->file);
    um_str_clear(&z->directory);
    z->count = 0;
}
