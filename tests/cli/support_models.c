#include "support_models.h"

#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "base/model_meta.h"
#include "base/str.h"

/* All metadata but `key`'s, which becomes `value`. */
static void copy_meta(um_st_writer *w, const um_st_file *file, const char *key, const char *value)
{
    for (size_t i = 0; i < um_st_meta_count(file); i++) {
        const char *k, *v;

        um_st_meta_at(file, i, &k, &v);
        if (strcmp(k, key)) assert_ok(um_st_writer_meta(w, k, v));
    }
    assert_ok(um_st_writer_meta(w, key, value));
}

void model_with(const char *to, const char *from, const char *key, const char *value)
{
    um_st_writer *w;
    um_st_file *file;

    assert_ok(um_st_read(&file, from));
    assert_ok(um_st_writer_new(&w));
    copy_meta(w, file, key, value);
    for (size_t i = 0; i < um_st_count(file); i++) {
        const um_st_tensor *t = um_st_at(file, i);

        assert_ok(um_st_writer_add(w, t->name, t->type, t->rank, t->dim, t->data));
    }
    assert_ok(um_st_write(w, to));
    um_st_writer_free(w);
    um_st_free(file);
}

/* A copy of a tensor's numbers, the last of them no number. */
static float *with_nan(const um_st_tensor *t)
{
    float *data = malloc(t->bytes);

    assert_non_null(data);
    assert_int_equal(t->type, UM_ST_F32);
    memcpy(data, t->data, t->bytes);
    data[t->count - 1] = NAN;
    return data;
}

void model_spoilt(const char *to, const char *from, const char *tensor, model_fault fault)
{
    um_st_writer *w;
    um_st_file *file;
    float *own = NULL;

    assert_ok(um_st_read(&file, from));
    assert_non_null(um_st_find(file, tensor));
    assert_ok(um_st_writer_new(&w));
    for (size_t i = 0; i < um_st_count(file); i++) {
        um_st_tensor t = *um_st_at(file, i);
        bool target = !strcmp(t.name, tensor);

        if (target && fault == MODEL_LACKS_TENSOR) continue;
        if (target && fault == MODEL_HAS_SHAPE) t.dim[t.rank++] = 1;
        if (target && fault == MODEL_HAS_NAN) t.data = own = with_nan(&t);
        assert_ok(um_st_writer_add(w, t.name, t.type, t.rank, t.dim, t.data));
    }
    assert_ok(um_model_file_write(w, to, um_st_meta(file, UM_META_KIND), "1", "a test", NULL));
    free(own);
    um_st_writer_free(w);
    um_st_free(file);
}

void model_judge(const char *to, double threshold, double low, double high)
{
    const double value[] = {threshold, low, high};
    static const char *const key[] = {"threshold", "doubt_low", "doubt_high"};

    for (int i = 0; i < 3; i++) {
        char text[32];

        snprintf(text, sizeof text, "%g", value[i]);
        model_with(to, i ? to : SHIPPED("lrnet"), key[i], text);
    }
}
