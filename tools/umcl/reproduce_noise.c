/* One source video disturbed as in Table 7: the numbers. */
#include "reproduce_noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "data/track_crops.h"
#include "detect/track_damage.h"
#include "face/stabilise.h"
#include "model/pulse_net.h"
#include "model/window.h"

#define PULSE_MODEL "models/pulse.safetensors"
#define LEAST 90 /* frames, as a window that is extended by reflection needs */
#define NOSE 30  /* its tip */
#define CROP_BYTES ((size_t)UM_CROP_SIDE * UM_CROP_SIDE * 3)

const double rp_seen[RP_N_SHARES] = {1, 0.9, 0.7, 0.5, 0.3};
const double rp_noise[RP_N_NOISES] = {0, 0.01, 0.05};

void rp_noise_clear(rp_noise_clip *c)
{
    um_face_clip_clear(&c->clip);
    for (int k = 0; k < RP_N_SHARES; k++) free(c->shown[k]);
    for (int k = 0; k < RP_N_NOISES; k++) {
        free(c->shaken[k]);
        free(c->point[k]);
    }
    *c = (rp_noise_clip){0};
}

static const um_stored_track *longest(const um_stored_video *v)
{
    const um_stored_track *out = NULL;

    for (size_t i = 0; i < v->n_tracks; i++)
        if (!out || v->tracks[i].n_frames > out->n_frames) out = &v->tracks[i];
    return out;
}

static umcl_status lose(rp_noise_clip *c, const char *video, const um_stored_track *track)
{
    for (int k = 0; k < RP_N_SHARES; k++) {
        const um_track_damage damage = {.lost = 1 - rp_seen[k]};
        um_damaged_track d = um_damage_begin(&damage, video, track->landmarks, track->n_frames);

        UM_TRY(um_calloc(&c->shown[k], c->clip.n, sizeof *c->shown[k]));
        for (size_t i = 0; i < c->clip.n; i++)
            c->shown[k][i] = um_damage_loses(&d, i) ? c->shown[k][i - 1] : i;
    }
    return UMCL_OK;
}

static umcl_status shake(rp_noise_clip *c, const char *video, const um_stored_track *track)
{
    size_t n = c->clip.n;
    float *rows = NULL;
    umcl_status st;

    UM_CHECK(um_calloc(&rows, n * 136, sizeof *rows));
    for (int k = 0; k < RP_N_NOISES; k++) {
        const um_track_damage damage = {.landmark_noise = rp_noise[k]};
        um_damaged_track d = um_damage_begin(&damage, video, track->landmarks, track->n_frames);

        UM_CHECK(um_calloc(&c->shaken[k], n, sizeof *c->shaken[k]));
        UM_CHECK(um_calloc(&c->point[k], n, sizeof *c->point[k]));
        for (size_t i = 0; i < n; i++)
            c->shaken[k][i] = um_damage_shake(&d, &track->landmarks[i], i);
        um_landmarks_normalise(rows, c->shaken[k], n);
        for (size_t i = 0; i < n; i++) {
            c->point[k][i] = rows[136 * i + 2 * NOSE];
            um_landmarks_in_crop(&c->shaken[k][i], &c->shaken[k][i], track->crops[i]);
        }
    }
done:
    free(rows);
    return st;
}

static double correlation(const float *a, const float *b, size_t n)
{
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;

    for (size_t i = 0; i < n; i++) {
        ma += (double)a[i] / (double)n;
        mb += (double)b[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        ab += ((double)a[i] - ma) * ((double)b[i] - mb);
        aa += ((double)a[i] - ma) * ((double)a[i] - ma);
        bb += ((double)b[i] - mb) * ((double)b[i] - mb);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

/* A window of crops as they are seen; a short track goes there and back again. */
static umcl_status read_pulse(rp_noise_clip *c)
{
    um_str model = UM_STR_INIT;
    um_pulse_net *net = NULL;
    uint8_t *window = NULL;
    umcl_status st;

    UM_CHECK(um_find_data(&model, PULSE_MODEL));
    UM_CHECK(um_pulse_net_open(&net, model.text));
    UM_CHECK(um_calloc(&window, UM_PHYSFORMER_FRAMES, CROP_BYTES));
    for (int k = 0; k < RP_N_SHARES; k++) {
        for (size_t i = 0; i < UM_PHYSFORMER_FRAMES; i++)
            memcpy(window + i * CROP_BYTES,
                   c->clip.rgb + c->shown[k][um_window_reflect(i, c->clip.n)] * CROP_BYTES,
                   CROP_BYTES);
        UM_CHECK(um_pulse_net_run(net, window, c->wave[k]));
        c->agreement[k] = correlation(c->wave[0], c->wave[k], UM_PHYSFORMER_FRAMES);
    }
done:
    um_pulse_net_free(net);
    um_str_clear(&model);
    free(window);
    return st;
}

umcl_status rp_noise_read(rp_noise_clip *out, const char *cache, const char *video)
{
    um_stored_video stored = {0};
    const um_stored_track *track;
    size_t n;
    umcl_status st;

    *out = (rp_noise_clip){0};
    UM_CHECK(um_store_read(&stored, cache, video));
    track = longest(&stored);
    if (!track) {
        st = um_fail(UMCL_ERR_NOT_FOUND, "%s: expected a face, found none", video);
        goto done;
    }
    if (track->n_frames < LEAST) {
        st = um_fail(UMCL_ERR_INVALID, "%s: expected a face of at least %d frames, found %zu",
                     video, LEAST, track->n_frames);
        goto done;
    }
    n = track->n_frames < UM_PHYSFORMER_FRAMES ? track->n_frames : UM_PHYSFORMER_FRAMES;
    UM_CHECK(um_track_crops_part(&out->clip, cache, video, track, 0, n));
    UM_CHECK(lose(out, video, track));
    UM_CHECK(shake(out, video, track));
    UM_CHECK(read_pulse(out));
done:
    um_stored_video_clear(&stored);
    if (st != UMCL_OK) rp_noise_clear(out);
    return st;
}
