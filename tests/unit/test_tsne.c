/* t-SNE: widths, gradient, tree, and that clusters stay clusters. */
#include "../test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "eval/plane_tree.h"
#include "eval/separation.h"
#include "eval/tsne.h"

#define D 10

/* Normal clouds around corners that are `away` apart. */
static float *make_clouds(size_t n, size_t n_classes, float away, size_t *class_of)
{
    um_rng rng = um_rng_new(5, "clouds");
    float *x = calloc(n * D, sizeof *x);

    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        class_of[i] = i % n_classes;
        for (size_t c = 0; c < D; c++)
            x[i * D + c] = (float)um_rng_normal(&rng) + (c == class_of[i] ? away : 0);
    }
    return x;
}

static void reaches_the_perplexity(void **state)
{
    enum { N = 120 };
    size_t class_of[N];
    float *x = make_clouds(N, 3, 4, class_of);

    (void)state;
    for (int sparse = 0; sparse < 2; sparse++) {
        um_affinity a, p;
        double all = 0;

        assert_ok(um_affinity_conditional(&a, x, N, D, 12.5, sparse ? 36 : 0));
        for (size_t i = 0; i < N; i++) {
            double sum = 0, entropy = 0;

            assert_int_equal(a.start[i + 1] - a.start[i], sparse ? 36 : N - 1);
            for (size_t e = a.start[i]; e < a.start[i + 1]; e++) {
                assert_true(a.index[e] != i && (e == a.start[i] || a.index[e] > a.index[e - 1]));
                sum += a.value[e];
                if (a.value[e] > 0) entropy -= a.value[e] * log(a.value[e]);
            }
            assert_true(fabs(sum - 1) < 1e-12);
            assert_true(fabs(exp(entropy) - 12.5) < 1e-5);
        }
        assert_ok(um_affinity_joint(&p, &a));
        for (size_t i = 0; i < N; i++)
            for (size_t e = p.start[i]; e < p.start[i + 1]; e++) {
                bool there = false;

                assert_true(e == p.start[i] || p.index[e] > p.index[e - 1]);
                all += p.value[e];
                for (size_t b = p.start[p.index[e]]; b < p.start[p.index[e] + 1]; b++)
                    there = there || (p.index[b] == i && p.value[b] == p.value[e]);
                assert_true(there);
            }
        assert_true(fabs(all - 1) < 1e-12);
        um_affinity_clear(&a);
        um_affinity_clear(&p);
    }
    free(x);
}

/* Every number of the gradient against the change of the divergence. */
static void gradient_is_the_slope(void **state)
{
    enum { N = 24 };
    const double step = 1e-5;
    um_rng rng = um_rng_new(2, "places");
    size_t class_of[N];
    float *x = make_clouds(N, 2, 3, class_of);
    double y[2 * N], gradient[2 * N], other[2 * N];
    um_affinity a, p;

    (void)state;
    for (size_t i = 0; i < 2 * N; i++) y[i] = um_rng_normal(&rng);
    assert_ok(um_affinity_conditional(&a, x, N, D, 5, 0));
    assert_ok(um_affinity_joint(&p, &a));
    assert_ok(um_tsne_gradient(gradient, NULL, &p, y, 0));
    for (size_t i = 0; i < 2 * N; i++) {
        double up, down, kept = y[i];

        y[i] = kept + step;
        assert_ok(um_tsne_gradient(other, &up, &p, y, 0));
        y[i] = kept - step;
        assert_ok(um_tsne_gradient(other, &down, &p, y, 0));
        y[i] = kept;
        assert_true(up > 0 && fabs((up - down) / (2 * step) - gradient[i]) < 1e-8);
    }
    um_affinity_clear(&a);
    um_affinity_clear(&p);
    free(x);
}

