/* umcl pretrain l: LRNet by its own recipe, as the beginning of the joint model. */
#include "support_cli.h"

#include <stdlib.h>

#include "base/file.h"

#define OPTIONS                                                                                    \
    "--cache cache --labels labels.csv --steps 4 --batch 4 --threads 1 -q --any-confidence "
#define JOINT                                                                                      \
    "train --modalities l --cache cache --labels labels.csv --validate none --takes 8 --batch 4 "  \
    "--epochs 1 --threads 1 -q "

static int prepare(void **state)
{
    FILE *f;

    if (cli_setup(state) != 0) return -1;
    cli_render_set(8, 2.2);
    f = fopen("labels.csv", "w");
    assert_non_null(f);
    fputs("path,label,split\n", f);
    for (int i = 1; i <= 8; i++) {
        fprintf(f, "set/c%d.mp4,%s,train\n", i, i % 2 ? "real" : "fake");
    }
    fclose(f);
    cli_ends(0, "extract -q -o cache --no-crops -j 2 set");
    return 0;
}

static char *hash_of(const char *path)
{
    cli_ends(0, "inspect %s | grep content_hash", path);
    assert_says(cli_out(), "sha256:");
    return strdup(cli_out());
}

/* Fails where the files' numbers are not (`same`) or are the same. */
static void assert_numbers(const char *a, const char *b, int same)
{
    char *first = hash_of(a), *second = hash_of(b);

    assert_int_equal(!strcmp(first, second), same);
    free(first);
    free(second);
}

static void test_pretrain(void **state)
{
    (void)state;
    cli_ends(0, "pretrain l " OPTIONS "-o l.safetensors");
    assert_says(cli_out(), "l.safetensors: trained on 8 tracks; ");
    cli_ends(0, "train --model lrnet " OPTIONS "-o same.safetensors");
    assert_numbers("l.safetensors", "same.safetensors", 1);
    assert_in_set(cli("detect -m l.safetensors set/c1.mp4"), ((LargestIntegralType[]){0, 3}), 2);
}

/* Its weights are those that the joint model has, where it may not change them. */
static void test_begins_joint_training(void **state)
{
    (void)state;
    cli_ends(0, "pretrain l " OPTIONS "--seed 2 -o other.safetensors");
    cli_ends(0, JOINT "--landmarks l.safetensors -o from_l.safetensors");
    cli_ends(0, JOINT "--landmarks other.safetensors -o from_other.safetensors");
    cli_ends(0, JOINT "--fresh l -o fresh.safetensors");
    assert_numbers("from_l.safetensors", "from_other.safetensors", 0);
    assert_numbers("from_l.safetensors", "fresh.safetensors", 0);
    assert_in_set(cli("detect -m from_l.safetensors set/c1.mp4"), ((LargestIntegralType[]){0, 3}),
                  2);
}

static void test_refuses(void **state)
{
    (void)state;
    cli_ends(0, "pretrain l --help");
    assert_says(cli_out(), "usage: umcl pretrain l --cache CACHE");
    assert_says(cli_out(), "umcl train --landmarks");
    cli_ends(0, "train --model lrnet --help");
    assert_says(cli_out(), "usage: umcl train --model lrnet --cache CACHE");
    cli_ends(2, "pretrain l --cache cache");
    assert_says(cli_err(), "umcl pretrain l: expected --cache, --labels and -o");
    cli_ends(2, "pretrain l --model lrnet " OPTIONS "-o m.safetensors");
    assert_says(cli_err(), "--model: that is umcl train's");
    cli_ends(2, "pretrain l --batch 3 --cache cache --labels labels.csv -o m.safetensors");
    assert_says(cli_err(), "--batch: expected an even number, found 3");
    cli_ends(1, "pretrain l --cache absent --labels labels.csv -o m.safetensors");
    assert_says(cli_err(), "umcl pretrain l: labels.csv: expected real and fake faces");
    assert_false(um_is_file("m.safetensors"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pretrain),
        cmocka_unit_test(test_begins_joint_training),
        cmocka_unit_test(test_refuses),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
