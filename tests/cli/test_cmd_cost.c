/* umcl cost from outside: the shipped joint model's parts, counted and timed. */
#include "support_cli.h"

#include <math.h>

#include "support_models.h"

static void parts_make_the_whole(void **state)
{
    static const char *const names[] = {"pulse", "landmarks", "texture", "head"};
    double mega, ms, gflop, rate, memory, sum_mega = 0, sum_ms = 0, sum_gflop = 0;
    json_t *doc, *parts;
    json_error_t e;

    (void)state;
    cli_ends(0, "cost " SHIPPED("umcl") " --repeat 1 --threads 1 --json");
    assert_string_equal(cli_err(), "");
    doc = cli_json();
    if (json_unpack_ex(doc, &e, 0, "{s:F, s:F, s:F, s:F, s:F, s:o}", "mega_parameters", &mega, "ms",
                       &ms, "gflop", &gflop, "windows_per_second", &rate, "memory_mb", &memory,
                       "parts", &parts) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(json_object_size(parts), 4);
    for (int i = 0; i < 4; i++) {
        double part_mega, part_ms, part_gflop, sum = 0;
        json_t *by, *one;
        const char *name;

        if (json_unpack_ex(json_object_get(parts, names[i]), &e, JSON_STRICT,
                           "{s:F, s:F, s:F, s:o}", "mega_parameters", &part_mega, "ms", &part_ms,
                           "gflop", &part_gflop, "gflop_by_operator", &by) != 0)
            fail_msg("%s: %s", names[i], e.text);
        assert_true(part_mega > 0 && part_ms > 0);
        json_object_foreach(by, name, one) sum += json_number_value(one);
        assert_true(fabs(sum - part_gflop) <= 1e-6 * part_gflop);
        assert_true(part_gflop > 0);
        sum_gflop += part_gflop;
        sum_mega += part_mega;
        sum_ms += part_ms;
    }
    assert_true(fabs(sum_mega - mega) < 1e-5);
    assert_true(fabs(sum_ms - ms) < 1e-3 * ms);
    assert_true(fabs(rate * ms - 1000) < 0.1);
    assert_true(mega > 7 && mega < 20); /* PhysFormer alone has 7.4 million */
    assert_true(memory > 20);
    assert_true(fabs(sum_gflop - gflop) < 1e-5);
    json_decref(doc);
}

/* PhysFormer takes 51.2 G multiply-adds a clip, LRNet's two GRUs what their sizes give. */
static void operations_are_those_of_the_networks(void **state)
{
    const double gru = 2.0 * 2 * 3 * 32 * (136 + 32) / 1e9; /* both directions, a step */
    json_t *doc, *parts;
    double all, pulse, recurrent;

    (void)state;
    cli_ends(0, "cost " SHIPPED("umcl") " --repeat 1 --threads 1 --json");
    doc = cli_json();
    parts = json_object_get(doc, "parts");
    assert_int_equal(json_unpack(doc, "{s:F}", "gflop", &all), 0);
    assert_int_equal(json_unpack(parts, "{s:{s:F}, s:{s:{s:F}}}", "pulse", "gflop", &pulse,
                                 "landmarks", "gflop_by_operator", "recurrent_layers", &recurrent),
                     0);
    assert_true(fabs(pulse - 2 * 51.2) < 0.5);
    assert_true(fabs(recurrent - gru * (160 + 159)) < 1e-6);
    assert_true(all > pulse);
    json_decref(doc);

    cli_ends(0, "cost " SHIPPED("umcl") " --repeat 1 --threads 1");
    assert_says(cli_out(), "GFLOP: convolutions ");
}

static void refuses_what_is_no_joint_model(void **state)
{
    (void)state;
    cli_ends(1, "cost " SHIPPED("lrnet"));
    assert_says(cli_err(), "lrnet");
    cli_ends(1, "cost nothing.safetensors");
    cli_ends(2, "cost");
    cli_ends(2, "cost a b");
    cli_ends(2, "cost --repeat 0 a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_make_the_whole),
        cmocka_unit_test(operations_are_those_of_the_networks),
        cmocka_unit_test(refuses_what_is_no_joint_model),
    };

    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
