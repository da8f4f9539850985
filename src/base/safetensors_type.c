/* Element types of safetensors files, and conversions out of them. */
#include <string.h>

#include "base/safetensors.h"

/* Values are copied as they lie in the file. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the machine must be little-endian");

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [UM_ST_F32] = {"F32", 4},   [UM_ST_F64] = {"F64", 8},   [UM_ST_F16] = {"F16", 2},
    [UM_ST_BF16] = {"BF16", 2}, [UM_ST_I64] = {"I64", 8},   [UM_ST_I32] = {"I32", 4},
    [UM_ST_U8] = {"U8", 1},     [UM_ST_BOOL] = {"BOOL", 1},
};

size_t um_st_type_size(um_st_type type)
{
    return types[type].size;
}

const char *um_st_type_name(um_st_type type)
{
    return types[type].name;
}

static float float_of_bits(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

static float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    float f;

    if (exponent == 31) return float_of_bits(sign | 0x7F800000u | fraction << 13);
    if (exponent) return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    f = (float)fraction * 0x1p-24f; /* zero or subnormal */
    return sign ? -f : f;
}

static uint16_t half_of(float f)
{
    uint32_t bits, sign, rest, half, lost;

    memcpy(&bits, &f, sizeof bits);
    sign = bits >> 16 & 0x8000;
    rest = bits & 0x7FFFFFFF;
    if (rest > 0x7F800000) return (uint16_t)(sign | 0x7E00); /* NaN */
    if (rest >= 0x47800000) return (uint16_t)(sign | 0x7C00);
    if (rest < 0x38800000) { /* below 2^-14: fractions of 2^-24 */
        uint32_t shift = 126 - (rest >> 23), fraction = (rest & 0x7FFFFF) | 0x800000;

        if (shift > 24) return (uint16_t)sign;
        half = fraction >> shift;
        lost = fraction & ((1U << shift) - 1);
        half += lost > 1U << (shift - 1) || (lost == 1U << (shift - 1) && half & 1);
        return (uint16_t)(sign | half);
    }
    half = (rest - 0x38000000) >> 13;
    lost = rest & 0x1FFF;
    half += lost > 0x1000 || (lost == 0x1000 && half & 1); /* may carry into the exponent */
    return (uint16_t)(sign | half);
}

void um_half_from_f32(uint16_t *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = half_of(in[i]);
}

/* Element i as a `type`; the data need not be aligned. */
#define LOAD(type, value)                                                                          \
    type value;                                                                                    \
    memcpy(&value, (const char *)t->data + i * sizeof value, sizeof value)

static float element_to_f32(const um_st_tensor *t, size_t i)
{
    switch (t->type) {
    case UM_ST_F32: {
        LOAD(float, v);
        return v;
    }
    case UM_ST_F64: {
        LOAD(double, v);
        return (float)v;
    }
    case UM_ST_F16: {
        LOAD(uint16_t, v);
        return half_to_float(v);
    }
    case UM_ST_BF16: {
        LOAD(uint16_t, v);
        return float_of_bits((uint32_t)v << 16);
    }
    case UM_ST_I64: {
        LOAD(int64_t, v);
        return (float)v;
    }
    case UM_ST_I32: {
        LOAD(int32_t, v);
        return (float)v;
    }
    case UM_ST_U8: return ((const uint8_t *)t->data)[i];
    case UM_ST_BOOL: return ((const uint8_t *)t->data)[i] != 0;
    }
    return 0;
}

umcl_status um_st_to_f32(float *out, const um_st_tensor *t)
{
    if (t->type == UM_ST_F32) {
        if (t->bytes) memcpy(out, t->data, t->bytes);
        return UMCL_OK;
    }
    for (size_t i = 0; i < t->count; i++) out[i] = element_to_f32(t, i);
    return UMCL_OK;
}

umcl_status um_st_to_i64(int64_t *out, const um_st_tensor *t)
{
    for (size_t i = 0; i < t->count; i++) {
        switch (t->type) {
        case UM_ST_I64: {
            LOAD(int64_t, v);
            out[i] = v;
            break;
        }
        case UM_ST_I32: {
            LOAD(int32_t, v);
            out[i] = v;
            break;
        }
        case UM_ST_U8: out[i] = ((const uint8_t *)t->data)[i]; break;
        case UM_ST_BOOL: out[i] = ((const uint8_t *)t->data)[i] != 0; break;
        default:
            return um_fail(UMCL_ERR_FORMAT, "%s: expected whole numbers (I64, I32, U8), found %s",
                           t->name, um_st_type_name(t->type));
        }
    }
    return UMCL_OK;
}
