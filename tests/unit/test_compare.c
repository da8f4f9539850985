/* Two detectors compared: DeLong's test against his own formulas, the paired bootstrap, the files.
 */
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "eval/compare.h"
#include "eval/score_pairs.h"

#define N 90

/* Correlated scores of a few levels, so that many are equal; three videos a person. */
static void make_pairs(um_score_pair *pairs, double gain, uint64_t seed)
{
    um_rng rng = um_rng_new(seed, "test");

    for (size_t i = 0; i < N; i++) {
        bool fake = i % 3 == 0;
        double shared = um_rng_normal(&rng), signal = fake ? 1 : 0;

        pairs[i] = (um_score_pair){
            .a = round(4 * ((1 + gain) * signal + shared + 0.5 * um_rng_normal(&rng))) / 4,
            .b = round(4 * (signal + shared + 0.7 * um_rng_normal(&rng))) / 4,
            .fake = fake,
            .group = i / 3};
    }
}

static double score(const um_score_pair *p, int which)
{
    return which ? p->b : p->a;
}

/* psi of the paper: 1 where the fake is above, 1/2 where equal. */
static double psi(double fake, double real)
{
    return fake > real ? 1 : fake < real ? 0 : 0.5;
}

/* The covariance matrix of both AUCs by the paper's equations (4) to (6), pair by pair. */
static void delong_plainly(double auc[2], double s[2][2], const um_score_pair *p, size_t n)
{
    double v10[2][N] = {{0}}, v01[2][N] = {{0}}, m = 0, k = 0;

    for (size_t i = 0; i < n; i++) *(p[i].fake ? &m : &k) += 1;
    for (int r = 0; r < 2; r++) {
        auc[r] = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                if (!p[i].fake || p[j].fake) continue;
                auc[r] += psi(score(&p[i], r), score(&p[j], r)) / (m * k);
                v10[r][i] += psi(score(&p[i], r), score(&p[j], r)) / k;
                v01[r][j] += psi(score(&p[i], r), score(&p[j], r)) / m;
            }
    }
    for (int r = 0; r < 2; r++)
        for (int q = 0; q < 2; q++) {
            double s10 = 0, s01 = 0;

            for (size_t i = 0; i < n; i++) {
                if (p[i].fake) s10 += (v10[r][i] - auc[r]) * (v10[q][i] - auc[q]);
                if (!p[i].fake) s01 += (v01[r][i] - auc[r]) * (v01[q][i] - auc[q]);
            }
            s[r][q] = s10 / (m - 1) / m + s01 / (k - 1) / k;
        }
}

static void delong_is_the_papers(void **state)
{
    um_score_pair pairs[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        double auc[2], s[2][2], variance, z;
        um_delong d;

        make_pairs(pairs, 0.3, seed);
        delong_plainly(auc, s, pairs, N);
        variance = s[0][0] + s[1][1] - s[0][1] - s[1][0];
        z = (auc[0] - auc[1]) / sqrt(variance);
        assert_ok(um_delong_test(&d, pairs, N));
        assert_true(fabs(d.a.value - auc[0]) < 1e-12 && fabs(d.b.value - auc[1]) < 1e-12);
        assert_true(fabs(d.a.error * d.a.error - s[0][0]) < 1e-12);
        assert_true(fabs(d.b.error * d.b.error - s[1][1]) < 1e-12);
        assert_true(fabs(d.covariance - s[0][1]) < 1e-12);
        assert_true(fabs(d.z - z) < 1e-9);
        assert_true(fabs(d.p - erfc(fabs(z) / sqrt(2))) < 1e-9);
        assert_true(fabs(d.difference.interval.high - d.difference.value -
                         1.959964 * sqrt(variance)) < 1e-6);
    }
}

/* Four fakes and four reals by hand. Of A one of 16 pairs is out of order: AUC 15/16; its parts are
   1, 1, 1, 3/4 both of the fakes and of the reals, each with variance 1/64, so that of the AUC is
   2 * (1/64) / 4 = 1/128. */
static void delong_by_hand(void **state)
{
    um_score_pair p[8] = {{8, 8, true, 0},  {7, 7, true, 1},  {6, 6, true, 2},  {4, 5, true, 3},
                          {5, 4, false, 4}, {3, 3, false, 5}, {2, 2, false, 6}, {1, 1, false, 7}};
    um_delong d;

    (void)state;
    assert_ok(um_delong_test(&d, p, 8));
    assert_true(fabs(d.a.value - 15.0 / 16) < 1e-12);
    assert_true(fabs(d.a.error - sqrt(1.0 / 128)) < 1e-12);
    assert_true(d.b.value == 1 && d.b.error == 0 && d.covariance == 0);
    assert_true(fabs(d.z + 1.0 / 16 / sqrt(1.0 / 128)) < 1e-12); /* -0.7071 */
    assert_true(fabs(d.p - 0.4795) < 1e-4);
}

