#include "detect/cached_track.h"

#include "data/track_crops.h"

static umcl_status feed(um_track_windows *out, um_judge *judge, um_crop_reader *reader,
                        const um_stored_track *track, um_image *crop, const um_damaged_track *d)
{
    const um_judge_info *info = um_judge_get_info(judge);

    for (size_t i = 0; i < track->n_frames; i++) {
        um_track_frame f = {.track = track->id,
                            .time = (double)track->times[i],
                            .score = 1,
                            .calibrated = um_damage_shake(d, &track->landmarks[i], i),
                            .crop = crop,
                            .crop_box = track->crops[i],
                            .bridged = track->bridged[i]};

        if (reader) UM_TRY(um_crop_reader_next(reader, um_damage_loses(d, i) ? NULL : crop));
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
    um_damaged_track d = um_damage_begin(damage, video, track->landmarks, track->n_frames);
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
