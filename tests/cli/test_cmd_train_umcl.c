/*
 * The joint model from outside: umcl extract, train, inspect, detect and eval on rendered clips
 * whose labels mean nothing.
 */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/file.h"

#define CLIPS 6
#define TRAIN                                                                                      \
    "train --cache cache --labels labels.csv --takes 8 --batch 4 --epochs 2 --threads 1 -q "       \
    "--freeze px "
#define TEXTURE TRAIN "--modalities lx --fresh x --freeze x "

/* Clips c1 .. c6 of 3.2 seconds (less than a window with crops: reflected), every second one called
   a fake; the last two are for validation. */
static int prepare(void **state)
{
    FILE *f;

    if (cli_setup(state) != 0) return -1;
    cli_render_set(CLIPS, 3.2);
    f = fopen("labels.csv", "w");
    assert_non_null(f);
    fputs("path,label,person,split\n", f);
    for (int i = 1; i <= CLIPS; i++) {
        fprintf(f, "set/c%d.mp4,%s,p%d,%s\n", i, i % 2 ? "real" : "fake", i,
                i > CLIPS - 2 ? "val" : "train");
    }
    fclose(f);
    cli_ends(0, "extract -q -o cache -j 2 set");
    cli_ends(0, TRAIN "--modalities l -o l.safetensors");
    return 0;
}

/* Fails where two model files hold other numbers; what they say of their making may differ. */
static void assert_same_content(const char *a, const char *b, bool same)
{
    char *first, *second;

    cli_ends(0, "inspect %s | grep content_hash", a);
    first = strdup(cli_out());
    assert_says(first, "sha256:");
    cli_ends(0, "inspect %s | grep content_hash", b);
    second = strdup(cli_out());
    assert_int_equal(!strcmp(first, second), same);
    free(first);
    free(second);
}

static int keys_of(const json_t *object)
{
    return (int)json_object_size(object);
}

/* The log's lines: their keys, and nothing that is no number but where no loss exists. */
static void check_log(const char *path, int lines)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    int n = 0;

    assert_non_null(f);
    for (; fgets(line, sizeof line, f); n++) {
        json_t *doc = json_loads(line, 0, NULL), *loss, *pairs, *views, *hq;
        double total, bce, pull, push, rate, affinity, step_rate, norm, auc, real, fake;
        json_int_t step;
        json_error_t e;
        int epoch, best;

        assert_non_null(doc);
        if (json_unpack_ex(doc, &e, JSON_STRICT, "{s:I, s:i, s:o, s:F, s:F, s:o, s:F, s:b}", "step",
                           &step, "epoch", &epoch, "loss", &loss, "learning_rate", &step_rate,
                           "gradient_norm", &norm, "affinities", &pairs, "validation_auc", &auc,
                           "best", &best) != 0)
            fail_msg("%s in %s", e.text, line);
        if (json_unpack_ex(loss, &e, JSON_STRICT, "{s:F, s:F, s:F, s:F, s:F, s:F}", "total", &total,
                           "cross_entropy", &bce, "pull", &pull, "push", &push, "heart_rate", &rate,
                           "affinity", &affinity) != 0)
            fail_msg("%s in %s", e.text, line);
        assert_float_equal(total, bce + 0.25 * (pull + push + rate) + 0.25 * affinity, 1e-4);
        assert_int_equal(step, 2 * (n + 1));
        assert_int_equal(epoch, n + 1);
        assert_true(norm > 0 && step_rate > 0 && auc >= 0 && auc <= 1);
        assert_int_equal(keys_of(pairs), 1);
        views = json_object_get(pairs, "landmarks-text");
        assert_int_equal(keys_of(views), 2);
        assert_int_equal(keys_of(json_object_get(views, "lq")), 2);
        hq = json_object_get(views, "hq");
        assert_int_equal(json_unpack(hq, "{s:F, s:F}", "real", &real, "fake", &fake), 0);
        assert_true(real > 0 && real < 1 && fake > 0 && fake < 1);
        json_decref(doc);
    }
    fclose(f);
    assert_int_equal(n, lines);
}