static void equal_detectors_do_not_differ(void **state)
{
    um_score_pair pairs[N];
    um_paired_bootstrap b;
    um_delong d;

    (void)state;
    make_pairs(pairs, 0, 3);
    for (size_t i = 0; i < N; i++) pairs[i].b = 10 * pairs[i].a - 3; /* another scale */
    assert_ok(um_delong_test(&d, pairs, N));
    assert_true(d.difference.value == 0 && d.z == 0 && d.p == 1);
    assert_ok(um_bootstrap_difference(&b, pairs, N, 200, 1));
    assert_true(b.p == 1 && b.difference.low == 0 && b.difference.high == 0);
    for (size_t i = 0; i < N; i++) {
        pairs[i].a = pairs[i].fake;
        pairs[i].b = -pairs[i].a;
    }
    assert_ok(um_delong_test(&d, pairs, N));
    assert_true(d.difference.value == 1 && isnan(d.p)); /* no spread to measure it by */
}

static void bootstrap_agrees_and_repeats(void **state)
{
    um_score_pair pairs[N];
    um_paired_bootstrap b, again, other;
    um_delong d;

    (void)state;
    make_pairs(pairs, 1.5, 7);
    for (size_t i = 0; i < N; i++) pairs[i].group = i; /* as DeLong: independent */
    assert_ok(um_delong_test(&d, pairs, N));
    assert_ok(um_bootstrap_difference(&b, pairs, N, 2000, 1));
    assert_ok(um_bootstrap_difference(&again, pairs, N, 2000, 1));
    assert_ok(um_bootstrap_difference(&other, pairs, N, 2000, 2));
    assert_memory_equal(&b, &again, sizeof b);
    assert_memory_not_equal(&b, &other, sizeof b);
    assert_int_equal(b.draws, 2000);
    assert_true(fabs(b.difference.low - d.difference.interval.low) < 0.03);
    assert_true(fabs(b.difference.high - d.difference.interval.high) < 0.03);
    assert_true(d.p < 0.01 && b.p < 0.01 && b.p > 0);
}

static void refuses_what_cannot_be_compared(void **state)
{
    um_score_pair p[3] = {{1, 1, true, 0}, {0, 0, false, 1}, {0, 1, false, 2}};
    um_paired_bootstrap b;
    um_delong d;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "found 2 and 1", um_delong_test(&d, p, 3));
    p[1].b = NAN;
    assert_fails(UMCL_ERR_INVALID, "score 1", um_bootstrap_difference(&b, p, 3, 10, 1));
}

static char folder[] = "/tmp/umcl-compare-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    unlink("a.csv");
    unlink("b.csv");
    unlink("l.csv");
    return chdir("/") || rmdir(folder);
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void read_both(um_score_file *a, um_score_file *b)
{
    assert_ok(um_score_file_read(a, "a.csv", (um_score_choice){NULL, NULL}));
    assert_ok(um_score_file_read(b, "b.csv", (um_score_choice){NULL, NULL}));
}

static void joins_by_labels(void **state)
{
    um_score_file a, b;
    um_score_pairs p;
    um_labels labels;
    um_score_truth truth = {&labels, "test", true};

    (void)state;
    put("a.csv", "video,label,quality,model,score,reason\n"
                 "one.v2,fake,hq,m,0.75,\nunseen,real,hq,m,0.5,\ntwo,real,hq,m,,no_face\n"
                 "three,real,hq,m,0.25,\nlow,real,hq,m,0.25,\nalone,real,hq,m,0.25,\n");
    put("b.csv", "path,score\nx/three.mp4,-2.5\nx/one.v2.mp4,1e1\nx/two.mp4,3\ntrain.mp4,1\n"
                 "x/low.mp4,0\nstrange.mp4,0\n");
    put("l.csv", "path,label,person,split,confidence\none.v2.mp4,fake,p,test,high\n"
                 "two.mp4,real,q,test,high\nthree.mp4,real,p,test,high\n"
                 "train.mp4,real,r,train,high\nlow.mp4,real,r,test,low\nalone.mp4,0,r,test,high\n");
    read_both(&a, &b);
    assert_ok(um_labels_read(&labels, "l.csv"));
    assert_ok(um_score_pairs_join(&p, &a, &b, &truth));
    assert_true(p.n == 2 && p.n_fake == 1 && p.n_people == 1 && p.has_people);
    assert_true(p.items[0].a == 0.75 && p.items[0].b == 10 && p.items[0].fake);
    assert_true(p.items[1].a == 0.25 && p.items[1].b == -2.5 && !p.items[1].fake);
    assert_true(p.unscored == 1 && p.not_asked == 1 && p.only[0] == 1 && p.only[1] == 1);
    assert_true(p.unlabelled[0] == 1 && p.unlabelled[1] == 1);
    um_score_pairs_clear(&p);
    labels.items[0].fake = false;
    assert_fails(UMCL_ERR_FORMAT, "'one.v2' is called real",
                 um_score_pairs_join(&p, &a, &b, &truth));
    um_score_pairs_clear(&p);
    um_labels_clear(&labels);
    um_score_file_clear(&a);
    um_score_file_clear(&b);
}

