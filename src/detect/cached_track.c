#include "detect/cached_track.h"

#include <string.h>

#include "base/rng.h"
#include "data/track_crops.h"
#include "face/stabilise.h"

/* A damaged track on its way: the noise is a function of the video and the frame. */
typedef struct damaged {
    const um_track_damage *damage;
    uint64_t key;
    double unit; /* of normalised coordinates, pixels of the video */
} damaged;

static damaged begin(const um_track_damage *damage, const char *video, const um_stored_track *track)
{
    damaged d = {.damage = damage};
    double size = 0;

    for (size_t i = 0; i < track->n_frames; i++)
        size += (double)um_landmarks_size(&track->landmarks[i]) / (double)track->n_frames;
    d.unit = (double)UM_ALIGNED_SCALE * size / 2;
    d.key = um_fnv1a(UM_FNV_OFFSET, video, strlen(video)) ^ um_rng_at(damage->key, 0);
    return d;
}

/* Whether this frame's crop is lost; the first never is. */
static bool is_lost(const damaged *d, size_t frame)
{
    return frame > 0 && um_rng_uniform_at(d->key, frame) < d->damage->lost;
}

static um_landmarks shake(const damaged *d, const um_landmarks *lm, size_t frame)
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

static umcl_status feed(um_track_windows *out, um_judge *judge, um_crop_reader *reader,
                        const um_stored_track *track, um_image *crop, const damaged *d)
{
    const um_judge_info *info = um_judge_get_info(judge);

    for (size_t i = 0; i < track->n_frames; i++) {
        um_track_frame f = {.track = track->id,
                            .time = (double)track->times[i],
                            .score = 1,
                            .calibrated = shake(d, &track->landmarks[i], i),
                            .crop = crop,
                            .crop_box = track->crops[i],
                            .bridged = track->bridged[i]};

        if (reader) UM_TRY(um_crop_reader_next(reader, is_lost(d, i) ? NULL : crop));
        UM_TRY(um_track_windows_add(out, judge, &f, info->stride));
    }
    return um_track_windows_finish(out, judge);
}

umcl_status um_cached_track_score(um_track_windows *out, um_judge *judge, const char *cache,
                                  const char *video, const um_stored_track *track, bool fake)
{
    return um_cached_track_score_damaged(out, judge, cache, video, track, fake,
                                         &UM_TRACK_DAMAGE_NONE);
}

umcl_status um_cached_track_score_damaged(um_track_windows *out, um_judge *judge, const char *cache,
                                          const char *video, const um_stored_track *track,
                                          bool fake, const um_track_damage *damage)
{
    const um_judge_info *info = um_judge_get_info(judge);
    damaged d = begin(damage, video, track);
    um_crop_reader *reader = NULL;
    um_image crop = {0};
    umcl_status st;

    UM_CHECK(um_track_windows_start(out, info, track->id));
    out->fake = fake;
    if (info->crop_step) {
        UM_CHECK(um_image_new(&crop, UM_CROP_SIDE, UM_CROP_SIDE, 3));
        UM_CHECK(um_crop_reader_open(&reader, cache, video, track));
    }
    UM_CHECK(feed(out, judge, reader, track, &crop, &d));
done:
    if (st != UMCL_OK) um_track_windows_clear(out);
    um_crop_reader_close(reader);
    um_image_clear(&crop);
    return st;
}
