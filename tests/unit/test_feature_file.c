/* Files of features: what is written is read again, and what is not such a file is refused. */
#include "../test.h"

#include <stdlib.h>
#include <unistd.h>

#include "eval/feature_file.h"
#include "model/features.h"

#define FILE_NAME "features.safetensors"
#define N 3

static char folder[] = "/tmp/umcl-features-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    unlink(FILE_NAME);
    return chdir("/") || rmdir(folder);
}

static um_feature_row rows[N] = {{"a", "raw", "real", false, 0.25},
                                 {"b, \"quoted\"", "raw", "Deep fakes", true, 0.75},
                                 {"\xC3\xA9", "c40", "FaceSwap", true, 1}};
static float pulse[N * 2] = {1, 2, 3, 4, 5, 6}, fused[N] = {0.1f, -0.2f, 0.3f};

static um_feature_table small_table(void)
{
    um_feature_table t = {.model = "m",
                          .hash = "sha256:0",
                          .policy = "neutral",
                          .split = "test",
                          .rows = rows,
                          .n = N};

    t.width[UM_PULSE] = 2;
    t.values[UM_PULSE] = pulse;
    t.width[UM_FUSED] = 1;
    t.values[UM_FUSED] = fused;
    return t;
}

static void reads_what_it_wrote(void **state)
{
    um_feature_table t = small_table(), back;

    (void)state;
    assert_ok(um_feature_file_write(&t, FILE_NAME));
    assert_ok(um_feature_file_read(&back, FILE_NAME));
    assert_int_equal(back.n, N);
    assert_string_equal(back.model, "m");
    assert_string_equal(back.hash, "sha256:0");
    assert_string_equal(back.policy, "neutral");
    assert_string_equal(back.split, "test");
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(back.rows[i].video, rows[i].video);
        assert_string_equal(back.rows[i].quality, rows[i].quality);
        assert_string_equal(back.rows[i].group, rows[i].group);
        assert_int_equal(back.rows[i].fake, rows[i].fake);
        assert_true(back.rows[i].score == rows[i].score);
    }
    assert_int_equal(back.width[UM_PULSE], 2);
    assert_int_equal(back.width[UM_TEXT], 0);
    assert_null(back.values[UM_TEXT]);
    assert_memory_equal(back.values[UM_PULSE], pulse, sizeof pulse);
    assert_memory_equal(back.values[UM_FUSED], fused, sizeof fused);
    um_feature_table_clear(&back);
}

/* A file with these rows and a feature of `n` rows. */
static void write_raw(const char *schema, const char *text, int64_t n)
{
    um_st_writer *w;

    assert_ok(um_st_writer_new(&w));
    if (schema) assert_ok(um_st_writer_meta(w, "schema", schema));
    if (text) assert_ok(um_st_writer_meta(w, "rows", text));
    if (n) assert_ok(um_st_writer_add(w, "fused", UM_ST_F32, 2, (int64_t[]){n, 1}, fused));
    assert_ok(um_st_write(w, FILE_NAME));
    um_st_writer_free(w);
}

static void refuses_what_is_none(void **state)
{
    static const char one[] = "{\"video\": [\"a\"], \"quality\": [\"\"], \"group\": [\"real\"], "
                              "\"label\": [\"real\"]}";
    um_feature_table t = small_table();

    (void)state;
    write_raw("umcl.features/1", one, 1); /* the test can pass: a score may be missing */
    assert_ok(um_feature_file_read(&t, FILE_NAME));
    um_feature_table_clear(&t);
    assert_fails(UMCL_ERR_NOT_FOUND, "absent", um_feature_file_read(&t, "absent"));
    write_raw(NULL, one, 1);
    assert_fails(UMCL_ERR_FORMAT, "umcl eval --features, found 'something else'",
                 um_feature_file_read(&t, FILE_NAME));
    write_raw("umcl.features/1", NULL, 1);
    assert_fails(UMCL_ERR_FORMAT, "expected a column of videos",
                 um_feature_file_read(&t, FILE_NAME));
    write_raw("umcl.features/1", "{\"video\": [\"a\"]}", 1);
    assert_fails(UMCL_ERR_FORMAT, "expected a quality in row 0",
                 um_feature_file_read(&t, FILE_NAME));
    write_raw("umcl.features/1", one, 2);
    assert_fails(UMCL_ERR_FORMAT, "fused: expected numbers of 1 rows",
                 um_feature_file_read(&t, FILE_NAME));
    write_raw("umcl.features/1", one, 0);
    assert_fails(UMCL_ERR_FORMAT, "expected features such as 'fused'",
                 um_feature_file_read(&t, FILE_NAME));

    t = small_table();
    rows[1].video = "\xFF";
    assert_fails(UMCL_ERR_INVALID, "UTF-8", um_feature_file_write(&t, FILE_NAME));
    rows[1].video = "b";
    pulse[3] = 0.0f / 0.0f;
    assert_ok(um_feature_file_write(&t, FILE_NAME));
    assert_fails(UMCL_ERR_FORMAT, "pulse: row 1 has a number that is not finite",
                 um_feature_file_read(&t, FILE_NAME));
    pulse[3] = 4;
}

/* Of two prompts the mean; the fused feature is the projections side by side. */
static void takes_them_from_a_head(void **state)
{
    const um_modalities set = 1u << UM_LANDMARKS | 1u << UM_TEXT;
    double sum[4 * UM_FUSION_WIDTH] = {0};
    um_params *params;
    um_head *head;

    (void)state;
    assert_ok(um_params_new(&params, um_backend_cpu()));
    assert_ok(um_head_new(&head, params, UM_FUSION_UMCL, set, 2, UM_INFER, 0, 3));
    for (size_t r = 0; r < 2; r++)
        for (int k = UM_LANDMARKS; k <= UM_TEXT; k++)
            for (int i = 0; i < um_modality_get((um_modality_kind)k)->body; i++)
                um_head_row(head, (um_modality_kind)k, r)[i] = (float)((i + (int)r) % 3);
    assert_ok(um_graph_forward(head->graph));
    assert_int_equal(um_feature_width(head, UM_PULSE), 0);
    assert_int_equal(um_feature_width(head, UM_TEXT), UM_FUSION_WIDTH);
    assert_int_equal(um_feature_width(head, UM_FUSED), 2 * UM_FUSION_WIDTH);
    assert_int_equal(um_features_width(head), 4 * UM_FUSION_WIDTH);
    um_features_add(sum, head);
    for (size_t i = 0; i < UM_FUSION_WIDTH; i++) {
        const float *e = um_data(head->projected[UM_LANDMARKS]);
        double mean = ((double)e[i] + (double)e[UM_FUSION_WIDTH + i]) / 2;

        assert_true(sum[i] == mean);
        assert_true(sum[2 * UM_FUSION_WIDTH + i] == sum[i]);
        assert_true(sum[3 * UM_FUSION_WIDTH + i] == sum[UM_FUSION_WIDTH + i]);
    }
    assert_true(sum[0] != 0 && sum[UM_FUSION_WIDTH] != 0);
    um_head_free(head);
    um_params_free(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(takes_them_from_a_head),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
