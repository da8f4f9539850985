/* The public MTCNN weights give the public results. */
#include "../test.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#include "face/mtcnn.h"
#include "model/import.h"

#define FOLDER SHARED("reference/mtcnn")
#define IMPORTED "mtcnn_parity_test.safetensors"

static void import_public(void)
{
    static const char *const nets[3] = {FOLDER "/pnet.pt", FOLDER "/rnet.pt", FOLDER "/onet.pt"};
    um_str problems = UM_STR_INIT;

    assert_ok(um_import(IMPORTED, "mtcnn", nets, 3, false, &problems));
    um_str_clear(&problems);
}

static float number(const json_t *array, size_t i)
{
    return (float)json_number_value(json_array_get(array, i));
}

static void compare(const char *name, const json_t *expected, const um_face *faces, size_t n)
{
    float worst_iou = 1, worst_point = 0, worst_score = 0;

    assert_int_equal(n, json_array_size(expected));
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(expected, i), *b = json_object_get(e, "box");
        um_box box = {number(b, 0), number(b, 1), number(b, 2), number(b, 3)};
        size_t best = 0;

        for (size_t k = 1; k < n; k++)
            if (um_box_iou(faces[k].box, box) > um_box_iou(faces[best].box, box)) best = k;
        worst_iou = fminf(worst_iou, um_box_iou(faces[best].box, box));
        worst_score =
            fmaxf(worst_score,
                  fabsf(faces[best].score - (float)json_number_value(json_object_get(e, "score"))));
        for (size_t p = 0; p < 5; p++) {
            const json_t *point = json_array_get(json_object_get(e, "points"), p);

            worst_point = fmaxf(worst_point, hypotf(faces[best].points[p][0] - number(point, 0),
                                                    faces[best].points[p][1] - number(point, 1)));
        }
    }
    print_message("%s: %zu faces, IoU >= %.4f, points within %.3f px, scores within %.5f\n", name,
                  n, (double)worst_iou, (double)worst_point, (double)worst_score);
    assert_true(worst_iou >= 0.95f);
    assert_true(worst_point <= 2);
}

static void public_weights_give_public_results(void **state)
{
    um_mtcnn *m;
    um_mtcnn_options options;
    json_t *root, *entry;
    json_error_t error;
    const char *name;

    (void)state;
    need_shared(FOLDER);
    import_public();
    assert_ok(um_mtcnn_open(&m, IMPORTED));
    options = um_mtcnn_defaults(m);
    root = json_load_file(FOLDER "/expected.json", 0, &error);
    assert_non_null(root);
    json_object_foreach(root, name, entry)
    {
        char path[512];
        um_image im;
        const um_face *faces;
        size_t n;
        struct timespec a, b;

        snprintf(path, sizeof path, FOLDER "/%s", name);
        assert_ok(um_image_read(&im, path));
        assert_int_equal(im.width, json_integer_value(json_object_get(entry, "width")));
        assert_ok(um_mtcnn_detect(m, &faces, &n, &im, &options, NULL, 0));
        clock_gettime(CLOCK_MONOTONIC, &a);
        assert_ok(um_mtcnn_detect(m, &faces, &n, &im, &options, NULL, 0));
        clock_gettime(CLOCK_MONOTONIC, &b);
        print_message("%d x %d: %.1f ms\n", im.width, im.height,
                      (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) * 1e-6);
        compare(name, json_object_get(entry, "faces"), faces, n);
        um_image_clear(&im);
    }
    json_decref(root);
    um_mtcnn_free(m);
    remove(IMPORTED);
}

static void bad_weights_and_options_are_refused(void **state)
{
    um_st_file *file;
    um_mtcnn *m;
    um_mtcnn_options options;
    um_image tiny;
    const um_face *faces;
    size_t n;

    (void)state;
    need_shared(FOLDER);
    import_public();
    assert_ok(um_mtcnn_open(&m, IMPORTED));
    options = um_mtcnn_defaults(m);
    assert_ok(um_image_new(&tiny, 1, 1, 3));
    assert_ok(um_mtcnn_detect(m, &faces, &n, &tiny, &options, NULL, 0));
    assert_int_equal(n, 0);
    options.min_face = 3;
    assert_fails(UMCL_ERR_INVALID, "min_face",
                 um_mtcnn_detect(m, &faces, &n, &tiny, &options, NULL, 0));
    um_image_clear(&tiny);
    um_mtcnn_free(m);
    remove(IMPORTED);
    assert_ok(um_st_parse(&file, "empty", "\2\0\0\0\0\0\0\0{}", 10));
    assert_fails(UMCL_ERR_NOT_FOUND, "pnet.conv1.weight", um_mtcnn_load(&m, file));
    um_st_free(file);
    assert_fails(UMCL_ERR_NOT_FOUND, "no_such", um_mtcnn_open(&m, "no_such.safetensors"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_weights_give_public_results),
        cmocka_unit_test(bad_weights_and_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
