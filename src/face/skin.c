#include "face/skin.h"

#include <math.h>

#include "face/crop.h"
#include "media/polygon.h"

#define LEAST_COVER 0.01
#define FARTHEST (16 * UM_CROP_SIDE) /* of a landmark that means something */

/* False where the crop's square or a landmark is no place. */
static bool place_on_crop(float (*out)[2], const um_track_frame *f)
{
    const um_box *box = &f->crop_box;
    float sx = UM_CROP_SIDE / um_box_width(*box), sy = UM_CROP_SIDE / um_box_height(*box);
    bool good = isfinite(sx) && isfinite(sy);

    for (size_t i = 0; i < UM_N_LANDMARKS; i++) {
        out[i][0] = (f->calibrated.p[i][0] - box->x0) * sx;
        out[i][1] = (f->calibrated.p[i][1] - box->y0) * sy;
        good = good && fabsf(out[i][0]) < FARTHEST && fabsf(out[i][1]) < FARTHEST;
    }
    return good;
}

bool um_skin_colour(float out[3], um_image *mask, const um_track_frame *f)
{
    float points[UM_N_LANDMARKS][2], hull[UM_N_LANDMARKS][2];
    double sum[3] = {0}, all = 0;

    if (!place_on_crop(points, f)) return false;
    um_polygon_fill(mask, (const float(*)[2])hull,
                    um_convex_hull(hull, (const float(*)[2])points, UM_N_LANDMARKS));
    for (size_t y = 0; y < UM_CROP_SIDE; y++) {
        const uint8_t *cover = mask->data + y * mask->stride;
        const uint8_t *rgb = f->crop->data + y * f->crop->stride;
        unsigned row[4] = {0};

        for (size_t x = 0; x < UM_CROP_SIDE; x++) {
            for (size_t c = 0; c < 3; c++) row[c] += (unsigned)cover[x] * rgb[3 * x + c];
            row[3] += cover[x];
        }
        for (size_t c = 0; c < 3; c++) sum[c] += row[c];
        all += row[3];
    }
    if (all < LEAST_COVER * 255 * UM_CROP_SIDE * UM_CROP_SIDE) return false;
    for (size_t c = 0; c < 3; c++) out[c] = (float)(sum[c] / all);
    return true;
}