static void tree_is_near_the_pairs(void **state)
{
    enum { N = 400 };
    um_rng rng = um_rng_new(3, "tree");
    um_plane_tree *tree;
    double y[2 * N], largest = 0, error = 0, finer = 0;

    (void)state;
    for (size_t i = 0; i < 2 * N; i++) y[i] = 10 * um_rng_normal(&rng);
    for (size_t i = 0; i < 6; i++) y[i] = 0.25; /* three in one place */
    assert_ok(um_plane_tree_new(&tree, y, N));
    for (size_t i = 0; i < N; i++) {
        double f[2] = {0}, tight[2] = {0}, rough[2] = {0}, fine[2] = {0}, total = 0, z, z_rough;

        for (size_t j = 0; j < N; j++) {
            double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
            double w = 1 / (1 + dx * dx + dy * dy);

            if (j == i) continue;
            total += w;
            f[0] += w * w * dx;
            f[1] += w * w * dy;
        }
        z = um_plane_tree_repel(tree, i, 0, tight);
        assert_true(fabs(z - total) < 1e-9 && fabs(tight[0] - f[0]) < 1e-9);
        z_rough = um_plane_tree_repel(tree, i, 0.5, rough);
        assert_true(fabs(z_rough - total) < 0.03 * total);
        um_plane_tree_repel(tree, i, 0.2, fine);
        finer = fmax(finer, hypot(fine[0] - f[0], fine[1] - f[1]));
        error = fmax(error, hypot(rough[0] - f[0], rough[1] - f[1]));
        largest = fmax(largest, hypot(f[0], f[1]));
    }
    /* A cell's error falls with the square of its size. */
    assert_true(error > 0 && error < 0.05 * largest && finer < error / 4);
    um_plane_tree_free(tree);
}

static void clusters_stay_apart(double angle)
{
    enum { N = 150 };
    um_tsne_options o = {.perplexity = 15, .angle = angle, .steps = 400, .seed = 1};
    size_t class_of[N];
    float *x = make_clouds(N, 2, 12, class_of), flat[2 * N];
    double y[2 * N], again[2 * N], other[2 * N], loss, gradient[2 * N], first;
    um_affinity a, p;
    um_separation s;

    um_threads_set(2);
    assert_ok(um_tsne(y, &loss, x, N, D, &o));
    um_threads_set(1);
    assert_ok(um_tsne(again, NULL, x, N, D, &o));
    um_threads_set(0);
    assert_memory_equal(y, again, sizeof y);
    o.seed = 2;
    assert_ok(um_tsne(other, NULL, x, N, D, &o));
    assert_memory_not_equal(y, other, sizeof y);
    for (size_t i = 0; i < 2 * N; i++) flat[i] = (float)y[i];
    assert_ok(um_separation_measure(&s, NULL, flat, N, 2, class_of, 2, NULL));
    assert_true(s.neighbour == 1 && s.silhouette > 0.6 && s.explained > 0.6);

    /* Lower than where it began. */
    assert_ok(um_affinity_conditional(&a, x, N, D, o.perplexity, angle > 0 ? 45 : 0));
    assert_ok(um_affinity_joint(&p, &a));
    for (size_t i = 0; i < 2 * N; i++) again[i] = 1e-4 * y[i];
    assert_ok(um_tsne_gradient(gradient, &first, &p, again, angle));
    assert_true(loss > 0 && loss < 0.6 * first);
    um_affinity_clear(&a);
    um_affinity_clear(&p);
    free(x);
}

static void exactly(void **state)
{
    (void)state;
    clusters_stay_apart(0);
}

static void by_a_tree(void **state)
{
    (void)state;
    clusters_stay_apart(0.5);
}

static void one_place_is_fine(void **state)
{
    um_tsne_options o = {.perplexity = 3, .angle = 0.5, .steps = 50, .seed = 1};
    float x[12 * 2] = {0};
    double y[24];

    (void)state;
    for (int tree = 0; tree < 2; tree++) {
        o.angle = tree ? 0.5 : 0;
        assert_ok(um_tsne(y, NULL, x, 12, 2, &o));
        for (int i = 0; i < 24; i++) assert_true(isfinite(y[i]));
    }
}

static void refuses(void **state)
{
    um_tsne_options o = UM_TSNE_INIT;
    float x[10 * 2] = {0};
    double y[20];

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "perplexity from 1 to the 9", um_tsne(y, NULL, x, 10, 2, &o));
    o.perplexity = 3;
    assert_fails(UMCL_ERR_INVALID, "three points", um_tsne(y, NULL, x, 2, 2, &o));
    o.angle = 0.8;
    assert_fails(UMCL_ERR_INVALID, "an angle from 0 to 0.7", um_tsne(y, NULL, x, 10, 2, &o));
    o.angle = 0;
    o.steps = 0;
    assert_fails(UMCL_ERR_INVALID, "steps", um_tsne(y, NULL, x, 10, 2, &o));
    o.steps = 10;
    x[7] = NAN;
    assert_fails(UMCL_ERR_INVALID, "point 3", um_tsne(y, NULL, x, 10, 2, &o));
}

