/* The bytes as each of the lists that data sets come with. */
#include "replay.h"

#include <assert.h>

#include "data/celebdf_list.h"
#include "data/dataset_divide.h"
#include "data/dataset_reader.h"
#include "data/dfdc_lists.h"
#include "data/ffpp_splits.h"
#include "data/leak_check.h"

/* What was read can be divided and checked; sentences are for people. */
static void use(um_dataset *d)
{
    um_leak_options options = {0};
    um_findings findings;

    for (size_t i = 0; i < d->count; i++) assert(d->items[i].path && d->items[i].name);
    d->on_disk = false; /* paths lead anywhere */
    if (um_dataset_divide(d, NULL, (um_shares){70, 15, 15}, UM_DIVIDE_CIRCLES) == UMCL_OK &&
        um_leak_check(&findings, d, &options) == UMCL_OK)
        um_findings_clear(&findings);
    um_dataset_clear(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    um_ffpp_splits splits = {0};
    um_celebdf_list celebdf;
    um_dfdc_list dfdc;
    um_dataset d = {0};

    if (um_ffpp_splits_parse(&splits, UM_SPLIT_TRAIN, "fuzz", data, size) == UMCL_OK)
        for (size_t i = 0; i < splits.count; i++)
            assert(um_ffpp_split_of(&splits, splits.pairs[i].a, splits.pairs[i].b));
    um_ffpp_splits_clear(&splits);
    if (um_celebdf_list_parse(&celebdf, "fuzz", data, size) == UMCL_OK)
        um_celebdf_list_clear(&celebdf);
    if (um_dfdc_metadata_parse(&dfdc, "fuzz", data, size) == UMCL_OK) um_dfdc_list_clear(&dfdc);
    if (um_dfdc_labels_parse(&dfdc, "fuzz", data, size) == UMCL_OK) um_dfdc_list_clear(&dfdc);
    (void)um_bench_parse(&d, "fuzz", data, size);
    use(&d);
    (void)um_rows_parse(&d, "fuzz", data, size);
    use(&d);
    return 0;
}
