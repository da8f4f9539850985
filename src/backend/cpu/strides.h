/* Walking over a tensor whose dimensions may be stretched, permuted or reduced. */
#ifndef UM_BACKEND_CPU_STRIDES_H
#define UM_BACKEND_CPU_STRIDES_H

#include "tensor/tensor.h"

/** Row-major strides of `s` in elements. */
static inline void um_strides(int64_t stride[UM_MAX_RANK], const um_shape *s)
{
    int64_t step = 1;

    for (int i = s->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= s->dim[i];
    }
}

/** Strides of `s` as seen from the larger shape `out`: 0 where it is stretched or missing. */
static inline void um_stretched_strides(int64_t stride[UM_MAX_RANK], const um_shape *s,
                                        const um_shape *out)
{
    int64_t own[UM_MAX_RANK];
    int shift = out->rank - s->rank;

    um_strides(own, s);
    for (int i = 0; i < out->rank; i++)
        stride[i] = i < shift || s->dim[i - shift] == 1 ? 0 : own[i - shift];
}

/** Offset of the first element of row `row` (all dimensions but the last). */
static inline int64_t um_row_offset(const int64_t stride[UM_MAX_RANK], const um_shape *out,
                                    int64_t row)
{
    int64_t at = 0;

    for (int i = out->rank - 2; i >= 0; i--) {
        at += row % out->dim[i] * stride[i];
        row /= out->dim[i];
    }
    return at;
}

#endif
