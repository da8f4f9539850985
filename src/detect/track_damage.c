#include "detect/track_damage.h"

#include <string.h>

#include "base/rng.h"
#include "face/stabilise.h"

um_damaged_track um_damage_begin(const um_track_damage *damage, const char *video,
                                 const um_landmarks *landmarks, size_t n)
{
    um_damaged_track d = {.damage = damage};
    double size = 0;

    for (size_t i = 0; i < n; i++) size += (double)um_landmarks_size(&landmarks[i]) / (double)n;
    d.unit = (double)UM_ALIGNED_SCALE * size / 2;
    d.key = um_fnv1a(UM_FNV_OFFSET, video, strlen(video)) ^ um_rng_at(damage->key, 0);
    return d;
}

bool um_damage_loses(const um_damaged_track *d, size_t frame)
{
    return frame > 0 && um_rng_uniform_at(d->key, frame) < d->damage->lost;
}

um_landmarks um_damage_shake(const um_damaged_track *d, const um_landmarks *lm, size_t frame)
{
    um_rng rng = um_rng_new(um_rng_at(d->key, frame), "landmark noise");
    um_landmarks out = *lm;

    if (!(d->damage->landmark_noise > 0)) return out;
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out.p[i][0] += (float)(d->unit * d->damage->landmark_noise * um_rng_normal(&rng));
        out.p[i][1] += (float)(d->unit * d->damage->landmark_noise * um_rng_normal(&rng));
    }
    return out;
}
