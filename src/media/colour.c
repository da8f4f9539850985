#include "media/colour.h"

um_colour um_colour_make(double kr, double kb, bool full_range)
{
    double kg = 1 - kr - kb;
    double y_mul = full_range ? 1 : 255.0 / 219, y_off = full_range ? 0 : 16;
    double c_mul = full_range ? 1 : 255.0 / 224;
    double rv = 2 * (1 - kr) * c_mul, bu = 2 * (1 - kb) * c_mul;
    double gu = -bu * kb / kg, gv = -rv * kr / kg;
    double y_add = 0.5 - y_off * y_mul;

    return (um_colour){
        .y_mul = (float)(y_mul / 256),
        .y_add = (float)y_add,
        .rv = (float)(rv / 256),
        .gu = (float)(gu / 256),
        .gv = (float)(gv / 256),
        .bu = (float)(bu / 256),
        .r_add = (float)(y_add - 128 * rv),
        .g_add = (float)(y_add - 128 * (gu + gv)),
        .b_add = (float)(y_add - 128 * bu),
    };
}

static inline uint8_t to_byte(float v)
{
    v = v < 0.0f ? 0.0f : v;
    v = v > 255.0f ? 255.0f : v;
    return (uint8_t)(int)v;
}

void um_colour_rgb(const um_colour *c, const uint16_t *const yuv[3], uint8_t *const rgb[3], int n)
{
    const uint16_t *restrict py = yuv[0], *restrict pu = yuv[1], *restrict pv = yuv[2];
    uint8_t *restrict r = rgb[0], *restrict g = rgb[1], *restrict b = rgb[2];
    const um_colour k = *c;

    for (int i = 0; i < n; i++) {
        float y = (float)py[i] * k.y_mul, u = (float)pu[i], v = (float)pv[i];
        r[i] = to_byte(y + v * k.rv + k.r_add);
        g[i] = to_byte(y + u * k.gu + v * k.gv + k.g_add);
        b[i] = to_byte(y + u * k.bu + k.b_add);
    }
}

void um_colour_luma(const um_colour *c, const uint16_t *restrict y, uint8_t *restrict out, int n)
{
    const float mul = c->y_mul, add = c->y_add;

    for (int i = 0; i < n; i++) out[i] = to_byte((float)y[i] * mul + add);
}

void um_colour_grey(const uint16_t *const rgb[3], uint8_t *restrict out, int n)
{
    const uint16_t *restrict r = rgb[0], *restrict g = rgb[1], *restrict b = rgb[2];

    for (int i = 0; i < n; i++)
        out[i] = to_byte((float)r[i] * (0.299f / 256) + (float)g[i] * (0.587f / 256) +
                         (float)b[i] * (0.114f / 256) + 0.5f);
}

void um_colour_round(const uint16_t *restrict in, uint8_t *restrict out, int n)
{
    for (int i = 0; i < n; i++) out[i] = (uint8_t)((in[i] + 128U) >> 8);
}
