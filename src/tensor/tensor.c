#include "tensor/tensor.h"

#include <stdio.h>

int64_t um_shape_count(const um_shape *s)
{
    int64_t n = 1;

    for (int i = 0; i < s->rank; i++) n *= s->dim[i];
    return n;
}

bool um_shape_equal(const um_shape *a, const um_shape *b)
{
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i]) return false;
    return true;
}

int64_t um_shape_last(const um_shape *s)
{
    return s->dim[s->rank - 1];
}

int64_t um_shape_rows(const um_shape *s)
{
    int64_t n = 1;

    for (int i = 0; i < s->rank - 1; i++) n *= s->dim[i];
    return n;
}

size_t um_dtype_size(um_dtype t)
{
    return t == UM_F32 ? sizeof(float) : sizeof(int32_t);
}

size_t um_tensor_bytes(const um_tensor *t)
{
    return (size_t)um_shape_count(&t->shape) * um_dtype_size(t->dtype);
}

const char *um_shape_text(char text[UM_SHAPE_TEXT], const um_shape *s)
{
    int n = snprintf(text, UM_SHAPE_TEXT, "[");

    for (int i = 0; i < s->rank && n < UM_SHAPE_TEXT - 2; i++)
        n += snprintf(text + n, (size_t)(UM_SHAPE_TEXT - n), "%s%lld", i ? ", " : "",
                      (long long)s->dim[i]);
    if (n < UM_SHAPE_TEXT - 1) snprintf(text + n, (size_t)(UM_SHAPE_TEXT - n), "]");
    return text;
}
