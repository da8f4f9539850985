/*
 * Every experiment of umcl reproduce from outside, on generated material, from rendering to tables
 * and pictures.
 */
#include "support_cli.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static void plans_figures(void **state)
{
    (void)state;
    cli_ends(0, "reproduce fig2 --mini=tiny --plan");
    assert_says(cli_out(), "--fusion cpml");
    assert_says(cli_out(), "--of pulse,landmarks,fused");
    assert_says(cli_out(), "measure a model       3");
    cli_ends(0, "reproduce fig8 --mini=tiny --plan");
    assert_says(cli_out(), "--no-asa --no-cqsl");
    assert_says(cli_out(), "train a model         4");
    assert_says(cli_out(), "measure a model      12, about");
    assert_says(cli_out(), "--of modalities --colour modality --mark label --cosine");
    cli_ends(0, "reproduce fig8 --mini=tiny --only umcl,no-asa --plan");
    assert_says(cli_out(), "measure a model       6");
    assert_null(strstr(cli_out(), "no-cqsl"));
    mkdir("empty", 0700);
    cli_ends(0, "reproduce fig6 --data empty --out nothing");
    assert_says(cli_out(), "Not given, left out: FF++.");
    assert_false(um_is_dir("nothing/fig6"));
}

/* Every link to a command has its command. */
static void check_html(const char *html)
{
    for (const char *at = html; (at = strstr(at, "href=\"#")); at++) {
        const char *name = at + strlen("href=\"#");
        char id[256];

        snprintf(id, sizeof id, "id=\"%.*s\"", (int)strcspn(name, "\""), name);
        assert_says(html, id);
    }
    assert_says(html, "<h2>Commands</h2>");
}

/* Every row that was run has a figure, and every figure is one. */
static void check_rows(const json_t *rows)
{
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r), *cells = json_object_get(row, "cells");
        bool run = !strcmp(json_string_value(json_object_get(row, "source")), "run");
        int figures = 0;

        for (size_t c = 0; c < json_array_size(cells); c++)
            figures += json_is_number(json_object_get(json_array_get(cells, c), "value"));
        if (run != (figures > 0))
            fail_msg("%s: %d figures", json_string_value(json_object_get(row, "row")), figures);
    }
}

