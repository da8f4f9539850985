/*
 * CPML trained: the classifier learns the prompt, which in training tells the class. The oracle's
 * prompts then move the verdicts, and the policies that know no label see nothing of it.
 */
#include "../test.h"

#include "base/parallel.h"
#include "support_tracks.h"
#include "train/joint_fit.h"

enum { P = 1 << UM_PULSE, L = 1 << UM_LANDMARKS, T = 1 << UM_TEXT, N = 64 };

static um_joint_fit_options options(void)
{
    um_joint_fit_options o = UM_JOINT_FIT_OPTIONS_INIT;

    o.joint.set = P | L | T;
    o.joint.fusion = UM_FUSION_CPML;
    o.joint.alpha = UM_CPML_PHY;
    o.joint.beta = UM_CPML_CONSISTENCY;
    o.joint.dropout = (double)UM_CPML_DROPOUT;
    o.joint.class_prompt = 1;
    o.epochs = 10;
    o.schedule = um_schedule_cosine(1e-3, 0);
    return o;
}

/* Log-odds of a take whose label is said to be `fake`. */
static double odds_of(um_umcl_net *net, const um_take_store *store, size_t take, bool fake)
{
    const float *body[UM_N_MODALITIES] = {0};
    double odds;

    body[UM_PULSE] = um_take_store_body(store, UM_PULSE, UM_HQ, take);
    body[UM_LANDMARKS] = um_take_store_body(store, UM_LANDMARKS, UM_HQ, take);
    assert_ok(um_umcl_odds(net, body, fake, &odds));
    return odds;
}

/*
 * Of all takes, how many a "fake" in the place of a "real" moves by more than 1 towards fake, less
 * those that it moves away. Odds end at a billion to one: a take that is there already stays.
 */
static int moved(um_params *params, const um_umcl_spec *spec, const um_take_store *store)
{
    um_umcl_net *net;
    int n = 0;

    assert_ok(um_umcl_net_new(&net, params, spec, 1));
    for (size_t take = 0; take < N; take++) {
        double by = odds_of(net, store, take, true) - odds_of(net, store, take, false);

        n += (by > 1) - (by < -1);
    }
    um_umcl_net_free(net);
    return n;
}

static void the_prompt_moves_the_verdict(void **state)
{
    um_take_store store = store_of_random(N, UM_WINDOW, P | L);
    const um_joint_fit_options o = options();
    um_prompt_table prompts;
    um_umcl_spec spec = {.set = o.joint.set,
                         .policy = UM_POLICY_ORACLE,
                         .prompts = UM_PROMPTS_DESCRIPTION,
                         .table = &prompts,
                         .fusion = UM_FUSION_CPML};
    um_params *params;

    (void)state;
    assert_ok(um_prompt_table_random(&prompts, 1));
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_joint_fit(params, &store, NULL, &spec, &o, &(um_joint_calls){0}));
    assert_true(moved(params, &spec, &store) > 3 * N / 4);
    spec.prompts = UM_PROMPTS_OPPOSITE; /* the paper's Table 8 */
    assert_true(moved(params, &spec, &store) < -3 * N / 4);
    spec.prompts = UM_PROMPTS_DESCRIPTION;
    spec.policy = UM_POLICY_MARGINAL;
    assert_int_equal(moved(params, &spec, &store), 0);
    spec.policy = UM_POLICY_NEUTRAL;
    assert_int_equal(moved(params, &spec, &store), 0);
    um_params_free(params);
    um_prompt_table_clear(&prompts);
    um_take_store_clear(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_prompt_moves_the_verdict)};

    um_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
