/*
 * umcl reproduce from outside: Table 10 on generated material, from rendering to the table, and
 * what a second run does with what the first has left.
 */
#include "support_cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define TABLE10 "reproduce table10 --mini=tiny --only A --out out --threads 1 "
#define STEPS 19

static void plans_without_running(void **state)
{
    (void)state;
    cli_ends(0, TABLE10 "--plan");
    assert_says(cli_out(), "19 steps:");
    assert_says(cli_out(), "train a model         1");
    assert_says(cli_out(), "14 videos");
    assert_says(cli_out(), "umcl train --preset paper");
    assert_false(um_is_dir("out"));

    cli_ends(0, "reproduce table10 --mini --seeds 2 --plan");
    assert_says(cli_out(), "train a model         8"); /* A to D, two seeds */
}

/* The machine may be busy: what is ended by the clock goes on where it was. */
static int run_to_the_end(const char *args)
{
    int code = 128 + 14;

    for (int i = 0; i < 4 && code == 128 + 14; i++) code = cli("%s", args);
    return code;
}

static void check_json(void)
{
    json_t *doc = json_load_file("out/table10.json", 0, NULL), *steps, *models, *rows, *cell, *seed;
    const char *step, *command, *hash, *program, *source;
    double paper, value;
    int generated;
    json_error_t e;

    assert_non_null(doc);
    if (json_unpack_ex(doc, &e, 0, "{s:s, s:b, s:o, s:o, s:o}", "program", &program,
                       "generated_material", &generated, "steps", &steps, "models", &models, "rows",
                       &rows) != 0)
        fail_msg("%s", e.text);
    assert_true(generated);
    assert_int_equal(json_object_size(steps), STEPS);
    assert_int_equal(json_array_size(rows), 4);
    assert_int_equal(json_array_size(models), 1);
    assert_int_equal(json_unpack(json_array_get(models, 0), "{s:s}", "hash", &hash), 0);
    assert_says(hash, "sha256:");
    cell = json_array_get(json_object_get(json_array_get(rows, 0), "cells"), 0);
    seed = json_array_get(json_object_get(cell, "seeds"), 0);
    if (json_unpack_ex(cell, &e, 0, "{s:F, s:F}", "paper", &paper, "value", &value) != 0 ||
        json_unpack_ex(seed, &e, 0, "{s:s}", "step", &step) != 0)
        fail_msg("%s", e.text);
    assert_true(paper == 99.73);
    assert_true(value >= 0 && value <= 100);
    /* Every figure has its command. */
    assert_int_equal(json_unpack(json_object_get(steps, step), "{s:s}", "command", &command), 0);
    assert_says(command, "umcl eval out/models/A-ff-c23-DF-seed1.safetensors");
    assert_int_equal(json_unpack(json_array_get(rows, 1), "{s:s}", "source", &source), 0);
    assert_string_equal(source, "not asked for");
    json_decref(doc);
}

static void makes_a_table_and_goes_on(void **state)
{
    char *first, *again, *csv, *html;

    (void)state;
    assert_int_equal(run_to_the_end(TABLE10), 0);
    assert_says(cli_out(), "Table 10");
    assert_says(cli_out(), "generated material");
    assert_says(cli_out(), "99.73");
    check_json();
    first = cli_text("out/table10.json");
    csv = cli_text("out/table10.csv");
    html = cli_text("out/table10.html");
    assert_says(csv, "\"A: landmarks\",\"DF\",\"paper\",99.7300,,,");
    assert_int_equal(cli_count(csv, "\"A: landmarks\",\"DF\",\"here\","), 1);
    assert_says(html, "id=\"eval-A-ff-c23-DF-seed1-on-ff-c23\"");

    cli_ends(0, TABLE10); /* again: nothing to do, the same result */
    assert_says(cli_err(), "19 steps, 0 of them run now");
    again = cli_text("out/table10.json");
    assert_string_equal(first, again);

    /* What is lost is made anew, alone. */
    assert_int_equal(unlink("out/eval/A-ff-c23-DF-seed1-on-ff-c23.json"), 0);
    cli_ends(0, TABLE10);
    assert_says(cli_err(), "19 steps, 1 of them run now");
    free(first);
    free(again);
    free(csv);
    free(html);
}