static void check_files(const char *name, const char *figure)
{
    json_t *doc;
    json_error_t e;
    char path[64], *text;

    snprintf(path, sizeof path, "out/%s.html", name);
    text = cli_text(path);
    check_html(text);
    free(text);
    snprintf(path, sizeof path, "out/%s.csv", name);
    text = cli_text(path);
    assert_says(text, "group,row,column,source,value,low,high,deviation,seeds\n");
    free(text);
    snprintf(path, sizeof path, "out/%s.json", name);
    doc = json_load_file(path, 0, &e);
    if (!doc) fail_msg("%s: %s", path, e.text);
    check_rows(json_object_get(doc, "rows"));
    json_decref(doc);
    for (int i = 0; figure && i < 2; i++) {
        snprintf(path, sizeof path, "out/%s.%s", figure, i ? "png" : "svg");
        if (!um_is_file(path)) fail_msg("expected %s", path);
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The pulse encoder takes a second a window: most run without it, and one of each kind with it. */
#define QUICK " --train '--modalities lt'"
#define FIG6 "reproduce fig6 --mini=tiny --out out --threads 1 " QUICK
static const struct {
    const char *name, *args, *figure; /* a picture without its ending; NULL: none */
} experiments[] = {
    {"table3", "--only umcl,lrnet" QUICK, NULL},
    {"table4", "--only umcl,meso4" QUICK, NULL},
    {"table5", "--only umcl,lrnet" QUICK, NULL},
    {"table6", "--only umcl,xception" QUICK, NULL},
    {"table7", "--only umcl" QUICK, NULL},
    {"table8", "--only umcl" QUICK, NULL},
    {"table9", "--only cpml", NULL}, /* with the pulse */
    {"table10", "--only A" QUICK, NULL},
    {"table11", QUICK, NULL},
    {"fig2", "--only cpml", "fig2/tsne"}, /* with the pulse: the model of table9 */
    {"fig6", QUICK, "fig6-group/tsne"},
    {"fig7", "", "fig7"},
    {"fig8", "--only umcl,no-asa" QUICK, "fig8-modalities/tsne"},
    {"fig9", QUICK, "fig9"},
};
#define N_EXPERIMENTS (sizeof experiments / sizeof experiments[0])

static void skip_where_slow(void)
{
#ifdef __SANITIZE_ADDRESS__
    print_message("skipped: too slow with a sanitizer\n");
    skip();
#endif
}

static void repeats_every_experiment(void **state)
{
    (void)state;
    skip_where_slow();
    for (size_t i = 0; i < N_EXPERIMENTS; i++) {
        char args[256];
        double began = seconds();

        snprintf(args, sizeof args, "reproduce %s --mini=tiny --out out --threads 1 %s",
                 experiments[i].name, experiments[i].args);
        cli_ends(0, "%s", args);
        assert_says(cli_out(), "Measured on generated material");
        check_files(experiments[i].name, experiments[i].figure);
        print_message("%s: %.1f s\n", experiments[i].name, seconds() - began);
    }
}

/* None that --help names is left out above. */
static void knows_every_experiment(void **state)
{
    char *help, *line, *rest;

    (void)state;
    cli_ends(0, "reproduce --help");
    help = strdup(strstr(cli_out(), "EXPERIMENT:\n"));
    assert_non_null(help);
    strtok_r(help, "\n", &rest);
    for (line = strtok_r(NULL, "\n", &rest); line && line[2] != '-';
         line = strtok_r(NULL, "\n", &rest)) {
        size_t n = strcspn(line + 2, " "), i = 0;

        while (i < N_EXPERIMENTS &&
               (strlen(experiments[i].name) != n || strncmp(experiments[i].name, line + 2, n) != 0))
            i++;
        if (i == N_EXPERIMENTS) fail_msg("not run by this test: %s", line);
    }
    free(help);
}

/* Once every experiment has run. */
static void draws_a_figure_and_goes_on(void **state)
{
    json_t *doc, *cells, *models;
    char *html, *svg, *points;
    double silhouette;

    (void)state;
    skip_where_slow();
    cli_ends(0, FIG6);
    assert_says(cli_err(), "53 steps, 0 of them run now");
    assert_says(cli_out(), "Figure 6");
    assert_says(cli_out(), "generated material");
    doc = json_load_file("out/fig6.json", 0, NULL);
    cells = json_object_get(json_array_get(json_object_get(doc, "rows"), 0), "cells");
    models = json_object_get(doc, "models");
    assert_int_equal(json_array_size(cells), 5);
    assert_int_equal(json_array_size(models), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(models, 0), "path")),
                        "out/models/umcl-ff-raw-seed1.safetensors");
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(json_unpack(json_array_get(cells, i), "{s:F}", "value", &silhouette), 0);
        assert_true(silhouette >= -1 && (i == 4 || silhouette <= 1));
    }
    json_decref(doc);
    html = cli_text("out/fig6.html");
    assert_says(html, "<img src=\"fig6/tsne.svg\"");
    assert_says(html, "<img src=\"fig6-group/tsne.svg\"");
    svg = cli_text("out/fig6/tsne.svg");
    assert_says(svg, "<svg");
    assert_true(um_is_file("out/fig6-group/tsne.png"));
    points = cli_text("out/fig6/points.csv");
    assert_int_equal(cli_count(points, ",real,c23,real,fused,"), 2);
    assert_int_equal(cli_count(points, ",fake,c40,Deepfakes,fused,"), 1);
    assert_int_equal(cli_count(points, ",raw,"), 0);
    free(html);
    free(svg);
    free(points);

    assert_int_equal(unlink("out/features/umcl-ff-raw-seed1-on-ff-c40.safetensors"), 0);
    cli_ends(0, FIG6); /* what is lost is made anew, alone */
    assert_says(cli_err(), "53 steps, 1 of them run now");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_figures),
        cmocka_unit_test(repeats_every_experiment),
        cmocka_unit_test(knows_every_experiment),
        cmocka_unit_test(draws_a_figure_and_goes_on),
    };

    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
