/*
 * umcl eval from outside: figures, tables and scores of several models on several qualities, on
 * rendered clips whose labels mean nothing - which no score may depend on.
 */
#include "support_cli.h"
#include "support_models.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "eval/feature_file.h"
#include "model/judge.h"
#include "model/umcl_file.h"

#define CLIPS 6 /* the last of one second alone */
#define EVAL "eval --cache cache --labels labels.csv --threads 1 "
#define LRNET SHIPPED("lrnet") " " /* the default asks for longer clips than these */

/* A model of landmarks and text with random weights. */
static void write_umcl(const char *path, um_prompt_policy policy)
{
    um_prompt_table table;
    um_umcl_spec spec = {.set = 1u << UM_LANDMARKS | 1u << UM_TEXT,
                         .policy = policy,
                         .prompts = UM_PROMPTS_DESCRIPTION,
                         .table = &table};
    um_umcl_net *net;
    um_params *params;
    um_st_writer *w;

    assert_ok(um_prompt_table_random(&table, 5));
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&net, params, &spec, 3));
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_umcl_save(w, params, &spec));
    assert_ok(um_st_writer_meta(w, UM_META_RECIPE, UM_JUDGE_RECIPE));
    assert_ok(um_model_file_write(w, path, UM_UMCL_KIND, "1", "a test", NULL));
    um_st_writer_free(w);
    um_umcl_net_free(net);
    um_params_free(params);
    um_prompt_table_clear(&table);
}

static void write_labels(const char *path, bool flipped)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs("path,label,person,split,dataset,method\n", f);
    for (int i = 1; i <= CLIPS; i++)
        fprintf(f, "set/c%d.mp4,%s,p%d,%s,\"made, %s\",m%d\n", i,
                (i % 2 == 0) != flipped ? "fake" : "real", i, i > 4 ? "val" : "train",
                i < 3 ? "one" : "two", i / 3);
    fclose(f);
}

static int prepare(void **state)
{
    if (cli_setup(state) != 0) return -1;
    mkdir("set", 0700);
    mkdir("tmp", 0700);
    for (int i = 1; i <= CLIPS; i++)
        cli_ends(0,
                 "synth -q -o set/c%d.mp4 --width 160 --height 120 --fps 10 --seconds %s --seed %d",
                 i, i == CLIPS ? "1" : "2.2", i);
    write_labels("labels.csv", false);
    write_labels("flipped.csv", true);
    write_umcl("umcl.safetensors", UM_POLICY_NEUTRAL);
    cli_ends(0, "extract -o cache -q -j 2 set");
    return 0;
}

static void read_text(char **text, const char *path)
{
    size_t n;

    assert_ok(um_file_read(text, &n, path, 1 << 24));
}

static void check_measures(json_t *from, int n, int fake)
{
    static const char *const keys[] = {"auc",      "accuracy", "accuracy_half", "eer", "ap",
                                       "balanced", "ece"};
    double value, low, high;
    json_error_t e;

    assert_int_equal(json_object_size(from), 9);
    assert_int_equal(json_integer_value(json_object_get(from, "n")), n);
    assert_int_equal(json_integer_value(json_object_get(from, "fake")), fake);
    for (int i = 0; i < 7; i++) {
        if (json_unpack_ex(json_object_get(from, keys[i]), &e, JSON_STRICT, "{s:F, s:F, s:F}",
                           "value", &value, "low", &low, "high", &high) != 0)
            fail_msg("%s: %s", keys[i], e.text);
        assert_true(low >= 0 && low <= high && high <= 1 && value >= 0 && value <= 1);
    }
}

