#include "data/synth_scene.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

float um_synth_noise(const float *tile, float x, float y)
{
    float fx = floorf(x), fy = floorf(y), tx = x - fx, ty = y - fy;
    int x0 = (int)fx & (UM_SYNTH_TILE - 1), y0 = (int)fy & (UM_SYNTH_TILE - 1);
    int x1 = (x0 + 1) & (UM_SYNTH_TILE - 1), y1 = (y0 + 1) & (UM_SYNTH_TILE - 1);
    const float *a = tile + y0 * UM_SYNTH_TILE, *b = tile + y1 * UM_SYNTH_TILE;

    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    float top = a[x0] + (a[x1] - a[x0]) * tx, bottom = b[x0] + (b[x1] - b[x0]) * tx;
    return top + (bottom - top) * ty;
}

float um_synth_level(float linear)
{
    /* Gamma 2.2, to within three levels, from one square root. */
    float x = linear < 0 ? 0 : linear > 1 ? 1 : linear, half = sqrtf(x);

    return 255 * half * (1.12f - 0.12f * half);
}

/* An upright rectangle of the background. */
typedef struct panel {
    float x0, y0, x1, y1, rgb[3], grain;
} panel;

static void draw_panel(panel *p, um_rng *r, int index)
{
    if (index < 2) { /* shelf or rail: long and flat */
        p->x0 = (float)um_rng_range(r, -0.2, 0.5);
        p->x1 = p->x0 + (float)um_rng_range(r, 0.5, 1.0);
        p->y0 = (float)um_rng_range(r, 0.05, 0.9);
        p->y1 = p->y0 + (float)um_rng_range(r, 0.015, 0.05);
    } else { /* books, frames, boxes */
        p->x0 = (float)um_rng_range(r, -0.05, 0.95);
        p->x1 = p->x0 + (float)um_rng_range(r, 0.03, 0.25);
        p->y0 = (float)um_rng_range(r, 0.0, 0.8);
        p->y1 = p->y0 + (float)um_rng_range(r, 0.08, 0.4);
    }
    float tone = (float)um_rng_range(r, 50, 180);
    for (int c = 0; c < 3; c++) p->rgb[c] = tone + (float)um_rng_range(r, -30, 30);
    p->grain = (float)um_rng_range(r, 2, 14);
}

/* Coverage of a pixel by a panel whose edges are blurred over 3 pixels: the wall is out of focus.
 */
static float panel_cover(const panel *p, float x, float y, float aspect, float soft)
{
    float dx = fminf(x - p->x0, p->x1 - x) * aspect, dy = fminf(y - p->y0, p->y1 - y);
    float d = 0.5f + fminf(dx, dy) / soft;

    return d < 0 ? 0 : d > 1 ? 1 : d;
}

static void draw_background(um_synth_scene *scene, um_rng *r)
{
    enum { PANELS = 9 };
    panel panels[PANELS];
    float wall[3], aspect = (float)scene->width / (float)scene->height;
    float soft = 3.0f / (float)scene->height, tilt = (float)um_rng_range(r, -40, 40);
    float base = (float)um_rng_range(r, 70, 170);

    for (int c = 0; c < 3; c++) wall[c] = base + (float)um_rng_range(r, -25, 25);
    for (int i = 0; i < PANELS; i++) draw_panel(panels + i, r, i);
    for (int py = 0; py < scene->height; py++)
        for (int px = 0; px < scene->width; px++) {
            float x = ((float)px + 0.5f) / (float)scene->width;
            float y = ((float)py + 0.5f) / (float)scene->height;
            float *out = scene->background + 3 * ((size_t)py * (size_t)scene->width + (size_t)px);
            float coarse = um_synth_noise(scene->tile, 5 * aspect * x, 5 * y);
            float fine = um_synth_noise(scene->tile, 90 * aspect * x + 7, 90 * y + 3);
            float grain = 2.5f;
            for (int c = 0; c < 3; c++) out[c] = wall[c] + tilt * (x - 0.5f) - 18 * (y - 0.5f);
            for (int i = 0; i < PANELS; i++) {
                float a = panel_cover(panels + i, x, y, aspect, soft);
                if (a <= 0) continue;
                for (int c = 0; c < 3; c++) out[c] += (panels[i].rgb[c] - out[c]) * a;
                grain += (panels[i].grain - grain) * a;
            }
            for (int c = 0; c < 3; c++) out[c] += 6 * coarse + grain * fine;
        }
}

umcl_status um_synth_scene_new(um_synth_scene **out, uint64_t seed, int width, int height)
{
    um_synth_scene *scene;
    um_rng r = um_rng_new(seed, "synth.scene");

    *out = NULL;
    UM_TRY(um_calloc(&scene, 1, sizeof *scene));
    umcl_status st = um_calloc(&scene->background, 3 * (size_t)width * (size_t)height,
                               sizeof *scene->background);
    if (st != UMCL_OK) {
        um_synth_scene_free(scene);
        return st;
    }
    scene->width = width;
    scene->height = height;
    for (int i = 0; i < UM_SYNTH_TILE * UM_SYNTH_TILE; i++)
        scene->tile[i] = (float)um_rng_range(&r, -1, 1);
    for (int i = 0; i < UM_SYNTH_GRAIN; i++) scene->grain[i] = (float)um_rng_normal(&r);
    draw_background(scene, &r);
    *out = scene;
    return UMCL_OK;
}

void um_synth_scene_free(um_synth_scene *scene)
{
    if (!scene) return;
    free(scene->background);
    free(scene);
}
