/*
 * umcl tsne from outside: on features of two clouds, real and fake, seen in two qualities, what it
 * says of them, where it puts them, and what it draws.
 */
#include "support_cli.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/feature_file.h"

#define VIDEOS 20
#define ROWS (2 * VIDEOS)
#define D 8

/* Fakes lie `away` from real videos; a quality shifts a video a little. The prompt is one for all.
 */
static void write_features(const char *path, const char *policy, float away, size_t text_width)
{
    static const char *const groups[] = {"real", "Deepfakes", "real", "FaceSwap"};
    um_rng rng = um_rng_new(7, "features");
    static float values[3][ROWS * 2 * D];
    static char names[VIDEOS][8];
    um_feature_row rows[ROWS];
    um_feature_table t = {
        .model = "made", .hash = "", .policy = policy, .split = "test", .rows = rows, .n = ROWS};

    for (size_t i = 0; i < ROWS; i++) {
        size_t v = i % VIDEOS;
        bool fake = v % 2;

        snprintf(names[v], sizeof names[v], "v%zu", v);
        rows[i] = (um_feature_row){names[v], i < VIDEOS ? "hq" : "c40", groups[v % 4], fake, 0.5};
        for (size_t c = 0; c < D; c++) {
            values[0][i * D + c] = i < VIDEOS
                                       ? (float)um_rng_normal(&rng) + (fake ? away : 0)
                                       : values[0][v * D + c] + 0.1f * (float)um_rng_normal(&rng);
            values[2][i * D + c] = -values[0][i * D + c];
        }
    }
    for (size_t i = 0; i < ROWS * text_width; i++) values[1][i] = 1;
    t.width[UM_PULSE] = t.width[UM_FUSED] = D;
    t.width[UM_TEXT] = text_width;
    t.values[UM_PULSE] = values[0];
    t.values[UM_TEXT] = values[1];
    t.values[UM_FUSED] = values[2];
    assert_ok(um_feature_file_write(&t, path));
}

static int prepare(void **state)
{
    if (cli_setup(state) != 0) return -1;
    write_features("apart.st", "neutral", 6, D);
    write_features("mixed.st", "neutral", 0, D);
    write_features("oracle.st", "oracle", 6, D);
    write_features("cpml.st", "neutral", 6, 2);
    return 0;
}