static void check_result(json_t *from, const char *model, const char *quality)
{
    json_t *videos, *windows, *curve, *groups, *warning, *bin;
    const char *found_model, *found_quality;
    int unscored, in_bins = 0;
    double drop;
    json_error_t e;
    size_t i;

    if (json_unpack_ex(from, &e, JSON_STRICT, "{s:s, s:s, s:i, s:F, s:o, s:o, s:o, s:o, s:o}",
                       "model", &found_model, "quality", &found_quality, "unscored", &unscored,
                       "auc_drop", &drop, "warning", &warning, "videos", &videos, "windows",
                       &windows, "curve", &curve, "groups", &groups) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(found_model, model);
    assert_string_equal(found_quality, quality);
    assert_int_equal(unscored, 1);
    assert_true(drop == 0); /* both qualities are one cache */
    assert_true(json_is_null(warning));
    check_measures(videos, CLIPS - 1, 2);
    check_measures(windows, CLIPS - 1, 2);
    assert_int_equal(json_array_size(curve), 10);
    json_array_foreach(curve, i, bin) in_bins += (int)json_integer_value(json_object_get(bin, "n"));
    assert_int_equal(in_bins, CLIPS - 1);
    assert_int_equal(json_array_size(json_object_get(groups, "dataset")), 2);
    assert_int_equal(json_array_size(json_object_get(groups, "manipulation")), 2);
    assert_int_equal(json_array_size(json_object_get(groups, "compression")), 0);
}

static void models_by_qualities(void **state)
{
    json_t *doc, *models, *qualities, *results;
    const char *schema, *split;
    json_error_t e;

    (void)state;
    cli_ends(0, "eval umcl.safetensors " SHIPPED(
                    "lrnet") " --cache a=cache --cache b=cache --json "
                             "--labels labels.csv --split all --scores scores.csv");
    assert_string_equal(cli_err(), "");
    doc = cli_json();
    if (json_unpack_ex(doc, &e, JSON_STRICT, "{s:s, s:s, s:o, s:o, s:o}", "schema", &schema,
                       "split", &split, "models", &models, "qualities", &qualities, "results",
                       &results) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(schema, "umcl.eval/2");
    assert_string_equal(split, "all");
    assert_int_equal(json_array_size(models), 2);
    assert_int_equal(json_array_size(qualities), 2);
    assert_int_equal(json_array_size(results), 4);
    check_result(json_array_get(results, 0), "umcl", "a");
    check_result(json_array_get(results, 3), "lrnet", "b");
    json_decref(doc);

    cli_ends(0, "eval umcl.safetensors " SHIPPED("lrnet") " --cache a=cache --cache b=cache "
                                                          "--labels labels.csv --split all");
    assert_says(cli_out(), "a: videos\n                  umcl                    lrnet");
    assert_says(cli_out(), "\n  no score        1                       1");
    assert_says(cli_out(), "b: video AUC by dataset\n");
    assert_says(cli_out(), "  made, two: 2 real, 1 fake\n");
    assert_says(cli_out(), "video AUC, models by qualities; in brackets: against a\n");
    assert_int_equal(cli_count(cli_out(), "(+0.000)"), 4); /* AUC and accuracy of two models */
}

/* A second run, with another head or other prompts, takes what the encoders made from the file. */
static void encodings_are_kept(void **state)
{
    static const char eval[] = "eval umcl.safetensors --cache a=cache --labels labels.csv --split "
                               "all --json --threads 1";
    char *plain, *file, *later;

    (void)state;
    cli_ends(0, "%s", eval);
    plain = strdup(cli_out());
    cli_ends(0, "%s --encodings bodies", eval);
    assert_string_equal(cli_out(), plain);
    read_text(&file, "bodies");
    cli_ends(0, "%s --encodings bodies", eval);
    assert_string_equal(cli_out(), plain);
    cli_ends(0, "%s --encodings bodies --policy marginal", eval);
    read_text(&later, "bodies");
    assert_memory_equal(later, file, 1000); /* of the same bodies the same file */
    cli_ends(1, "%s --encodings labels.csv", eval);
    assert_says(cli_err(), "labels.csv");
    free(plain);
    free(file);
    free(later);
}

/* Every asked-for video has a row; the one without a window no figure. */
static void scores_tell_of_every_video(void **state)
{
    char *scores;

    (void)state;
    cli_ends(0, EVAL LRNET "--split all --scores scores.csv");
    read_text(&scores, "scores.csv");
    assert_int_equal(cli_count(scores, "\n"), CLIPS + 1);
    assert_says(scores, "video,label,dataset,manipulation,quality,model,score,reason,person\n"
                        "c1,real,\"made, one\",m0,,lrnet,0.");
    assert_says(scores, "\nc6,fake,\"made, two\",m2,,lrnet,,too_short,p6\n");
    free(scores);
    cli_ends(0, EVAL LRNET "--dataset one --split all --json");
    assert_says(cli_out(), "\"unscored\": 0");
}

/* The scores alone, line by line. */
static char *scores_of(const char *labels, const char *more)
{
    char *text, *to;

    cli_ends(0,
             "eval umcl.safetensors " SHIPPED("lrnet") " --cache cache --labels %s --split all "
                                                       "--threads 1 --scores scores.csv %s",
             labels, more);
    read_text(&text, "scores.csv");
    to = text;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        char *score = end;

        *end = '\0';
        for (int commas = 0; score > line && commas < 3; commas += *score == ',') score--;
        to = stpcpy(to, score);
    }
    return text;
}

static void scores_do_not_see_labels(void **state)
{
    static const char *const policies[] = {"", "--policy neutral", "--policy marginal"};
    char *before, *after;

    (void)state;
    for (int i = 0; i < 3; i++) {
        before = scores_of("labels.csv", policies[i]);
        after = scores_of("flipped.csv", policies[i]);
        assert_string_equal(before, after);
        assert_int_equal(cli_count(before, "0."), 2 * (CLIPS - 1));
        free(before);
        free(after);
    }
    before = scores_of("labels.csv", "--policy oracle"); /* the test can fail */
    after = scores_of("flipped.csv", "--policy oracle");
    assert_string_not_equal(before, after);
    free(before);
    free(after);
}

/* Table 7's damage: repeatable, of what a model reads alone, and told in the result. */
static void damages_tracks(void **state)
{
    const char *const of[] = {"", "--frame-share 1 --landmark-noise 0", "--frame-share 0.3",
                              "--landmark-noise 0.05", "--landmark-noise 0.05"};
    char *scores[5];

    (void)state;
    for (int i = 0; i < 5; i++) {
        cli_ends(0, EVAL LRNET "--split all --json --scores damaged.csv %s", of[i]);
        read_text(&scores[i], "damaged.csv");
    }
    assert_says(cli_out(), "\"damage\": {");
    assert_says(cli_out(), "\"landmark_noise\": 0.05");
    assert_string_equal(scores[0], scores[1]);
    assert_string_equal(scores[0], scores[2]); /* LRNet sees no crops */
    assert_string_not_equal(scores[0], scores[3]);
    assert_string_equal(scores[3], scores[4]);
    for (int i = 0; i < 5; i++) free(scores[i]);
    cli_ends(0, EVAL LRNET "--split all --landmark-noise 0.05");
    assert_says(cli_out(), "with damage: 1 of the crops seen, landmark noise 0.05");
}

/* Table 8: the opposite prompts of a class are the other one's description. */
static void reads_other_prompts(void **state)
{
    char *described, *opposite, *unrelated;

    (void)state;
    cli_ends(0, "eval umcl.safetensors --cache cache --labels labels.csv --split all --policy "
                "oracle --scores a.csv");
    cli_ends(0, "eval umcl.safetensors --cache cache --labels labels.csv --split all --policy "
                "oracle --prompts opposite --scores b.csv");
    cli_ends(0, "eval umcl.safetensors --cache cache --labels labels.csv --split all --policy "
                "oracle --prompts unrelated --json --scores c.csv");
    assert_says(cli_out(), "\"prompts\": \"unrelated\"");
    read_text(&described, "a.csv");
    read_text(&opposite, "b.csv");
    read_text(&unrelated, "c.csv");
    assert_string_not_equal(described, opposite);
    assert_string_not_equal(described, unrelated);
    free(described);
    free(opposite);
    free(unrelated);
}

static void the_oracle_says_so(void **state)
{
    static const char warning[] = "oracle: reads the label; not a detection figure";

    (void)state;
    cli_ends(0, "eval umcl.safetensors --cache a=cache --cache b=cache --labels labels.csv "
                "--split all --policy oracle");
    assert_int_equal(cli_count(cli_out(), warning), 10); /* above every table */
    assert_int_equal(cli_count(cli_out(), "umcl (oracle)"), 8);
    cli_ends(0, "eval umcl.safetensors " SHIPPED("lrnet") " --cache cache --labels labels.csv "
                                                          "--split all --policy oracle --json");
    assert_int_equal(cli_count(cli_out(), warning), 1); /* LRNet reads no prompts */
    assert_says(cli_out(), "\"policy\": \"oracle\"");
    cli_ends(0, EVAL LRNET "--policy oracle --split all");
    assert_null(strstr(cli_out(), "oracle"));

    write_umcl("cheat.safetensors", UM_POLICY_ORACLE);
    cli_ends(1, "eval cheat.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "cheat.safetensors: expected prompts chosen without the label, found "
                           "the policy 'oracle'");
    cli_ends(1, "detect -m cheat.safetensors set/c1.mp4");
}

static void write_text(const char *path, const char *text)
{
    cli_write(path, text, strlen(text));
}

static void on_the_fly(void **state)
{
    um_dir left;
    char *fly, *cached, *hq, *c40;

    (void)state;
    write_text("two.csv", "name,label\nc1,real\nc2,fake\nbroken,real\n");
    write_text("set/broken.mp4", "no video");
    setenv("TMPDIR", "tmp", 1);
    cli_ends(1, "eval " LRNET
                "--qualities hq,c40 --videos set --labels two.csv --split all --threads 1 "
                "--scores scores.csv");
    assert_int_equal(cli_count(cli_err(), "broken.mp4: expected a video"), 2);
    assert_says(cli_out(), "hq: videos\n");
    assert_says(cli_out(), "  no score        1 ");
    assert_says(cli_out(), "video AUC, models by qualities; in brackets: against hq\n");
    read_text(&fly, "scores.csv");
    assert_says(fly, "broken,real,,,c40,lrnet,,unreadable,\n");

    /* As they are, the videos score as from their cache. */
    cli_ends(0, "eval " LRNET
                "--cache hq=cache --labels two.csv --split all --threads 1 --scores s2.csv");
    assert_says(cli_err(), "not in the cache cache: broken\n");
    read_text(&cached, "s2.csv");
    assert_non_null(strstr(cached, "broken"));
    assert_memory_equal(fly, cached, strcspn(cached, "k")); /* up to "broken" */
    hq = strstr(fly, "c1,real,,,hq,lrnet,");
    c40 = strstr(fly, "c1,real,,,c40,lrnet,");
    assert_true(hq && c40 && strncmp(strstr(hq, ",0."), strstr(c40, ",0."), 9) != 0);
    free(fly);
    free(cached);

    cli_ends(1, "eval --qualities c23 --videos absent --labels two.csv --split all");
    assert_says(cli_err(), "absent: expected a folder of videos");
    cli_ends(1, "eval --qualities c23 --labels two.csv --split all");
    assert_says(cli_err(), "labels: expected a column 'path' or --videos DIR");
    assert_ok(um_dir_read(&left, "tmp"));
    assert_int_equal(left.count, 0);
    um_dir_clear(&left);
    unsetenv("TMPDIR");
    remove("set/broken.mp4");
}

/* An interrupt ends the work and takes the temporary files along. */
static void interrupted(void **state)
{
    um_dir left = {0};
    int status;
    pid_t child;

    (void)state;
    setenv("TMPDIR", "tmp", 1);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!freopen("cli.out", "w", stdout) || !freopen("cli.err", "w", stderr)) _exit(126);
        execl(UMCL_TEST_PROGRAM, "umcl", "eval", "--qualities", "c23,c40,c10,c5,c30", "--labels",
              "labels.csv", "--split", "all", "--threads", "1", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 3000 && left.count == 0; i++) {
        usleep(10000);
        um_dir_clear(&left);
        assert_ok(um_dir_read(&left, "tmp"));
    }
    assert_int_equal(left.count, 1);
    um_dir_clear(&left);
    kill(child, SIGINT);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_ok(um_dir_read(&left, "tmp"));
    assert_int_equal(left.count, 0);
    um_dir_clear(&left);
    unsetenv("TMPDIR");
}

