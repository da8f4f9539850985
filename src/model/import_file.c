#include "model/import_file.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/torch_file.h"

#define MAX_FILE_BYTES ((size_t)1 << 36)

struct um_import_file {
    um_st_file *safetensors; /* exactly one of the two is set */
    um_torch_file *torch;
};

umcl_status um_import_file_open(um_import_file **out, const char *path)
{
    um_import_file *f = NULL;
    char *bytes = NULL;
    umcl_status st;
    size_t n;

    *out = NULL;
    UM_CHECK(um_calloc(&f, 1, sizeof *f));
    UM_CHECK(um_file_read(&bytes, &n, path, MAX_FILE_BYTES));
    if (um_torch_looks_like(bytes, n))
        st = um_torch_adopt(&f->torch, path, bytes, n);
    else
        st = um_st_adopt(&f->safetensors, path, bytes, n);
    bytes = NULL;
    UM_CHECK(st);
    *out = f;
    f = NULL;
done:
    um_import_file_close(f);
    free(bytes);
    return st;
}

void um_import_file_close(um_import_file *file)
{
    if (!file) return;
    um_st_free(file->safetensors);
    um_torch_free(file->torch);
    free(file);
}

size_t um_import_file_count(const um_import_file *file)
{
    return file->torch ? um_torch_count(file->torch) : um_st_count(file->safetensors);
}

const um_st_tensor *um_import_file_at(const um_import_file *file, size_t i)
{
    return file->torch ? um_torch_at(file->torch, i) : um_st_at(file->safetensors, i);
}

const char *um_import_file_format(const um_import_file *file)
{
    return file->torch ? "pytorch" : "safetensors";
}

const um_st_file *um_import_file_safetensors(const um_import_file *file)
{
    return file->safetensors;
}
