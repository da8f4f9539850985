/*
 * Figures 2, 6 and 8 from outside: what umcl reproduce would run for them, and one of them on
 * generated material, from rendering to the pictures.
 */
#include "support_cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Of landmarks alone: what is tried here is the way through, not the encoders. */
#define FIG6 "reproduce fig6 --mini=tiny --train '--modalities lt' --out out --threads 1 "

static void plans(void **state)
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

static char *text_of(const char *path)
{
    char *text;
    size_t n;

    assert_ok(um_file_read(&text, &n, path, 1 << 24));
    return text;
}

static void draws_and_goes_on(void **state)
{
    json_t *doc, *cells, *models;
    char *html, *svg, *points;
    int code = 128 + 14;
    double silhouette;

    (void)state;
    for (int i = 0; i < 4 && code == 128 + 14; i++) code = cli("%s", FIG6); /* busy machines */
    assert_int_equal(code, 0);
    assert_says(cli_out(), "Figure 6");
    assert_says(cli_out(), "generated material");
    doc = json_load_file("out/fig6.json", 0, NULL);
    cells = json_object_get(json_array_get(json_object_get(doc, "rows"), 0), "cells");
    models = json_object_get(doc, "models");
    assert_int_equal(json_array_size(cells), 5);
    assert_int_equal(json_array_size(models), 1);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(json_unpack(json_array_get(cells, i), "{s:F}", "value", &silhouette), 0);
        assert_true(silhouette >= -1 && (i == 4 || silhouette <= 1));
    }
    json_decref(doc);
    html = text_of("out/fig6.html");
    assert_says(html, "<img src=\"fig6/tsne.svg\"");
    assert_says(html, "<img src=\"fig6-group/tsne.svg\"");
    svg = text_of("out/fig6/tsne.svg");
    assert_says(svg, "<svg");
    assert_true(um_is_file("out/fig6-group/tsne.png"));
    points = text_of("out/fig6/points.csv");
    assert_int_equal(cli_count(points, ",real,c23,real,fused,"), 2);
    assert_int_equal(cli_count(points, ",fake,c40,Deepfakes,fused,"), 1);
    assert_int_equal(cli_count(points, ",raw,"), 0);
    free(html);
    free(svg);
    free(points);

    cli_ends(0, FIG6);
    assert_says(cli_err(), "53 steps, 0 of them run now");
    assert_int_equal(unlink("out/features/umcl-ff-raw-seed1-on-ff-c40.safetensors"), 0);
    cli_ends(0, FIG6); /* what is lost is made anew, alone */
    assert_says(cli_err(), "53 steps, 1 of them run now");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(draws_and_goes_on),
    };

    return cmocka_run_group_tests(tests, cli_setup, cli_teardown);
}