/* Scores that know the answer give an AUC of 1 in a row of their own. */
static void takes_scores_of_others(void **state)
{
    FILE *f = fopen("oracle.csv", "w");
    char *scores, *csv, *line, *rest;

    (void)state;
    assert_non_null(f);
    fputs("video,score\n", f);
    scores = cli_text("out/eval/A-ff-c23-DF-seed1-on-ff-c23.csv");
    for (line = strtok_r(scores, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strncmp(line, "video,", 6) != 0)
            fprintf(f, "%.*s,%d\n", (int)strcspn(line, ","), line, strstr(line, ",fake,") != NULL);
    fclose(f);
    cli_ends(0, TABLE10 "--extra Oracle=oracle.csv");
    csv = cli_text("out/table10.csv");
    assert_says(csv, "\"Oracle\",\"DF\",\"scores given\",100.0000,100.0000,100.0000,");
    free(scores);
    free(csv);

    cli_write("bad.csv", "video,score\na,x\n", 16);
    cli_ends(1, TABLE10 "--extra Bad=bad.csv");
    assert_says(cli_err(), "bad.csv:2: expected a number as score, found 'x'");
    cli_ends(1, TABLE10 "--extra nothing");
    assert_says(cli_err(), "expected NAME=scores.csv");
}

static void names_the_step_that_fails(void **state)
{
    (void)state;
    cli_ends(1, TABLE10 "--train '--batch 3'");
    assert_says(cli_err(),
                "train-A-ff-c23-DF-seed1 ended with exit code 2; the command: umcl train");
    assert_says(cli_err(), "its log: out/logs/train-A-ff-c23-DF-seed1.log");
}

/* What several trainings give is shown as their mean, with how far apart they are. */
static void joins_seeds(void **state)
{
    char *text, *csv;

    (void)state;
    cli_ends(0, TABLE10 "--seeds 2");
    text = cli_text("out/table10.txt");
    csv = cli_text("out/table10.csv");
    assert_says(text, " \xC2\xB1 ");
    assert_int_equal(cli_count(csv, ",2\n"), 3); /* DF, F2F and their mean */
    assert_says(csv, "value,low,high,deviation,seeds\n");
    free(text);
    free(csv);
}

#define CUT_MODEL "out/models/A-ff-c23-DF-seed1.safetensors"
#define CUT_RECORD "out/steps/train-A-ff-c23-DF-seed1.json"

/* Killed outright once its training has ended an epoch. */
static void run_and_kill(void)
{
    const struct timespec moment = {0, 5000000};
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);

        if (nowhere >= 0) dup2(nowhere, 1);
        execl(UMCL_TEST_PROGRAM, "umcl", "reproduce", "table10", "--mini=tiny", "--only", "A", "-q",
              "--out", "out", "--threads", "1", "--train", "--epochs 60 --patience 0",
              (char *)NULL);
        _exit(127);
    }
    while (!um_is_file(CUT_MODEL ".last") && waitpid(child, &status, WNOHANG) == 0)
        nanosleep(&moment, NULL);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

static void goes_on_after_a_kill(void **state)
{
    char *first, *again, *model, *anew;
    size_t n, m;

    (void)state;
    unlink(CUT_MODEL ".last");
    run_and_kill();
    cli_ends(0, TABLE10 "--train '--epochs 60 --patience 0'");
    first = cli_text("out/table10.csv");
    assert_ok(um_file_read(&model, &n, CUT_MODEL, 1 << 26));

    /* The same without an interruption, to the byte. */
    assert_int_equal(unlink(CUT_RECORD), 0);
    unlink(CUT_MODEL ".last");
    cli_ends(0, TABLE10 "--train '--epochs 60 --patience 0'");
    assert_says(cli_err(), "19 steps, 1 of them run now");
    again = cli_text("out/table10.csv");
    assert_ok(um_file_read(&anew, &m, CUT_MODEL, 1 << 26));
    assert_string_equal(first, again);
    assert_true(n == m && !memcmp(model, anew, n));
    free(first);
    free(again);
    free(model);
    free(anew);
}

static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    cli_ends(2, "reproduce");
    cli_ends(2, "reproduce table10");
    assert_says(cli_err(), "expected --data ROOT, or --mini");
    cli_ends(2, "reproduce table1 --mini");
    assert_says(cli_err(), "unknown experiment 'table1'");
    cli_ends(2, "reproduce table10 --mini --data .");
    cli_ends(2, "reproduce table10 --mini --preset other");
    cli_ends(2, "reproduce table10 --mini=huge");
    mkdir("empty", 0700);
    cli_ends(0, "reproduce table10 --data empty --plan");
    assert_says(cli_out(), "not given, left out: FF++");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_without_running),       cmocka_unit_test(makes_a_table_and_goes_on),
        cmocka_unit_test(takes_scores_of_others),      cmocka_unit_test(joins_seeds),
        cmocka_unit_test(goes_on_after_a_kill),        cmocka_unit_test(names_the_step_that_fails),
        cmocka_unit_test(refuses_what_makes_no_sense),
    };

    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