static double measure_of(json_t *doc, size_t file, const char *of, const char *key,
                         const char *measure)
{
    json_t *v = json_array_get(json_object_get(doc, "files"), file);

    v = json_object_get(json_object_get(json_object_get(v, "features"), of), "classes");
    v = json_object_get(json_object_get(v, key), measure);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static void tells_clouds_apart(void **state)
{
    json_t *doc, *view;
    const char *schema;
    int constant, points;
    double shift;

    (void)state;
    cli_ends(0, "tsne apart.st mixed.st --of fused,text --json");
    assert_string_equal(cli_err(), "");
    doc = cli_json();
    assert_int_equal(json_unpack(doc, "{s:s}", "schema", &schema), 0);
    assert_string_equal(schema, "umcl.tsne/1");
    assert_true(measure_of(doc, 0, "fused", "label", "silhouette") > 0.6);
    assert_true(measure_of(doc, 0, "fused", "label", "neighbour") == 1);
    assert_true(measure_of(doc, 0, "fused", "quality", "silhouette") < 0.05);
    assert_true(measure_of(doc, 1, "fused", "label", "silhouette") < 0.1);
    assert_true(measure_of(doc, 1, "fused", "label", "neighbour") < 0.9);
    assert_true(isnan(measure_of(doc, 0, "text", "label", "silhouette")));
    view = json_array_get(json_object_get(doc, "files"), 1);
    view = json_object_get(json_object_get(view, "features"), "fused");
    assert_int_equal(json_unpack(view, "{s:b, s:i, s:F}", "constant", &constant, "points", &points,
                                 "shift", &shift),
                     0);
    assert_false(constant);
    assert_int_equal(points, ROWS);
    assert_true(shift > 0.01 && shift < 0.2);
    assert_true(json_is_null(json_object_get(view, "loss"))); /* nothing was drawn */
    json_decref(doc);

    cli_ends(0, "tsne apart.st mixed.st --of modalities,text --name A --name B");
    assert_says(cli_out(), "A, modalities: 40 points of 8 numbers\n");
    assert_says(cli_out(), "  text is the same in every row, and left out\n");
    assert_says(cli_out(), "real 20, Deepfakes 10, FaceSwap 10\n");
    assert_says(cli_out(), "B, text: 40 points of 8 numbers\n  the same in every row");
    assert_null(strstr(cli_out(), "oracle"));
    cli_ends(0, "tsne oracle.st");
    assert_says(cli_out(), "made: ** oracle: reads the label; not a detection figure **");
}

/* Qualities that were measured each by itself, of videos whose names tell it: as one file. */
static void joins_files(void **state)
{
    static float values[ROWS];
    um_feature_row rows[ROWS];
    um_feature_table t = {.model = "m", .hash = "1", .policy = "", .split = "test", .rows = rows};
    static char names[ROWS][24];
    um_rng rng = um_rng_new(3, "join");
    json_t *doc, *view;
    double shift;

    (void)state;
    t.width[UM_FUSED] = 1;
    t.n = VIDEOS;
    for (size_t i = 0; i < ROWS; i++) {
        const char *quality = i < VIDEOS ? "raw" : "c23";

        snprintf(names[i], sizeof names[i], "youtube_%s_v%zu", quality, i % VIDEOS);
        rows[i] = (um_feature_row){names[i], quality, i % 2 ? "DF" : "real", i % 2, 0.5};
        values[i] = i < VIDEOS ? (float)um_rng_normal(&rng) : values[i - VIDEOS] + 0.01f;
    }
    t.values[UM_FUSED] = values;
    assert_ok(um_feature_file_write(&t, "raw.st"));
    t.rows += VIDEOS;
    t.values[UM_FUSED] += VIDEOS;
    assert_ok(um_feature_file_write(&t, "c23.st"));
    t.hash = "2";
    assert_ok(um_feature_file_write(&t, "other.st"));
    cli_ends(0, "tsne raw.st,c23.st --json");
    doc = cli_json();
    view = json_array_get(json_object_get(doc, "files"), 0);
    view = json_object_get(json_object_get(view, "features"), "fused");
    assert_int_equal(json_unpack(view, "{s:F}", "shift", &shift), 0);
    assert_true(shift > 0 && shift < 0.1);
    json_decref(doc);
    cli_ends(1, "tsne raw.st,other.st");
    assert_says(cli_err(), "other.st: expected features of one model");
    cli_ends(1, "tsne raw.st,");
}

static char *text_of(const char *path, size_t *n)
{
    char *text;

    assert_ok(um_file_read(&text, n, path, 1 << 24));
    return text;
}

static void draws_and_places(void **state)
{
    char *points, *svg, *again;
    size_t n, m;

    (void)state;
    cli_ends(0, "tsne apart.st mixed.st --of fused,modalities,text --steps 200 --plots pictures "
                "--points places.csv --threads 1");
    assert_says(cli_out(), "  drawn with perplexity 13; divergence left: 0.");
    points = text_of("places.csv", &n);
    assert_int_equal(cli_count(points, "\n"), 1 + 2 * 3 * ROWS);
    assert_says(points, "name,of,video,label,quality,group,modality,x,y\n");
    assert_says(points, "\nmade,fused,v3,fake,c40,FaceSwap,fused,");
    assert_says(points, "\nmade,modalities,v0,real,hq,real,pulse,");
    assert_int_equal(cli_count(points, ",0,0\n"), 2 * ROWS); /* of text, all in one place */
    free(points);
    svg = text_of("pictures/tsne.svg", &n);
    assert_true(n > 20000 && strstr(svg, "<svg"));
    points = text_of("pictures/tsne.png", &m);
    assert_true(m > 20000 && !memcmp(points, "\x89PNG", 4));
    free(points);
    cli_ends(0, "tsne apart.st mixed.st --of fused,modalities,text --steps 200 --plots again "
                "--threads 2");
    again = text_of("again/tsne.svg", &m);
    assert_true(n == m && !memcmp(svg, again, n));
    free(again);
    cli_ends(0, "tsne apart.st mixed.st --of fused,modalities,text --steps 200 --plots again "
                "--seed 2 --color group --mark quality --cosine --angle 0.5 --perplexity 5");
    again = text_of("again/tsne.svg", &m);
    assert_true(n != m || memcmp(svg, again, n));
    free(svg);
    free(again);
}

static void refuses(void **state)
{
    (void)state;
    cli_ends(2, "tsne");
    assert_says(cli_err(), "expected files of umcl eval --features");
    cli_ends(2, "tsne apart.st --of fused,sound");
    assert_says(cli_err(), "--of: expected fused, pulse, landmarks, text, texture or modalities, "
                           "each once, found 'sound'");
    cli_ends(2, "tsne apart.st --of fused,fused");
    cli_ends(2, "tsne apart.st --of ''");
    cli_ends(2, "tsne apart.st --colour hue");
    assert_says(cli_err(), "--colour: expected label, quality, group or modality, found 'hue'");
    cli_ends(2, "tsne apart.st --perplexity 0");
    cli_ends(2, "tsne apart.st mixed.st --name one");
    assert_says(cli_err(), "--name: expected one for each of 2 files, found 1");
    cli_ends(1, "tsne absent.st");
    assert_says(cli_err(), "absent.st");
    cli_write("bad.st", "none", 4);
    cli_ends(1, "tsne bad.st");
    cli_ends(1, "tsne apart.st --of texture");
    assert_says(cli_err(), "apart.st: expected the feature 'texture', which made lacks");
    cli_ends(1, "tsne apart.st --perplexity 50 --points p.csv");
    assert_says(cli_err(), "expected a perplexity from 1 to the 39 neighbours");
    assert_false(um_is_file("p.csv"));
    cli_ends(1, "tsne apart.st --plots bad.st");
    cli_ends(1, "tsne apart.st --points no/folder.csv");
    assert_string_equal(cli_out(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_clouds_apart),
        cmocka_unit_test(joins_files),
        cmocka_unit_test(draws_and_places),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
