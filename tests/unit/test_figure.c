/* Figures: the same bytes again, what is in them, and what is refused. */
#include "../test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "media/image.h"
#include "plot/figure.h"
#include "plot/reliability.h"
#include "plot/ticks.h"

static char folder[] = "/tmp/umcl-figure-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
    static const char *const files[] = {"a.svg",    "b.svg",     "a.png",   "b.png",   "bars.png",
                                        "bars.svg", "empty.png", "rel.png", "rel.svg", "grid.png"};

    (void)state;
    if (getenv("UMCL_KEEP_FIGURES")) return 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) unlink(files[i]);
    return chdir("/") || rmdir(folder);
}

/* Three bands, points, a guide and a gap. */
static umcl_status write_lines(const char *path, double shift)
{
    enum { N = 30 };
    double x[N], y[3][N], low[3][N], high[3][N], ends[] = {0, 29}, level[] = {0.5, 0.5};
    um_series s[5] = {{NULL, UM_SERIES_GUIDE, 2, ends, level, NULL, NULL}};
    static const char *const names[] = {"first", "second, with a gap", "third \xC3\xA9\xFF"};

    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < N; i++) {
            x[i] = i;
            y[k][i] = 0.5 + 0.3 * sin(i / 5.0 + k) + shift;
            low[k][i] = y[k][i] - 0.05;
            high[k][i] = y[k][i] + 0.05;
        }
        s[k + 1] = (um_series){names[k], UM_SERIES_LINE, N, x, y[k], low[k], high[k]};
    }
    y[1][12] = low[1][12] = NAN;
    s[4] = (um_series){"points", UM_SERIES_POINTS, 10, x + 5, y[1] + 10, NULL, NULL};

    um_panel panel = {.x = {.label = "step"},
                      .y = {.label = "AUC"},
                      .series = s,
                      .n_series = 5,
                      .width = 480,
                      .height = 300};
    um_figure figure = {"Lines with bands", "A note below.", &panel, 1};

    return um_figure_write(&figure, path);
}

static umcl_status write_bars(const char *path)
{
    static const char *const names[] = {"Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures",
                                        "FaceShifter"};
    double x[] = {0, 1, 2, 3, 4}, a[] = {.9, .8, .75, .6, .7}, b[] = {.85, .7, .6, .55, NAN};
    double low[] = {.85, .72, .7, .5, .6}, high[] = {.95, .86, .82, .68, .79};
    um_series s[] = {{"raw", UM_SERIES_BARS, 5, x, a, low, high},
                     {"c40", UM_SERIES_BARS, 5, x, b, NULL, NULL},
                     {"c50", UM_SERIES_BARS, 5, x, low, NULL, NULL}};
    um_panel panel = {.x = {.names = names, .n_names = 5},
                      .y = {.label = "AUC"},
                      .series = s,
                      .n_series = 3,
                      .width = 400,
                      .height = 240};

    return um_figure_write(&(um_figure){"Bars", NULL, &panel, 1}, path);
}

static void assert_same(const char *a, const char *b, bool same)
{
    char *one, *two;
    size_t n, m;

    assert_ok(um_file_read(&one, &n, a, 1 << 24));
    assert_ok(um_file_read(&two, &m, b, 1 << 24));
    assert_true(n > 1000);
    assert_int_equal(n == m && !memcmp(one, two, n), same);
    free(one);
    free(two);
}

static void gives_the_same_bytes(void **state)
{
    (void)state;
    assert_ok(write_lines("a.svg", 0));
    assert_ok(write_lines("b.svg", 0));
    assert_same("a.svg", "b.svg", true);
    assert_ok(write_lines("a.png", 0));
    assert_ok(write_lines("b.png", 0));
    assert_same("a.png", "b.png", true);
    assert_ok(write_lines("b.png", 0.01));
    assert_same("a.png", "b.png", false);
    assert_ok(write_lines("b.svg", 0.01));
    assert_same("a.svg", "b.svg", false);
}

static int count_colour(const um_image *image, int r, int g, int b)
{
    int n = 0;

    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++) {
            const uint8_t *p = image->data + (size_t)y * image->stride + 3 * (size_t)x;

            n += abs(p[0] - r) < 3 && abs(p[1] - g) < 3 && abs(p[2] - b) < 3;
        }
    return n;
}