/* One command line, one model file; it judges, tells what it is, and can be measured. */
static void test_with_text(void **state)
{
    json_t *doc, *video;

    (void)state;
    cli_ends(0, TRAIN "--modalities lt --log log.jsonl -o lt.safetensors");
    assert_says(cli_out(), "lt.safetensors: ");
    assert_says(cli_out(),
                "parameters trained, 16900 kept, on 8 takes of 4 tracks; validation: 2 ");
    assert_says(cli_err(), "4 tracks to learn from, 2 to validate on\n");
    check_log("log.jsonl", 2);
    cli_ends(0, "inspect lt.safetensors");
    assert_says(cli_out(), "kind: umcl\n");
    assert_says(cli_out(), "modalities: lt\n");
    assert_says(cli_out(), "prompt_policy: neutral\n");
    assert_says(cli_out(), "text_encoder: builtin\n");
    assert_in_set(cli("detect --json -m lt.safetensors set/c1.mp4"),
                  ((LargestIntegralType[]){0, 3}), 2);
    doc = cli_json();
    video = json_array_get(json_object_get(doc, "videos"), 0);
    assert_string_equal(json_string_value(json_object_get(video, "status")), "ok");
    assert_true(json_number_value(json_object_get(video, "score")) > 0);
    json_decref(doc);
    cli_ends(0, "eval lt.safetensors --cache cache --labels labels.csv");
    assert_says(cli_out(), "AUC");
    cli_ends(0, TRAIN "--modalities lt --resume -o lt.safetensors"); /* nothing is left to do */
    cli_ends(1, TRAIN "--modalities lt --prompts simple --resume -o lt.safetensors");
    assert_says(cli_err(), "lt.safetensors.last: a checkpoint of another training: expected \"");
}

/* Every option does something, and each of them alone. */
static void test_options(void **state)
{
    static const char *const options[] = {"--no-asa --modalities lx --fresh x --freeze x",
                                          "--preset paper --modalities l",
                                          "--freeze l",
                                          "--fresh l",
                                          "--freeze l --raw-features",
                                          "--accumulate 2",
                                          "--learning-rate 0.01",
                                          "--start 1",
                                          "--dropout 0",
                                          "--sigma 0.1",
                                          "--half",
                                          "--rate-scale l=10",
                                          "--seed 2",
                                          "--weight-decay 1",
                                          "--clip 0.01",
                                          "--batch 2"};

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        cli_ends(0, TRAIN "--modalities l -o option.safetensors %s", options[i]);
        assert_same_content("l.safetensors", "option.safetensors", false);
    }
    cli_ends(0, TRAIN "--modalities l --half -o half.safetensors");
    assert_in_set(cli("detect -m half.safetensors set/c1.mp4"), ((LargestIntegralType[]){0, 3}), 2);
    /* The same again, and what a set without pulse and partner does not feel. */
    cli_ends(0, TRAIN "--modalities l -o option.safetensors");
    assert_same_content("l.safetensors", "option.safetensors", true);
    cli_ends(0, TRAIN "--modalities l --no-cqsl --no-asa -o option.safetensors");
    assert_same_content("l.safetensors", "option.safetensors", true);
}

