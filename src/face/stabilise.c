#include "face/stabilise.h"

#include <math.h>
#include <string.h>

float um_landmarks_size(const um_landmarks *lm)
{
    um_box b = um_landmarks_bounds(lm);

    return fmaxf(um_box_width(b), um_box_height(b));
}

um_box um_stabilised_box(um_held_centre *centre, const um_landmarks *lm, float face_size)
{
    um_box b = um_landmarks_bounds(lm);
    float x = 0.5f * (b.x0 + b.x1), y = 0.5f * (b.y0 + b.y1);
    float half = 0.5f * UM_ALIGNED_SCALE * face_size;

    if (!centre->set || hypotf(x - centre->x, y - centre->y) >= UM_CENTRE_SLACK)
        *centre = (um_held_centre){true, x, y};
    return (um_box){centre->x - half, centre->y - half, centre->x + half, centre->y + half};
}

void um_landmarks_normalise(float *out, const um_landmarks *frames, size_t n)
{
    um_held_centre centre = UM_CENTRE_INIT;
    double size = 0;

    for (size_t i = 0; i < n; i++) size += um_landmarks_size(&frames[i]) / (double)n;
    if (size < 1) size = 1;
    for (size_t i = 0; i < n; i++) {
        um_box b = um_stabilised_box(&centre, &frames[i], (float)size);
        float half = 0.5f * um_box_width(b);

        for (int k = 0; k < UM_N_LANDMARKS; k++, out += 2) {
            out[0] = (frames[i].p[k][0] - centre.x) / half;
            out[1] = (frames[i].p[k][1] - centre.y) / half;
        }
    }
}

void um_landmarks_mirror_rows(float *rows, size_t n)
{
    float copy[2 * UM_N_LANDMARKS];

    for (float *row = rows; row < rows + n * 2 * UM_N_LANDMARKS; row += 2 * UM_N_LANDMARKS) {
        memcpy(copy, row, sizeof copy);
        for (int i = 0; i < UM_N_LANDMARKS; i++) {
            row[2 * i] = -copy[2 * um_landmark_mirror[i]];
            row[2 * i + 1] = copy[2 * um_landmark_mirror[i] + 1];
        }
    }
}