static void refuses_bad_data(void **state)
{
    (void)state;
    write_text("real.csv", "name,label\nc1,real\nc3,real\n");
    cli_ends(0, "eval " LRNET "--cache cache --labels real.csv --split all");
    assert_says(cli_out(), "  AUC             none");
    assert_says(cli_out(), "  none: it takes real and fake ones\n");
    cli_ends(1, EVAL "--split test");
    assert_says(cli_err(), "labels.csv: expected rows of the split 'test' with a label of high "
                           "confidence, found none among 6");
    cli_ends(1, EVAL "--not-dataset made");
    assert_says(cli_err(), "and of the data sets asked for, found none among 6");
    cli_ends(1, "eval --cache absent --labels labels.csv");
    assert_says(cli_err(), "absent: expected a folder that umcl extract filled");
    mkdir("empty", 0700);
    cli_ends(1, "eval --cache empty --labels labels.csv");
    assert_says(cli_err(), "not in the cache empty: c5\nnot in the cache empty: c6\n");
    assert_says(cli_err(), "expected videos with a face for two seconds, found none among 2");
    cli_ends(1, EVAL "--scores no/folder.csv");
    assert_says(cli_err(), "no/folder.csv");
    assert_string_equal(cli_out(), "");
    cli_ends(0, "extract -q -o old set/c5.mp4");
    model_with("old/c5/tracks.safetensors", "old/c5/tracks.safetensors", "recipe", "old");
    cli_ends(1, "eval --cache old --labels labels.csv");
    assert_says(cli_err(), "old/c5/tracks.safetensors: expected a cache made by \"umcl.tracks/2");
    write_text("old/c5/tracks.safetensors", "half");
    cli_ends(1, "eval --cache old --labels labels.csv");
    assert_says(cli_err(), "old/c5/tracks.safetensors");
}

