/* Figures of a detector by hand: rows without a score, windows, groups. */
#include "../test.h"

#include <math.h>

#include "eval/evaluation.h"

static um_label label(bool fake, char *dataset, char *manipulation)
{
    return (um_label){.name = "v",
                      .fake = fake,
                      .dataset = dataset,
                      .manipulation = manipulation,
                      .compression = ""};
}

enum { N = 6 };

/* Reals .1 .4 .9; fakes of swap .8, of talk .6 and one that was not scored. */
typedef struct table {
    um_label labels[N];
    um_eval_row rows[N];
    double windows[N];
} table;

static void fill(table *t)
{
    const double score[N] = {.1, .4, .9, .8, .6, NAN};

    for (size_t i = 0; i < N; i++) {
        t->labels[i] = label(i > 2, i % 2 ? "odd" : "even", i < 3 ? "" : i == 3 ? "swap" : "talk");
        t->windows[i] = score[i];
        t->rows[i] = (um_eval_row){.label = &t->labels[i],
                                   .person = i,
                                   .score = score[i],
                                   .windows = &t->windows[i],
                                   .n_windows = i < 5};
    }
    t->rows[5].reason = "too_short";
}

static void measures_what_has_a_score(void **state)
{
    um_evaluation e;
    table t;

    (void)state;
    fill(&t);
    assert_ok(um_evaluate(&e, t.rows, N, 0.7));
    assert_int_equal(e.n_unscored, 1);
    assert_int_equal(e.videos.metrics.n, 5);
    assert_int_equal(e.videos.metrics.n_fake, 2);
    assert_true(fabs(e.videos.metrics.auc - 4.0 / 6) < 1e-12);
    assert_true(fabs(e.videos.metrics.accuracy - 3.0 / 5) < 1e-12);      /* .9 and .6 are wrong */
    assert_true(fabs(e.videos.metrics.accuracy_half - 4.0 / 5) < 1e-12); /* .9 alone */
    assert_int_equal(e.windows.metrics.n, 5);
    assert_true(e.windows.metrics.auc == e.videos.metrics.auc);
    assert_int_equal(e.curve[6].n + e.curve[8].n, 2);
    um_evaluation_clear(&e);
}

static void groups_fakes_against_all_reals(void **state)
{
    um_evaluation e;
    table t;

    (void)state;
    fill(&t);
    assert_ok(um_evaluate(&e, t.rows, N, 0.7));
    assert_int_equal(e.n_groups[UM_BY_MANIPULATION], 2);
    assert_string_equal(e.groups[UM_BY_MANIPULATION][0].name, "swap");
    assert_int_equal(e.groups[UM_BY_MANIPULATION][0].videos.metrics.n, 4);
    assert_true(fabs(e.groups[UM_BY_MANIPULATION][1].videos.metrics.auc - 2.0 / 3) < 1e-12);
    assert_int_equal(e.n_groups[UM_BY_DATASET], 2);
    assert_string_equal(e.groups[UM_BY_DATASET][0].name, "even"); /* .1, .9; fake: .6 */
    assert_true(e.groups[UM_BY_DATASET][0].videos.metrics.auc == 0.5);
    assert_int_equal(e.n_groups[UM_BY_COMPRESSION], 0); /* the labels do not tell */
    um_evaluation_clear(&e);
}

static void stands_empty_and_one_sided_rows(void **state)
{
    um_evaluation e;
    table t;

    (void)state;
    fill(&t);
    assert_ok(um_evaluate(&e, t.rows, 3, 0.7));
    assert_true(isnan(e.videos.metrics.auc) && isnan(e.videos.interval[UM_AUC].low));
    um_evaluation_clear(&e);
    assert_ok(um_evaluate(&e, t.rows + 5, 1, 0.7));
    assert_int_equal(e.videos.metrics.n, 0);
    assert_int_equal(e.n_unscored, 1);
    um_evaluation_clear(&e);
    t.rows[0].score = NAN;
    assert_fails(UMCL_ERR_INVALID, "not a number", um_evaluate(&e, t.rows, N, 0.7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_what_has_a_score),
        cmocka_unit_test(groups_fakes_against_all_reals),
        cmocka_unit_test(stands_empty_and_one_sided_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