/* Things a (0, 1), b (4, 6) and c (10) on a line. */
static void pairs_by_hand(void **state)
{
    const float x[] = {0, 4, 1, 6, 10};
    const size_t things[] = {0, 1, 0, 1, 2}, alone[] = {0, 1, 2, 3, 4}, one[5] = {0};
    const size_t bad[] = {0, 1, 2, 3, 5};
    double shift;

    (void)state;
    assert_ok(um_separation_pairs(&shift, x, 5, 1, things));
    /* Between things: 4 + 6 + 3 + 5 + 10 + 9 + 6 + 4 of eight pairs. */
    assert_true(fabs(shift - 1.5 / (47 / 8.0)) < 1e-12);
    assert_ok(um_separation_pairs(&shift, x, 5, 1, alone));
    assert_true(isnan(shift));
    assert_ok(um_separation_pairs(&shift, x, 5, 1, one));
    assert_true(isnan(shift));
    assert_fails(UMCL_ERR_INVALID, "a thing below 5", um_separation_pairs(&shift, x, 5, 1, bad));
}

/* Points of one thing are not each other's neighbours. */
static void neighbours_are_others(void **state)
{
    const float x[] = {0, 1, 3, 4};
    const size_t class_of[] = {0, 0, 1, 1}, things[] = {0, 0, 1, 1};
    um_separation m;

    (void)state;
    assert_ok(um_separation_measure(&m, NULL, x, 4, 1, class_of, 2, NULL));
    assert_true(m.neighbour == 1);
    assert_ok(um_separation_measure(&m, NULL, x, 4, 1, class_of, 2, things));
    assert_true(m.neighbour == 0);
}

/* Four points on a line: 0 and 1 of one class, 4 and 6 of another. */
static void separation_by_hand(void **state)
{
    const float x[] = {0, 1, 4, 6};
    size_t class_of[] = {0, 0, 2, 2};
    double s[4];
    um_separation m;

    (void)state;
    assert_ok(um_separation_measure(&m, s, x, 4, 1, class_of, 3, NULL));
    assert_true(fabs(s[0] - (5 - 1) / 5.0) < 1e-12 && fabs(s[1] - (4 - 1) / 4.0) < 1e-12);
    assert_true(fabs(s[2] - (3.5 - 2) / 3.5) < 1e-12 && fabs(s[3] - (5.5 - 2) / 5.5) < 1e-12);
    assert_true(fabs(m.silhouette - (s[0] + s[1] + s[2] + s[3]) / 4) < 1e-12);
    /* Centres 0.5 and 5: squares within 0.5 + 2, between 2 * 2 / 4 * 4.5^2. */
    assert_true(fabs(m.explained - 20.25 / 22.75) < 1e-12);
    assert_true(fabs(m.davies_bouldin - 1.5 / 4.5) < 1e-12);
    assert_true(m.neighbour == 1);
    class_of[1] = 2; /* 0 alone; 1 nearest to 0, 4 and 6 to each other */
    assert_ok(um_separation_measure(&m, s, x, 4, 1, class_of, 3, NULL));
    assert_true(s[0] == 0 && s[1] < 0);
    assert_true(fabs(m.neighbour - (0 + 2.0 / 3) / 2) < 1e-12);
    class_of[0] = 2;
    assert_fails(UMCL_ERR_INVALID, "two classes",
                 um_separation_measure(&m, s, x, 4, 1, class_of, 3, NULL));
    class_of[0] = 3;
    assert_fails(UMCL_ERR_INVALID, "below 3",
                 um_separation_measure(&m, s, x, 4, 1, class_of, 3, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_the_perplexity),
        cmocka_unit_test(gradient_is_the_slope),
        cmocka_unit_test(tree_is_near_the_pairs),
        cmocka_unit_test(exactly),
        cmocka_unit_test(by_a_tree),
        cmocka_unit_test(one_place_is_fine),
        cmocka_unit_test(refuses),
        cmocka_unit_test(separation_by_hand),
        cmocka_unit_test(pairs_by_hand),
        cmocka_unit_test(neighbours_are_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
