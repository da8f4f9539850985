#include "data/synth_look.h"

#include <string.h>

#include "base/rng.h"

static float range(um_rng *r, double lo, double hi)
{
    return (float)um_rng_range(r, lo, hi);
}

static void mix(float out[3], const float a[3], const float b[3], float t)
{
    for (int c = 0; c < 3; c++) out[c] = a[c] + (b[c] - a[c]) * t;
}

/* From pale to dark by way of a middle tone: melanin takes blue first, so a straight line between
 * the ends would look grey. */
static void draw_skin(um_synth_look *look, um_rng *r)
{
    static const float pale[3] = {0.72f, 0.49f, 0.37f}, tan[3] = {0.48f, 0.27f, 0.165f},
                       dark[3] = {0.17f, 0.085f, 0.05f};
    static const float blood[3] = {0.36f, 0.075f, 0.075f};
    float tone = range(r, 0.0, 1.0);

    if (tone < 0.6f)
        mix(look->skin, pale, tan, tone / 0.6f);
    else
        mix(look->skin, tan, dark, (tone - 0.6f) / 0.4f);
    mix(look->lip, look->skin, blood, range(r, 0.45, 0.75) * (1.0f - 0.4f * tone));
    for (int c = 0; c < 3; c++) look->lip[c] *= 0.85f;

    static const float hairs[5][3] = {{0.018f, 0.014f, 0.012f},
                                      {0.055f, 0.030f, 0.017f},
                                      {0.13f, 0.075f, 0.035f},
                                      {0.21f, 0.075f, 0.03f},
                                      {0.40f, 0.27f, 0.12f}};
    static const float grey[3] = {0.36f, 0.35f, 0.34f};
    size_t choice = um_rng_below(r, tone < 0.4f ? 5 : tone < 0.7f ? 3 : 2);

    mix(look->hair_rgb, hairs[choice], grey, look->age > 0.75f ? range(r, 0.3, 1.0) : 0.0f);
}

static void draw_eyes(um_synth_look *look, um_rng *r)
{
    static const float irises[4][3] = {{0.060f, 0.028f, 0.012f},
                                       {0.13f, 0.075f, 0.03f},
                                       {0.10f, 0.16f, 0.24f},
                                       {0.11f, 0.15f, 0.08f}};
    int light_eyes = look->skin[0] > 0.55f;

    look->eye_x = range(r, 2.95, 3.35) * look->width;
    look->eye_w = range(r, 1.32, 1.5);
    look->eye_h = range(r, 0.8, 1.06);
    look->eye_tilt = range(r, -0.06, 0.16);
    memcpy(look->iris, irises[um_rng_below(r, light_eyes ? 4 : 2)], sizeof look->iris);
    look->brow_y = range(r, -2.45, -2.05);
    look->brow_arch = range(r, 0.15, 0.5);
    look->brow_thick = range(r, 0.22, 0.42);
    look->brow_tilt = range(r, -0.15, 0.2);
}

void um_synth_look_draw(um_synth_look *look, uint64_t seed, int p)
{
    um_rng names = um_rng_new(seed, "synth.person");
    um_rng stream = {.key = um_rng_at(names.key, (uint64_t)p)}, *r = &stream;

    memset(look, 0, sizeof *look);
    look->key = um_rng_at(names.key, (uint64_t)p + UINT64_C(0x100000000));
    look->width = range(r, 0.95, 1.06);
    look->jaw = range(r, 0.92, 1.07);
    look->lower = range(r, 0.95, 1.06);
    look->age = range(r, 0.0, 1.0);
    draw_skin(look, r);
    draw_eyes(look, r);
    look->nose_y = range(r, 3.5, 3.95) * look->lower;
    look->nose_w = range(r, 0.88, 1.18);
    look->nose_h = range(r, 0.85, 1.15);
    look->mouth_y = range(r, 6.65, 7.0) * look->lower;
    look->mouth_w = range(r, 2.35, 2.8);
    look->lip_up = range(r, 0.42, 0.75);
    look->lip_low = range(r, 0.6, 0.95);
    look->hairline = range(r, -7.2, -5.6);
    double style = um_rng_uniform(r);
    look->hair = style < 0.5 ? UM_HAIR_SHORT : style < 0.88 ? UM_HAIR_LONG : UM_HAIR_BALD;
    if (look->hair == UM_HAIR_SHORT && um_rng_uniform(r) < 0.45) look->beard = range(r, 0.3, 1.0);
    look->freckles = um_rng_uniform(r) < 0.3 ? range(r, 0.4, 1.0) : 0.0f;
    for (int c = 0; c < 3; c++) look->shirt[c] = range(r, 0.03, 0.5);
    look->shirt_stripes = um_rng_uniform(r) < 0.4 ? range(r, 0.3, 1.0) : 0.0f;
}
