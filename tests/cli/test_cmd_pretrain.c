/* umcl pretrain x on rendered clips: extract, train, the model file, and what it refuses. */
#include "support_cli.h"

#define X "pretrain x --cache cache --labels labels.csv --batch 4 --threads 1 --rate 1 "
#define LABELS                                                                                     \
    "name,label,person,split\na,real,1,train\nb,fake,2,train\nc,real,3,val\nd,fake,4,val\n"

static int setup(void **state)
{
    if (cli_setup(state)) return -1;
    mkdir("set", 0700);
    for (const char *name = "abcd"; *name; name++)
        cli_ends(0, "synth -q -o set/%c.mp4 --seed %d --seconds 3.2 --width 192 --height 160",
                 *name, *name);
    cli_ends(0, "extract -q -o cache set");
    cli_write("labels.csv", LABELS, strlen(LABELS));
    return 0;
}

static void trains_and_measures(void **state)
{
    json_t *file;

    (void)state;
    cli_ends(0, X "--steps 3 --check-every 2 -o x.safetensors");
    assert_says(cli_out(), "x.safetensors: trained on ");
    assert_says(cli_out(), "people not trained on: video AUC ");
    assert_says(cli_err(), "step 3/3");
    cli_ends(0, "inspect --json x.safetensors");
    file = cli_json();
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_array_get(file, 0), "metadata"), "kind")),
                        "texture");
    json_decref(file);
}

/* What is written is a detector, with the calibration that was printed. */
static void writes_a_detector(void **state)
{
    json_t *doc, *videos;

    (void)state;
    cli_ends(0, X "--steps 2 --check-every 1 --half -o x.safetensors");
    assert_says(cli_err(), ", best");
    cli_ends(0, "eval x.safetensors --cache cache --labels labels.csv --split val --json");
    doc = cli_json();
    videos = json_object_get(json_array_get(json_object_get(doc, "results"), 0), "videos");
    assert_int_equal(json_integer_value(json_object_get(videos, "n")), 2);
    json_decref(doc);
}

/* Two caches are twice the crops; splits go by the names that are given. */
static void several_caches_and_splits(void **state)
{
    (void)state;
    cli_ends(0, X "--steps 1 --split val --validate train -o one.safetensors");
    assert_says(cli_err(), "0 stills, 4 real frames, 4 fake ones; 2 tracks to measure on");
    cli_ends(0, X "--cache cache --steps 1 --validate none -o two.safetensors");
    assert_says(cli_err(), "0 stills, 8 real frames, 8 fake ones; 0 tracks to measure on");
    cli_ends(1, X "--steps 1 --validate train -o x.safetensors");
    assert_says(cli_err(), "people must be kept apart");
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    cli_ends(0, X "--steps 2 --seed 5 -o one.safetensors");
    cli_ends(0, X "--steps 2 --seed 5 -o two.safetensors");
    cli_ends(0, "inspect one.safetensors | tail -n +3 >1; " UMCL_TEST_PROGRAM
                " inspect two.safetensors | tail -n +3 >2; grep -v made_by 1 >3; grep -v made_by 2 "
                "| cmp - 3");
}

static void refuses(void **state)
{
    (void)state;
    cli_ends(2, "pretrain");
    cli_ends(2, "pretrain y -o y.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "expected what to train");
    cli_ends(2, X "-o x.safetensors --batch 3");
    assert_says(cli_err(), "even number");
    cli_ends(2, X "-o x.safetensors more");
    assert_says(cli_err(), "unexpected argument 'more'");
    cli_ends(2, X "-o x.safetensors --faces nothing");
    assert_says(cli_err(), "CSV=FOLDER");
    cli_ends(2, X "-o x.safetensors --fakes 2");
    assert_says(cli_err(), "'2' is not a number, or out of range");
    cli_ends(2, "pretrain x --cache cache -o x.safetensors");
    cli_ends(1, "pretrain x --cache cache --labels none.csv -o x.safetensors");
    assert_says(cli_err(), "none.csv");
    cli_ends(0, "pretrain --help");
    assert_says(cli_out(), "example: umcl pretrain");
    cli_ends(0, "pretrain x --help");
    assert_says(cli_out(), "--validate NAME");
}

/* Crops are needed, and as many as the landmarks say. */
static void refuses_caches_without_crops(void **state)
{
    (void)state;
    cli_ends(0, "extract -q --no-crops -o bare set");
    cli_ends(1, "pretrain x --cache bare --labels labels.csv -o x.safetensors");
    assert_says(cli_err(), "track1.mp4");
    cli_ends(0, "synth -q -o cache/a/track1.mp4 --seconds 0.5 --width 128 --height 128");
    cli_ends(1, X "-o x.safetensors");
    assert_says(cli_err(), "expected 96 frames, found 15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trains_and_measures),
        cmocka_unit_test(writes_a_detector),
        cmocka_unit_test(several_caches_and_splits),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_caches_without_crops),
    };

    return cmocka_run_group_tests(tests, setup, cli_teardown);
}
