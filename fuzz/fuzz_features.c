/* Reads a file of features. */
#include "replay.h"

#include <assert.h>
#include <string.h>

#include "eval/feature_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    um_feature_table table;
    um_st_file *file;

    if (um_st_parse(&file, "fuzz", data, size) != UMCL_OK) return 0;
    if (um_feature_file_parse(&table, file, "fuzz") == UMCL_OK) {
        for (size_t i = 0; i < table.n; i++) assert(strlen(table.rows[i].video) < size);
        um_feature_table_clear(&table);
    }
    um_st_free(file);
    return 0;
}