static void joins_without_labels(void **state)
{
    um_score_file a, b;
    um_score_pairs p;
    um_score_truth truth = {NULL, NULL, true};

    (void)state;
    put("a.csv", "video,score,label\nd/one.mp4,1,fake\nd/two.mp4,0,real\nthree,0,\n");
    put("b.csv", "name,score,person\none,1,p\ntwo.mov,0,p\nthree,1,q\nfour,1,q\n");
    read_both(&a, &b);
    assert_ok(um_score_pairs_join(&p, &a, &b, &truth));
    assert_true(p.n == 2 && p.n_fake == 1 && p.n_people == 1);
    assert_true(p.unlabelled[0] == 1 && p.only[0] == 0 && p.only[1] == 1);
    um_score_pairs_clear(&p);
    um_score_file_clear(&b);
    put("b.csv", "name,score\nnine,1\n");
    assert_ok(um_score_file_read(&b, "b.csv", (um_score_choice){NULL, NULL}));
    assert_fails(UMCL_ERR_NOT_FOUND, "both files score", um_score_pairs_join(&p, &a, &b, &truth));
    um_score_pairs_clear(&p);
    um_score_file_clear(&a);
    um_score_file_clear(&b);
}

static void refuses_bad_files(void **state)
{
    um_score_choice all = {NULL, NULL}, one = {"m", "c40"};
    um_score_file f;

    (void)state;
    put("a.csv", "clip,score\nx,1\n");
    assert_fails(UMCL_ERR_FORMAT, "columns 'video'", um_score_file_read(&f, "a.csv", all));
    put("a.csv", "video,score\nx,high\n");
    assert_fails(UMCL_ERR_FORMAT, "line 2: expected a score, found 'high'",
                 um_score_file_read(&f, "a.csv", all));
    put("a.csv", "video,score\nx,inf\n");
    assert_fails(UMCL_ERR_FORMAT, "found 'inf'", um_score_file_read(&f, "a.csv", all));
    put("a.csv", "video,score,label\nx,1,maybe\n");
    assert_fails(UMCL_ERR_FORMAT, "real or fake", um_score_file_read(&f, "a.csv", all));
    put("a.csv", "video,score\n,1\n");
    assert_fails(UMCL_ERR_FORMAT, "name of a video", um_score_file_read(&f, "a.csv", all));
    put("a.csv", "video,score,model,quality\nx,1,m,hq\nx,2,m,c40\n");
    assert_fails(UMCL_ERR_FORMAT, "line 3: 'x' stands twice", um_score_file_read(&f, "a.csv", all));
    assert_ok(um_score_file_read(&f, "a.csv", one));
    assert_true(f.videos.count == 1 && f.rows[0].score == 2);
    um_score_file_clear(&f);
    one.model = "n";
    assert_fails(UMCL_ERR_NOT_FOUND, "of the model n of the quality c40",
                 um_score_file_read(&f, "a.csv", one));
    assert_fails(UMCL_ERR_NOT_FOUND, "none.csv", um_score_file_read(&f, "none.csv", all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delong_is_the_papers),
        cmocka_unit_test(delong_by_hand),
        cmocka_unit_test(equal_detectors_do_not_differ),
        cmocka_unit_test(bootstrap_agrees_and_repeats),
        cmocka_unit_test(refuses_what_cannot_be_compared),
        cmocka_unit_test(joins_by_labels),
        cmocka_unit_test(joins_without_labels),
        cmocka_unit_test(refuses_bad_files),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
