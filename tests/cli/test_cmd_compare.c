/* umcl compare from outside: two files of scores, what is said of them, what is refused. */
#include "support_cli.h"

#include <math.h>

#define PEOPLE 30

/* Two videos a person, one of them fake; the first detector sees more of it. */
static int prepare(void **state)
{
    FILE *ours, *theirs, *labels;

    if (cli_setup(state) != 0) return -1;
    ours = fopen("ours.csv", "w");
    theirs = fopen("theirs.csv", "w");
    labels = fopen("labels.csv", "w");
    if (!ours || !theirs || !labels) return -1;
    fputs("video,label,dataset,manipulation,quality,model,score,reason,person\n", ours);
    fputs("path,score\n", theirs);
    fputs("path,label,person,split\n", labels);
    for (int i = 0; i < 2 * PEOPLE; i++) {
        const char *label = i % 2 ? "fake" : "real";
        int noise = i * 37 % 60;

        fprintf(ours, "v%d,%s,,,hq,m,%.3f,,p%d\n", i, label, (noise + 50 * (i % 2)) / 110.0, i / 2);
        fprintf(ours, "v%d,%s,,,c40,m,%.3f,,p%d\n", i, label, (noise + 5 * (i % 2)) / 110.0, i / 2);
        fprintf(theirs, "clips/v%d.mp4,%d\n", i, i * 23 % 60 + 8 * (i % 2));
        fprintf(labels, "x/v%d.mp4,%s,p%d,%s\n", i, label, i / 2, i < 40 ? "test" : "train");
    }
    fprintf(theirs, "clips/other.mp4,3\n");
    return fclose(ours) || fclose(theirs) || fclose(labels);
}

static void says_who_is_better(void **state)
{
    (void)state;
    cli_ends(0, "compare ours.csv theirs.csv --quality-a hq --labels labels.csv");
    assert_says(cli_out(), "videos       60, 30 fake, 30 people\n");
    assert_says(cli_out(), "left out     1 of B without a label\n");
    assert_says(cli_out(), "ours.csv, hq\n");
    assert_says(cli_out(), "A minus B    +0.");
    assert_says(cli_out(), "  DeLong     +0.");
    assert_says(cli_out(), "p < 0.001\n  bootstrap  +0.");
    assert_says(cli_out(), "(2000 draws of people)\n");
    cli_ends(0, "compare theirs.csv ours.csv --quality-b hq"); /* B knows labels and people */
    assert_says(cli_out(), "videos       60, 30 fake, 30 people\n");
    assert_says(cli_out(), "A minus B    -0.");
    cli_ends(0, "compare ours.csv ours.csv --quality-a hq --quality-b hq");
    assert_says(cli_out(),
                "A minus B    +0.000\n  DeLong     +0.000 to +0.000, z = 0.00, p = 1.000");
}

static void as_json(void **state)
{
    const char *schema, *file, *quality;
    double auc, auc_b, difference, low, high, p, b_low, b_high, b_p;
    int n, fake, people, only, draws;
    json_error_t e;
    json_t *doc;

    (void)state;
    cli_ends(0, "compare ours.csv theirs.csv --quality-a c40 --labels labels.csv --split test "
                "--draws 300 --seed 4 --json");
    doc = cli_json();
    if (json_unpack_ex(doc, &e, 0,
                       "{s:s, s:{s:s, s:s, s:n}, s:{s:i, s:i, s:i}, s:{s:i}, s:{s:F}, s:{s:F}, "
                       "s:{s:F, s:F, s:F, s:F}, s:{s:F, s:F, s:F, s:i}}",
                       "schema", &schema, "a", "file", &file, "quality", &quality, "model",
                       "videos", "n", &n, "fake", &fake, "people", &people, "left_out", "not_asked",
                       &only, "auc_a", "value", &auc, "auc_b", "value", &auc_b, "delong",
                       "difference", &difference, "low", &low, "high", &high, "p", &p, "bootstrap",
                       "low", &b_low, "high", &b_high, "p", &b_p, "draws", &draws) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(schema, "umcl.compare/1");
    assert_string_equal(quality, "c40");
    assert_true(n == 40 && fake == 20 && people == 20 && only == 20 && draws == 300);
    assert_true(fabs(auc - auc_b - difference) < 1e-5);
    assert_true(low < difference && difference < high && b_low < difference && difference < b_high);
    assert_true(p > 0 && p <= 1 && b_p > 0 && b_p <= 1);
    json_decref(doc);
}

static void refuses(void **state)
{
    static const char one[] = "video,score,label\na,1,fake\nb,2,fake\nc,0,real\n";

    (void)state;
    cli_ends(2, "compare ours.csv");
    cli_ends(2, "compare ours.csv theirs.csv --draws 3");
    cli_ends(2, "compare ours.csv theirs.csv --seed -1");
    cli_ends(2, "compare ours.csv theirs.csv --split test");
    cli_ends(2, "compare ours.csv theirs.csv --best");
    cli_ends(1, "compare ours.csv theirs.csv --labels labels.csv");
    assert_says(cli_err(), "umcl compare: ours.csv, line 3: 'v0' stands twice: say which model");
    cli_ends(1, "compare ours.csv theirs.csv --labels labels.csv --quality-a c23");
    assert_says(cli_err(), "ours.csv: expected scores of the quality c23");
    cli_ends(1, "compare theirs.csv theirs.csv");
    assert_says(cli_err(), "found none: 61 without a label in the first");
    cli_ends(1, "compare none.csv theirs.csv");
    assert_says(cli_err(), "none.csv");
    cli_write("one.csv", one, sizeof one - 1);
    cli_ends(1, "compare one.csv one.csv");
    assert_says(cli_err(), "expected at least two real and two fake videos, found 1 and 2");
    cli_ends(1, "compare ours.csv theirs.csv --quality-a hq --labels labels.csv > /dev/full");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_is_better),
        cmocka_unit_test(as_json),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
