/* Bodies of windows: kept by key, in a file, and by the joint model. */
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "face/crop.h"
#include "model/umcl_net.h"

#define N 300 /* more than the store's first rooms */

static char folder[] = "/tmp/umcl-bodies-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    remove("bodies");
    remove("other");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void key_of(char key[UM_BODY_KEY + 1], int i)
{
    /* Keys that agree in the digits that places are found by, too. */
    snprintf(key, UM_BODY_KEY + 1, "%015d%049d", i / 3, i);
}

static void fill(float *body, size_t n, int i)
{
    for (size_t k = 0; k < n; k++) body[k] = (float)(1000 * i) + (float)(k % 1000);
}

static void check_all(const um_body_store *s, int n)
{
    const size_t width = (size_t)um_modality_get(UM_LANDMARKS)->body;
    float *body = malloc(width * sizeof *body), *want = malloc(width * sizeof *want);
    char key[UM_BODY_KEY + 1];

    for (int i = 0; i < N + 5; i++) {
        bool there;

        key_of(key, i);
        fill(want, width, i);
        there = um_body_store_find(s, UM_LANDMARKS, key, body);
        assert_int_equal(there, i < n);
        if (there) assert_memory_equal(body, want, width * sizeof *body);
        assert_false(um_body_store_find(s, UM_TEXTURE, key, want));
    }
    free(body);
    free(want);
}

static void keeps_what_it_is_given(void **state)
{
    const size_t width = (size_t)um_modality_get(UM_LANDMARKS)->body;
    float *body = malloc(width * sizeof *body);
    char key[UM_BODY_KEY + 1];
    um_body_store *s;

    (void)state;
    assert_ok(um_body_store_open(&s, "bodies"));
    for (int i = 0; i < N; i++) {
        key_of(key, i);
        fill(body, width, i);
        assert_ok(um_body_store_add(s, UM_LANDMARKS, key, body));
        if (i == N / 2) assert_ok(um_body_store_save(s));
    }
    check_all(s, N);
    um_body_store_free(s); /* without saving: half of them are lost */

    assert_ok(um_body_store_open(&s, "bodies"));
    check_all(s, N / 2 + 1);
    for (int i = N / 2 + 1; i < N; i++) {
        key_of(key, i);
        fill(body, width, i);
        assert_ok(um_body_store_add(s, UM_LANDMARKS, key, body));
    }
    assert_ok(um_body_store_save(s));
    um_body_store_free(s);

    assert_ok(um_body_store_open(&s, "bodies"));
    check_all(s, N);
    um_body_store_forget(s);
    check_all(s, 0);
    um_body_store_free(s);
    free(body);
}

static void refuses_other_files(void **state)
{
    static const int64_t dim[2] = {1, 3};
    static const float three[3];
    um_st_writer *w;
    um_body_store *s;

    (void)state;
    assert_ok(um_st_writer_new(&w));
    assert_ok(um_st_writer_add(w, "landmarks.body", UM_ST_F32, 2, dim, three));
    assert_ok(um_st_write(w, "other"));
    assert_fails(UMCL_ERR_FORMAT, "expected a file of encoders' results",
                 um_body_store_open(&s, "other"));
    assert_ok(um_st_writer_meta(w, "kind", "bodies"));
    assert_ok(um_st_write(w, "other"));
    assert_fails(UMCL_ERR_SHAPE, "landmarks.key", um_body_store_open(&s, "other"));
    assert_null(s);
    um_st_writer_free(w);
}

/* A net of landmarks and texture; `seed` makes its encoders, `head` moves the rest. */
typedef struct net {
    um_params *params;
    um_umcl_net *net;
} net;

static net make_net(uint64_t seed)
{
    const um_umcl_spec spec = {.set = 1u << UM_LANDMARKS | 1u << UM_TEXTURE};
    net n;

    assert_ok(um_params_new(&n.params, um_backend_cpu()));
    assert_ok(um_umcl_net_new(&n.net, n.params, &spec, seed));
    return n;
}

static void free_net(net n)
{
    um_umcl_net_free(n.net);
    um_params_free(n.params);
}

static size_t n_bodies(um_body_store *s)
{
    um_st_file *file;
    size_t n;

    assert_ok(um_body_store_save(s));
    assert_ok(um_st_read(&file, "bodies"));
    n = (size_t)um_st_find(file, "texture.key")->dim[0];
    um_st_free(file);
    return n;
}

static void a_net_runs_no_encoder_twice(void **state)
{
    const size_t n_crops = UM_WINDOW / 10;
    um_rng rng = um_rng_new(3, "window");
    float *landmarks = calloc(UM_WINDOW, sizeof(float[136]));
    uint8_t *crops = calloc(n_crops, UM_CROP_BYTES);
    um_window window = {landmarks, crops, 10, false};
    net plain = make_net(1), kept = make_net(1), other = make_net(2);
    double want, odds, first;
    um_body_store *s;
    um_param *p;

    (void)state;
    remove("bodies");
    for (size_t i = 0; i < UM_WINDOW * 136; i++) landmarks[i] = (float)um_rng_normal(&rng);
    for (size_t i = 0; i < n_crops * UM_CROP_BYTES; i++) crops[i] = (uint8_t)um_rng_u64(&rng);
    assert_ok(um_body_store_open(&s, "bodies"));
    assert_ok(um_umcl_net_keep(kept.net, kept.params, s));
    assert_ok(um_umcl_score(plain.net, &window, &want));
    assert_ok(um_umcl_score(kept.net, &window, &first));
    assert_ok(um_umcl_score(kept.net, &window, &odds));
    assert_true(first == want && odds == want);
    assert_int_equal(n_bodies(s), 1);

    crops[77] ^= 1; /* another window */
    assert_ok(um_umcl_score(kept.net, &window, &odds));
    assert_int_equal(n_bodies(s), 2);

    assert_ok(um_umcl_net_keep(other.net, other.params, s)); /* other weights */
    assert_ok(um_umcl_score(other.net, &window, &odds));
    assert_int_equal(n_bodies(s), 3);

    p = um_params_at(other.params, um_params_count(other.params) - 1); /* the head's */
    assert_true(strncmp(p->name, "texture.", 8) && strncmp(p->name, "landmarks.", 10));
    ((float *)p->value.data)[0] += 1;
    p->version++;
    assert_ok(um_umcl_net_keep(other.net, other.params, s));
    first = odds;
    assert_ok(um_umcl_score(other.net, &window, &odds));
    assert_true(odds != first);
    assert_int_equal(n_bodies(s), 3);
    um_body_store_free(s);
    free_net(plain);
    free_net(kept);
    free_net(other);
    free(landmarks);
    free(crops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_it_is_given),
        cmocka_unit_test(refuses_other_files),
        cmocka_unit_test(a_net_runs_no_encoder_twice),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
