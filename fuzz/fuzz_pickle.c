/* Reads a pickle and walks over what was built, as deep as one may. */
#include "replay.h"

#include <assert.h>
#include <string.h>

#include "model/pickle.h"

static size_t walk(const um_pk *v, int depth, size_t budget)
{
    if (!budget || depth > 20) return budget;
    budget--;
    switch (v->kind) {
    case UM_PK_TEXT: assert(strlen(v->text.bytes) <= v->text.n); break;
    case UM_PK_TUPLE:
    case UM_PK_LIST:
    case UM_PK_DICT:
    case UM_PK_OBJECT:
        for (size_t i = 0; i < v->list.n; i++) budget = walk(v->list.item[i], depth + 1, budget);
        break;
    case UM_PK_TENSOR: assert(v->tensor.count <= (size_t)v->tensor.storage->storage.count); break;
    default: break;
    }
    return budget;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    um_pickle *pickle;
    size_t used;

    if (um_pickle_parse(&pickle, "fuzz", data, size, &used) != UMCL_OK) return 0;
    assert(used <= size);
    walk(um_pickle_root(pickle), 0, 10000);
    for (size_t i = 0; i < um_pickle_storage_count(pickle); i++)
        walk(um_pickle_storage(pickle, i), 0, 1);
    um_pickle_free(pickle);
    return 0;
}