static void refuses_bad_models(void **state)
{
    (void)state;
    cli_ends(1, "eval absent.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "absent.safetensors: cannot open");
    write_text("text.safetensors", "no model");
    cli_ends(1, "eval text.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "text.safetensors");
    cli_ends(1, "eval " SHIPPED("pulse") " --cache cache --labels labels.csv");
    assert_says(cli_err(), "pulse.safetensors: ");
    model_with("other.safetensors", "umcl.safetensors", UM_META_RECIPE, "another");
    cli_ends(1, "eval other.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "other.safetensors: trained on faces prepared as \"another\"");
    model_with("nan.safetensors", SHIPPED("lrnet"), UM_META_SHIFT, "nan");
    cli_ends(1, "eval nan.safetensors --cache cache --labels labels.csv");
    assert_says(cli_err(), "calibration_shift: expected a number, found 'nan'");
}

static void check_figure(const char *path, const char *start)
{
    char *text;
    size_t n;

    assert_ok(um_file_read(&text, &n, path, 1 << 24));
    assert_true(n > 2000 && !memcmp(text, start, strlen(start)));
    free(text);
}

static void draws_figures(void **state)
{
    static const char *const what[] = {"roc", "reliability", "auc", "groups"};
    char path[64], *first, *again;
    size_t n, m;

    (void)state;
    cli_ends(0, "eval " SHIPPED("lrnet") " umcl.safetensors --cache hq=cache --cache c40=cache "
                                         "--labels labels.csv --split all --threads 1 "
                                         "--plots tmp/figures/all");
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "tmp/figures/all/lrnet-%s.svg", what[i]);
        check_figure(path, "<?xml");
        snprintf(path, sizeof path, "tmp/figures/all/umcl-%s.png", what[i]);
        check_figure(path, "\x89PNG");
    }
    assert_ok(um_file_read(&first, &n, "tmp/figures/all/umcl-reliability.svg", 1 << 24));
    cli_ends(0, EVAL "umcl.safetensors --split all --plots tmp/figures"); /* one quality */
    assert_false(um_is_file("tmp/figures/umcl-auc.svg"));
    cli_ends(0, "eval umcl.safetensors --cache hq=cache --cache c40=cache --labels labels.csv "
                "--split all --threads 1 --plots tmp/figures");
    assert_ok(um_file_read(&again, &m, "tmp/figures/umcl-reliability.svg", 1 << 24));
    assert_true(n == m && !memcmp(first, again, n)); /* whatever was drawn before it */
    free(first);
    free(again);
    write_text("file", "no folder");
    cli_ends(1, EVAL "--plots file");
    assert_says(cli_err(), "file");
}

