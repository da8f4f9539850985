/* umcl pretrain p, from outside: a few steps on rendered people, and what it refuses. */
#include "support_cli.h"

#include "base/file.h"

#define TRAIN "pretrain p --rendered 2 --frames 60 --batch 1 --steps 2 --check 1 --threads 1 "

static void test_pulse(void **state)
{
    (void)state;
    cli_ends(0, TRAIN "-o model.safetensors");
    assert_says(cli_err(), "step 2/2  loss ");
    assert_says(cli_out(), "model.safetensors, on 1 clips of 60 frames of rendered people held "
                           "out, 40 to 150 bpm:\n  as rendered\n    network ");
    assert_says(cli_out(), "\n  after H.264 at CRF 23\n    network ");
    assert_int_equal(cli_count(cli_out(), " readings of 1, within 5 bpm "), 6);
    assert_false(um_is_file("model.safetensors.checkpoint"));
    cli_ends(0, "inspect model.safetensors");
    assert_says(cli_out(), "kind: physformer");
    assert_says(cli_out(), "made_by: umcl pretrain p --rendered 2");
    cli_ends(0, "pretrain p --measure model.safetensors --check 1 --frames 60 --threads 1");
    assert_says(cli_out(), "  mean green ");
    assert_string_equal(cli_err(), "");
}

static void test_pulse_refuses(void **state)
{
    (void)state;
    cli_ends(1, "pretrain p --resume -o m.safetensors");
    assert_says(cli_err(), "m.safetensors.checkpoint: cannot open");
    cli_ends(1, "pretrain p --init absent.safetensors -o m.safetensors");
    assert_says(cli_err(), "absent.safetensors: cannot open");
    cli_ends(1, "pretrain p --cache absent -o m.safetensors");
    assert_says(cli_err(), "absent: ");
    cli_ends(1, "pretrain p --pulse-data absent -o m.safetensors");
    assert_says(cli_err(), "absent: ");
    cli_ends(1, "pretrain p -o no/folder/m.safetensors");
    assert_says(cli_err(), "no/folder/m.safetensors");
    cli_ends(1, "pretrain p --measure absent.safetensors");
    assert_says(cli_err(), "absent.safetensors: cannot open");

    cli_ends(2, "pretrain p --crf 28-18 -o m.safetensors");
    assert_says(cli_err(), "'28-18' is not a number, or out of range");
    cli_ends(2, "pretrain p --crf 18-28x -o m.safetensors");
    cli_ends(2, "pretrain p --codec 1.5 -o m.safetensors");

    cli_ends(0, "pretrain p --help");
    assert_says(cli_out(), "usage: umcl pretrain p ");
    cli_ends(2, "pretrain p");
    assert_says(cli_err(), "expected either -o MODEL or --measure MODEL");
    cli_ends(2, "pretrain p --rendered 0 -o m.safetensors");
    assert_says(cli_err(), "expected --rendered, --cache or --pulse-data");
    cli_ends(2, "pretrain p --frames 62 -o m.safetensors");
    assert_says(cli_err(), "--frames: expected a multiple of 4, found 62");
    cli_ends(2, "pretrain p --frames 56 -o m.safetensors");
    assert_says(cli_err(), "'56' is not a number, or out of range");
    cli_ends(2, "pretrain p -o m.safetensors left over");
    assert_says(cli_err(), "unexpected argument 'left'");
    cli_ends(2, "pretrain p --nonsense");
    cli_ends(2, "pretrain q");
    assert_says(cli_err(), "expected what to train: x, p or l");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pulse),
        cmocka_unit_test(test_pulse_refuses),
    };
    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