/* The baseline: its own terms, a file that says what it is, and prompts that move the verdict. */
static void test_cpml(void **state)
{
    static const char cpml[] = "train --fusion cpml --freeze p --cache cache --labels labels.csv "
                               "--takes 2 --batch 2 --threads 1 -q --takes-file plt_takes ";
    char line[4096];
    json_t *doc, *loss;
    FILE *f;

    (void)state;
    cli_ends(0, "%s --epochs 2 --log cpml.jsonl -o cpml.safetensors", cpml);
    assert_says(cli_out(), "cpml.safetensors: ");
    f = fopen("cpml.jsonl", "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    doc = json_loads(line, 0, NULL);
    loss = json_object_get(doc, "loss");
    assert_non_null(loss);
    assert_null(json_object_get(loss, "affinity"));
    assert_true(json_number_value(json_object_get(loss, "own_prompt")) > 0);
    assert_true(json_number_value(json_object_get(loss, "views")) >= 0);
    json_decref(doc);
    cli_ends(0, "inspect cpml.safetensors");
    assert_says(cli_out(), "kind: umcl\n");
    assert_says(cli_out(), "fusion: cpml\n");
    assert_says(cli_out(), "modalities: plt\n");
    assert_in_set(cli("detect -m cpml.safetensors set/c1.mp4"), ((LargestIntegralType[]){0, 3}), 2);
    cli_ends(0, "eval cpml.safetensors --cache cache --labels labels.csv --split val");
    assert_says(cli_out(), "AUC");
    cli_ends(1, "%s --epochs 2 --preset paper --fusion umcl --resume -o cpml.safetensors", cpml);
    assert_says(cli_err(), "cpml.safetensors.last: a checkpoint of another training: expected \"");
    model_with("other.safetensors", "cpml.safetensors", "fusion", "sum");
    cli_ends(1, "detect -m other.safetensors set/c1.mp4");
    assert_says(cli_err(), "other.safetensors: fusion: expected umcl or cpml, found 'sum'");
}

static void test_takes_file(void **state)
{
    struct stat before, after;
    char *bytes;
    size_t n;

    (void)state;
    cli_ends(0, TEXTURE "-o x1.safetensors");
    cli_ends(0, TEXTURE "--takes-file takes -o x2.safetensors");
    assert_same_content("x1.safetensors", "x2.safetensors", true);
    assert_int_equal(stat("takes", &before), 0);
    cli_ends(0, TEXTURE "--takes-file takes -o x3.safetensors");
    assert_same_content("x1.safetensors", "x3.safetensors", true);
    assert_int_equal(stat("takes", &after), 0);
    assert_int_equal(before.st_ino, after.st_ino); /* read, not written again */
    cli_ends(0, TEXTURE "--no-asa --takes-file takes -o x4.safetensors");
    assert_same_content("x1.safetensors", "x4.safetensors", false);
    cli_ends(0, "inspect x3.safetensors");
    assert_says(cli_out(), "crops 1.3 x face, 128 px");
    cli_ends(1, TEXTURE "--takes-file takes --pseudo-fakes 0.3 -o x5.safetensors");
    assert_says(cli_err(), "umcl train: takes: takes of another recipe: expected \"");
    assert_ok(um_file_read(&bytes, &n, "takes", 1 << 26));
    cli_write("half", bytes, n / 2);
    free(bytes);
    cli_ends(1, TEXTURE "--takes-file half -o x5.safetensors");
    assert_says(cli_err(), "umcl train: half: ");
    cli_ends(1, TEXTURE "--takes-file l.safetensors -o x5.safetensors");
    assert_says(cli_err(), "l.safetensors: expected a model of kind umcl-takes, found umcl");
    assert_false(um_is_file("x5.safetensors"));
}

/* What makes a checkpoint another training's, beyond the options of its own. */
static void test_resume_refuses(void **state)
{
    static const char *const other[] = {"--pseudo-fakes 0.1", "--sigma 0.02", "--fresh l",
                                        "--takes 10", "--seed 2"};

    (void)state;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        cli_ends(1, TRAIN "--modalities l --resume %s -o l.safetensors", other[i]);
        assert_says(cli_err(), "l.safetensors.last: a checkpoint of another training: expected \"");
    }
    cli_ends(1, TRAIN "--modalities l --takes-file unmade --resume -o never.safetensors");
    assert_says(cli_err(), "umcl train: never.safetensors.last: cannot open");
    assert_false(um_is_file("unmade")); /* said before takes are made, which may take hours */
    cli_ends(0, TRAIN "--modalities l --resume -o l.safetensors");
}

static void test_bad_data(void **state)
{
    static const char one[] = "name,label,split\nc1,real,train\nc3,real,train\nc5,fake,val\n";
    static const char same[] =
        "name,label,person,split\nc1,real,a,train\nc2,fake,b,train\nc5,real,a,val\n";

    (void)state;
    cli_write("one.csv", one, sizeof one - 1);
    cli_write("same.csv", same, sizeof same - 1);
    cli_ends(1, TRAIN "--modalities l --labels one.csv -o m.safetensors");
    assert_says(cli_err(), "training: expected both classes, found 2 real and 0 fake tracks");
    cli_ends(1, TRAIN "--modalities l --labels same.csv -o m.safetensors");
    assert_says(cli_err(), "same.csv: 'c5' of the split val shows a person of the split train");
    cli_ends(1, TRAIN "--modalities l --split holiday -o m.safetensors");
    assert_says(cli_err(), "labels.csv: expected cached tracks of the split 'holiday' that are");
    cli_ends(1, TRAIN "--modalities l --validate holiday -o m.safetensors");
    assert_says(cli_err(), "of the split 'holiday' that are long enough, found none");
    cli_ends(0, TRAIN "--modalities l --validate none -o m.safetensors");
    assert_says(cli_err(), "4 tracks to learn from, 0 to validate on\n");
    cli_ends(1, "train --cache absent --labels labels.csv --modalities l -o m2.safetensors");
    assert_says(cli_err(), "not in the cache: c1\n");
    assert_says(cli_err(), "expected cached tracks of the split 'train'");
    cli_ends(1, TRAIN "--modalities l --labels absent.csv -o m2.safetensors");
    assert_says(cli_err(), "absent.csv: cannot open");
    cli_ends(1, TRAIN "--modalities l --landmarks absent -o m2.safetensors");
    assert_says(cli_err(), "umcl train: absent: cannot open");
    cli_ends(1, TRAIN "--modalities l --landmarks " SHIPPED("pulse") " -o m2.safetensors");
    assert_says(cli_err(), "expected a model of kind lrnet");
    cli_ends(1, TRAIN "--modalities l --log no/log -o m2.safetensors");
    assert_says(cli_err(), "no/log: cannot be written");
    cli_ends(1, TRAIN "--modalities l -o no/m2.safetensors");
    assert_says(cli_err(), "no/m2.safetensors");
    cli_ends(1, TRAIN "--modalities lt --text absent -o m2.safetensors");
    assert_says(cli_err(), "expected weights and vocabulary together, found one of them");
    assert_false(um_is_file("m2.safetensors"));
}

