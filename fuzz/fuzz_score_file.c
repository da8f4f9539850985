/*
 * The bytes as a file of scores: all of its rows, and those of one model or quality, which are then
 * compared with each other as umcl compare does.
 */
#include "replay.h"

#include <assert.h>
#include <math.h>

#include "eval/compare.h"
#include "eval/score_file.h"
#include "eval/score_pairs.h"

#define DRAWS 25

static void compare(const um_score_pairs *pairs)
{
    um_paired_bootstrap bootstrap;
    um_delong delong;

    assert(pairs->n_fake <= pairs->n && pairs->n_people <= pairs->n);
    if (um_delong_test(&delong, pairs->items, pairs->n) != UMCL_OK) return;
    assert(delong.a.value >= 0 && delong.a.value <= 1);
    assert(delong.b.value >= 0 && delong.b.value <= 1);
    if (um_bootstrap_difference(&bootstrap, pairs->items, pairs->n, DRAWS, 1) == UMCL_OK)
        assert(bootstrap.draws <= DRAWS);
}

static void join(const um_score_file *a, const um_score_file *b)
{
    const um_score_truth truth = {0};
    um_score_pairs pairs;

    if (um_score_pairs_join(&pairs, a, b, &truth) == UMCL_OK) compare(&pairs);
    um_score_pairs_clear(&pairs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const um_score_choice choices[] = {{NULL, NULL}, {"m", NULL}, {NULL, "c40"}};
    enum { N = sizeof choices / sizeof choices[0] };
    um_score_file files[N];

    for (size_t i = 0; i < N; i++) {
        (void)um_score_file_parse(&files[i], "fuzz", data, size, choices[i]);
        for (size_t k = 0; k < files[i].videos.count; k++) {
            assert(*files[i].videos.text[k] && files[i].rows[k].person);
            assert(!isinf(files[i].rows[k].score));
        }
    }
    for (size_t i = 0; i < N; i++) join(&files[0], &files[i]);
    join(&files[1], &files[2]);
    for (size_t i = 0; i < N; i++) um_score_file_clear(&files[i]);
    return 0;
}
