/* Reads a file of torch.save, ZIP or legacy, and converts every tensor. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "model/torch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    um_torch_file *file;

    if (!copy) return 0;
    if (size) memcpy(copy, data, size);
    if (um_torch_adopt(&file, "fuzz", copy, size) != UMCL_OK) return 0;
    for (size_t i = 0; i < um_torch_count(file); i++) {
        const um_st_tensor *t = um_torch_at(file, i);
        float *value = calloc(t->count + 1, sizeof *value);

        if (value) um_st_to_f32(value, t);
        free(value);
    }
    um_torch_free(file);
    return 0;
}