static void test_usage(void **state)
{
    static const struct {
        const char *options, *says;
    } bad[] = {
        {"--modalities lq", "texture), found 'q' in 'lq'"},
        {"--modalities t", "expected one that looks at the video"},
        {"--modalities ''", "expected one that looks at the video"},
        {"--freeze lt", "text has no encoder that is trained"},
        {"--modalities lt --encode px", "--encode px: expected takes of 160 frames, found 60, the "
                                        "window of --modalities lt: add p "
                                        "or x to --modalities, or leave them out of --encode"},
        {"--takes 2", "--takes: expected at least those of one update, 4, found 2"},
        {"--accumulate 4", "--takes: expected at least those of one update, 16, found 8"},
        {"--takes 9", "'9' is not a value for it"},
        {"--batch 3", "'3' is not a value for it"},
        {"--rate-scale q=1", "'q=1' is not a value for it"},
        {"--rate-scale l=", "'l=' is not a value for it"},
        {"--policy oracle", "oracle looks at labels"},
        {"--policy guess", "expected neutral, marginal or oracle, found 'guess'"},
        {"--prompts invalid", "found 'invalid'"},
        {"--affinity other", "found \"other\""},
        {"--views other", "'other' is not a value for it"},
        {"--preset wild", "--preset: expected umcl or paper, found 'wild'"},
        {"--fusion sum", "fusion: expected umcl or cpml, found 'sum'"},
        {"--fusion cpml --modalities lt", "fusion cpml: expected the modalities plt, found lt"},
        {"--epochs 0", "'0' is not a value for it"},
        {"left", "unexpected argument 'left'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cli_ends(2, TRAIN "-o m3.safetensors %s", bad[i].options);
        assert_says(cli_err(), bad[i].says);
        assert_string_equal(cli_out(), "");
    }
    cli_ends(2, "train --labels labels.csv -o m3.safetensors");
    assert_says(cli_err(), "expected --cache, --labels and -o");
    assert_false(um_is_file("m3.safetensors"));
}

/* Model files of the joint kind with a fault, in the place of the detector. */
static void test_faulty_models(void **state)
{
    (void)state;
    model_with("policy.safetensors", "lt.safetensors", "prompt_policy", "oracle");
    cli_ends(1, "detect -m policy.safetensors set/c1.mp4");
    assert_says(cli_err(), "policy.safetensors: expected prompts chosen without the label");
    model_with("recipe.safetensors", "l.safetensors", "recipe", "25 fps");
    cli_ends(1, "detect -m recipe.safetensors set/c1.mp4");
    assert_says(cli_err(), "recipe.safetensors: trained on faces prepared as \"25 fps\"");
    model_with("more.safetensors", "l.safetensors", "modalities", "lx");
    cli_ends(1, "detect -m more.safetensors set/c1.mp4");
    assert_says(cli_err(), "umcl detect: more.safetensors: ");
    model_spoilt("lacking.safetensors", "l.safetensors", "classifier.weight", MODEL_LACKS_TENSOR);
    cli_ends(1, "detect -m lacking.safetensors set/c1.mp4");
    assert_says(cli_err(), "lacking.safetensors: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_text),      cmocka_unit_test(test_options),
        cmocka_unit_test(test_cpml),           cmocka_unit_test(test_takes_file),
        cmocka_unit_test(test_resume_refuses), cmocka_unit_test(test_bad_data),
        cmocka_unit_test(test_usage),          cmocka_unit_test(test_faulty_models),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