/* A row for every video that has a score, in every quality; no row knows its label. */
static void writes_features(void **state)
{
    um_feature_table a, b;

    (void)state;
    cli_ends(0, "eval umcl.safetensors --cache hq=cache --cache c40=cache --labels labels.csv "
                "--split all --threads 1 --features a.st --scores scores.csv");
    assert_ok(um_feature_file_read(&a, "a.st"));
    assert_int_equal(a.n, 2 * (CLIPS - 1));
    assert_string_equal(a.model, "umcl");
    assert_string_equal(a.policy, "neutral");
    assert_string_equal(a.split, "all");
    assert_string_equal(a.rows[1].video, "c2");
    assert_string_equal(a.rows[1].quality, "hq");
    assert_string_equal(a.rows[1].group, "m0");
    assert_string_equal(a.rows[CLIPS + 1].group, "real");
    assert_string_equal(a.rows[CLIPS + 1].quality, "c40");
    assert_true(a.rows[1].fake && a.rows[1].score > 0 && a.rows[1].score < 1);
    assert_int_equal(a.width[UM_PULSE], 0);
    assert_int_equal(a.width[UM_LANDMARKS], 320);
    assert_int_equal(a.width[UM_FUSED], 640);
    assert_memory_equal(a.values[UM_LANDMARKS], a.values[UM_FUSED], 320 * sizeof(float));
    assert_memory_not_equal(a.values[UM_LANDMARKS], a.values[UM_LANDMARKS] + 320, 320);
    cli_ends(0, "eval umcl.safetensors --cache cache --labels flipped.csv --split all --threads 1 "
                "--features b.st");
    assert_ok(um_feature_file_read(&b, "b.st"));
    assert_int_equal(b.n, CLIPS - 1);
    assert_false(b.rows[1].fake);
    assert_memory_equal(a.values[UM_FUSED], b.values[UM_FUSED], b.n * 640 * sizeof(float));
    um_feature_table_clear(&a);
    um_feature_table_clear(&b);

    cli_ends(1, EVAL LRNET "--split all --features c.st");
    assert_says(cli_err(), "--features: expected a joint model, found lrnet (lrnet)");
    cli_ends(1, EVAL "umcl.safetensors --split all --features no/folder.st");
    assert_says(cli_err(), "no/folder.st");
    cli_ends(2, EVAL LRNET "umcl.safetensors --features c.st");
    assert_says(cli_err(), "--features: expected one model, found 2");
}