static void draws_what_it_is_given(void **state)
{
    um_image image;
    char *svg;
    size_t n;

    (void)state;
    assert_ok(write_lines("a.png", 0));
    assert_ok(um_image_read(&image, "a.png"));
    assert_true(image.width > 960 && image.height > 600);
    assert_true(count_colour(&image, 0x00, 0x72, 0xB2) > 1000); /* the first line */
    assert_true(count_colour(&image, 0xD5, 0x5E, 0x00) > 500);  /* the second */
    assert_true(count_colour(&image, 26, 26, 26) > 300);        /* text */
    um_image_clear(&image);
    assert_ok(write_lines("a.svg", 0));
    assert_ok(um_file_read(&svg, &n, "a.svg", 1 << 24));
    assert_non_null(strstr(svg, "<svg"));
    assert_non_null(strstr(svg, "stroke-dasharray"));
    assert_null(strstr(svg, "<text")); /* no font is needed to show it */
    assert_null(strstr(svg, "NaN"));
    assert_null(strstr(svg, "nan"));
    free(svg);
}

static void draws_bars_and_nothing(void **state)
{
    um_panel panel = {.width = 100, .height = 100};
    um_image image;

    (void)state;
    assert_ok(write_bars("bars.png"));
    assert_ok(write_bars("bars.svg"));
    assert_ok(um_image_read(&image, "bars.png"));
    assert_true(count_colour(&image, 0xD5, 0x5E, 0x00) > 500); /* outlines and hatching */
    um_image_clear(&image);
    assert_ok(um_figure_write(&(um_figure){NULL, NULL, &panel, 1}, "empty.png"));
}

/* Two pictures, red and green; the second is outlined and hangs over the panel's edge. */
static umcl_status write_pictures(const char *path)
{
    unsigned char rgb[2][4 * 4 * 3] = {{0}};
    um_plot_picture pictures[2];
    um_panel panel = {.x = {.low = 0, .high = 2},
                      .y = {.low = 0, .high = 1},
                      .pictures = pictures,
                      .n_pictures = 2,
                      .width = 200,
                      .height = 100};

    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 16; i++) rgb[k][3 * i + k] = 250;
        pictures[k] = (um_plot_picture){rgb[k], 4, 4, k, 0, k + 1.5 * (k + 1), 1, k == 1};
    }
    pictures[0].x1 = 1;
    return um_figure_write(&(um_figure){"Pictures", NULL, &panel, 1}, path);
}

static void draws_pictures(void **state)
{
    um_image image;
    char *svg;
    size_t n;

    (void)state;
    assert_ok(write_pictures("a.png"));
    assert_ok(um_image_read(&image, "a.png"));
    /* 100 px of each, two pixels a px: all of the first, the second but for its outline. */
    assert_true(count_colour(&image, 250, 0, 0) > 190 * 190);
    assert_true(count_colour(&image, 250, 0, 0) <= 202 * 200);
    assert_true(count_colour(&image, 0, 250, 0) > 180 * 180);
    assert_true(count_colour(&image, 0xD5, 0x5E, 0x00) > 400);
    um_image_clear(&image);
    assert_ok(write_pictures("a.svg"));
    assert_ok(write_pictures("b.svg"));
    assert_same("a.svg", "b.svg", true);
    assert_ok(um_file_read(&svg, &n, "a.svg", 1 << 24));
    assert_non_null(strstr(svg, "data:image/png;base64,"));
    free(svg);
}

static void draws_reliability(void **state)
{
    double score[] = {.1, NAN, .45, .7, .9}, share[] = {.05, NAN, .5, .6, .95};
    double low[] = {0, NAN, .3, .4, .8}, high[] = {.2, NAN, .7, .8, 1},
           count[] = {40, 0, 9, 12, 30};
    um_reliability curves[] = {{"raw: ECE 0.05", 5, score, share, low, high, count},
                               {"c40: ECE 0.07", 5, score, high, NULL, NULL, low}};
    um_reliability_figure f = {.title = "Reliability",
                               .score_label = "P(fake)",
                               .share_label = "share of fakes",
                               .curves = curves,
                               .n_curves = 2};

    (void)state;
    assert_ok(um_reliability_write(&f, "rel.png"));
    assert_ok(um_reliability_write(&f, "rel.svg"));
    curves[1].n = 4;
    assert_fails(UMCL_ERR_INVALID, "as many in every curve", um_reliability_write(&f, "rel.png"));
    f.n_curves = 0;
    assert_fails(UMCL_ERR_INVALID, "1 to 16 curves", um_reliability_write(&f, "rel.png"));
}

