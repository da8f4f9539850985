/* Reads a safetensors file, converts every tensor, and looks each up by its name. */
#include "replay.h"

#include <assert.h>
#include <stdlib.h>

#include "base/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    um_st_file *file;

    if (um_st_parse(&file, "fuzz", data, size) != UMCL_OK) return 0;
    for (size_t i = 0; i < um_st_count(file); i++) {
        const um_st_tensor *t = um_st_at(file, i);
        int64_t *whole = calloc(t->count + 1, sizeof *whole);
        float *value = calloc(t->count + 1, sizeof *value);

        assert(um_st_find(file, t->name) == t);
        if (value && whole) {
            um_st_to_f32(value, t);
            um_st_to_i64(whole, t);
        }
        free(value);
        free(whole);
    }
    for (size_t i = 0; i < um_st_meta_count(file); i++) {
        const char *key, *text;

        um_st_meta_at(file, i, &key, &text);
        assert(um_st_meta(file, key) == text);
    }
    um_st_free(file);
    return 0;
}