static void refuses_bad_usage(void **state)
{
    (void)state;
    cli_ends(2, "eval --cache cache");
    cli_ends(2, "eval --labels labels.csv");
    cli_ends(2, EVAL "--cache other");
    assert_says(cli_err(), "QUALITY= of its own");
    cli_ends(2, "eval --cache a=cache --cache a=cache --labels labels.csv");
    cli_ends(2, EVAL "--qualities c23");
    assert_says(cli_err(), "expected either --cache or --qualities, found both");
    cli_ends(2, EVAL "--videos set");
    cli_ends(2, "eval --qualities hq,c52 --labels labels.csv");
    assert_says(cli_err(), "expected hq, raw or c0 to c51, each once, found 'c52'");
    cli_ends(2, "eval --qualities hq, --labels labels.csv");
    cli_ends(2, EVAL "--policy best");
    assert_says(cli_err(), "expected neutral, marginal or oracle, found 'best'");
    cli_ends(2, EVAL "a b c d e f g h i");
    cli_ends(2, EVAL "--threads 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_by_qualities),
        cmocka_unit_test(encodings_are_kept),
        cmocka_unit_test(scores_tell_of_every_video),
        cmocka_unit_test(scores_do_not_see_labels),
        cmocka_unit_test(the_oracle_says_so),
        cmocka_unit_test(damages_tracks),
        cmocka_unit_test(reads_other_prompts),
        cmocka_unit_test(on_the_fly),
        cmocka_unit_test(interrupted),
        cmocka_unit_test(refuses_bad_data),
        cmocka_unit_test(refuses_bad_models),
        cmocka_unit_test(draws_figures),
        cmocka_unit_test(writes_features),
        cmocka_unit_test(refuses_bad_usage),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