/* Whether the middle of what has a colour has it too. */
static bool is_filled(const um_image *image, int r, int g, int b)
{
    size_t x = 0, y = 0, n = 0;
    const uint8_t *p;

    for (size_t i = 0; i < (size_t)image->height * (size_t)image->width; i++) {
        size_t row = i / (size_t)image->width, column = i % (size_t)image->width;

        p = image->data + row * (size_t)image->stride + 3 * column;
        if (abs(p[0] - r) > 2 || abs(p[1] - g) > 2 || abs(p[2] - b) > 2) continue;
        x += column;
        y += row;
        n++;
    }
    assert_true(n > 0);
    p = image->data + y / n * (size_t)image->stride + 3 * (x / n);
    return abs(p[0] - r) < 3 && abs(p[1] - g) < 3 && abs(p[2] - b) < 3;
}

/* Two columns: five panels in three rows, each with a point of its own colour, filled or hollow. */
static void draws_columns(void **state)
{
    static const double at[] = {0.5};
    um_series s[5];
    um_panel panels[5];
    um_figure figure = {.panels = panels, .n_panels = 5, .columns = 2};
    um_image image;

    (void)state;
    for (int i = 0; i < 5; i++) {
        s[i] = (um_series){.kind = UM_SERIES_POINTS,
                           .n = 1,
                           .x = at,
                           .y = at,
                           .colour = 1 + i,
                           .marker = i % 2 ? 9 : 2};
        panels[i] = (um_panel){.x = {.low = 0, .high = 1},
                               .y = {.low = 0, .high = 1},
                               .series = &s[i],
                               .n_series = 1,
                               .width = 100,
                               .height = 100,
                               .title = i < 2 ? "titled" : NULL};
    }
    assert_ok(um_figure_write(&figure, "grid.png"));
    assert_ok(um_image_read(&image, "grid.png"));
    assert_true(image.width > 400 && image.width < 800 && image.height > 600);
    assert_true(is_filled(&image, 0x00, 0x72, 0xB2));
    assert_false(is_filled(&image, 0xD5, 0x5E, 0x00));
    assert_true(count_colour(&image, 0xD5, 0x5E, 0x00) > 50);
    assert_true(count_colour(&image, 0xE6, 0x9F, 0x00) > 100); /* the fifth */
    um_image_clear(&image);
    figure.columns = 17;
    assert_fails(UMCL_ERR_INVALID, "at most 16 columns", um_figure_write(&figure, "grid.png"));
}

static void refuses(void **state)
{
    um_panel panel = {.width = 100, .height = 100};
    um_figure figure = {NULL, NULL, &panel, 1};

    (void)state;
    assert_fails(UMCL_ERR_INVALID, ".svg or .png", um_figure_write(&figure, "a.pdf"));
    assert_fails(UMCL_ERR_INVALID, ".svg or .png", um_figure_write(&figure, "figure"));
    assert_fails(UMCL_ERR_NOT_FOUND, "none/a.png", um_figure_write(&figure, "none/a.png"));
    panel.width = 0;
    assert_fails(UMCL_ERR_INVALID, "40 to 4000 px", um_figure_write(&figure, "a.png"));
    panel.width = 100;
    panel.y.high = INFINITY;
    assert_fails(UMCL_ERR_INVALID, "from low to high", um_figure_write(&figure, "a.png"));
}

static void chooses_round_ticks(void **state)
{
    um_ticks t;

    (void)state;
    um_ticks_choose(&t, 0, 1, 5);
    assert_int_equal(t.n, 6);
    assert_string_equal(t.text[0], "0.0");
    assert_string_equal(t.text[5], "1.0");
    um_ticks_choose(&t, -0.31, 0.29, 6);
    assert_int_equal(t.n, 6);
    assert_string_equal(t.text[0], "-0.3");
    assert_string_equal(t.text[3], "0.0");
    um_ticks_choose(&t, 3, 1234, 5);
    assert_string_equal(t.text[0], "200");
    um_ticks_choose(&t, 0.5, 0.5004, 4);
    assert_string_equal(t.text[1], "0.5001");
    um_ticks_choose(&t, 1e-30, 3e8, 3);
    assert_true(t.n >= 2 && t.n <= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_bytes),   cmocka_unit_test(draws_what_it_is_given),
        cmocka_unit_test(draws_bars_and_nothing), cmocka_unit_test(draws_pictures),
        cmocka_unit_test(draws_reliability),      cmocka_unit_test(refuses),
        cmocka_unit_test(draws_columns),          cmocka_unit_test(chooses_round_ticks),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
