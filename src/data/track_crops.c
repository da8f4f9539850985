#include "data/track_crops.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/video.h"

void um_landmarks_in_crop(um_landmarks *out, const um_landmarks *in, um_box square)
{
    float x = UM_CROP_SIDE / um_box_width(square), y = UM_CROP_SIDE / um_box_height(square);

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->p[i][0] = (in->p[i][0] - square.x0) * x;
        out->p[i][1] = (in->p[i][1] - square.y0) * y;
    }
}

struct um_crop_reader {
    const um_stored_track *track;
    um_video *video;
    um_str path;
    size_t at;
};

umcl_status um_crop_reader_open(um_crop_reader **out, const char *cache, const char *video,
                                const um_stored_track *track)
{
    const um_video_options as_they_come = {.threads = 1};
    um_crop_reader *r = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&r, 1, sizeof *r));
    r->track = track;
    um_str_printf(&r->path, "%s/%s/track%d.mp4", cache, video, track->id);
    UM_CHECK(um_str_status(&r->path));
    UM_CHECK(um_video_open(&r->video, r->path.text, &as_they_come));
    *out = r;
    r = NULL;
done:
    um_crop_reader_close(r);
    return st;
}

void um_crop_reader_close(um_crop_reader *r)
{
    if (!r) return;
    um_video_close(r->video);
    um_str_clear(&r->path);
    free(r);
}

umcl_status um_crop_reader_next(um_crop_reader *r, um_image *crop)
{
    const um_box whole = {0, 0, UM_CROP_SIDE, UM_CROP_SIDE};
    um_frame *frame = NULL;
    umcl_status st;

    UM_CHECK(um_video_next(r->video, &frame));
    if (!frame) {
        st = um_fail(UMCL_ERR_FORMAT, "crops of track %d: expected %zu frames, found %zu",
                     r->track->id, r->track->n_frames, r->at);
        goto done;
    }
    if (crop) UM_CHECK(um_frame_crop(frame, whole, crop));
    r->at++;
done:
    um_frame_unref(frame);
    return st == UMCL_OK ? st : um_fail_in(st, r->path.text);
}

/* Crops first, first + every, ... of those before `end`, which must all be there. */
typedef struct part {
    size_t first, end, every;
} part;

static umcl_status open_and_read(um_face_clip *out, const char *cache, const char *video,
                                 const um_stored_track *track, part p)
{
    um_crop_reader *reader = NULL;
    umcl_status st;

    *out = (um_face_clip){0};
    UM_CHECK(um_crop_reader_open(&reader, cache, video, track));
    UM_CHECK(um_face_clip_new(out, (p.end - p.first + p.every - 1) / p.every, UM_CROP_SIDE, false));
    for (size_t i = 0; i < p.end; i++) {
        bool taken = i >= p.first && (i - p.first) % p.every == 0;
        size_t at = taken ? (i - p.first) / p.every : 0;
        um_image crop = um_face_clip_crop(out, at);

        UM_CHECK(um_crop_reader_next(reader, taken ? &crop : NULL));
        if (taken) um_landmarks_in_crop(&out->landmarks[at], &track->landmarks[i], track->crops[i]);
    }
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    um_crop_reader_close(reader);
    return st;
}

umcl_status um_track_crops(um_face_clip *out, const char *cache, const char *video,
                           const um_stored_track *track, size_t every)
{
    return open_and_read(out, cache, video, track, (part){0, track->n_frames, every});
}

umcl_status um_track_crops_part(um_face_clip *out, const char *cache, const char *video,
                                const um_stored_track *track, size_t first, size_t n)
{
    return open_and_read(out, cache, video, track, (part){first, first + n, 1});
}

umcl_status um_picture_crop(um_face_clip *out, const um_image *rgb, const um_landmarks *landmarks)
{
    um_box square = um_box_square(um_landmarks_face_box(landmarks), UM_CROP_SCALE);
    um_image crop;
    umcl_status st;

    UM_CHECK(um_face_clip_new(out, 1, UM_CROP_SIDE, false));
    crop = um_face_clip_crop(out, 0);
    UM_CHECK(um_image_resample(&crop, rgb, square));
    um_landmarks_in_crop(&out->landmarks[0], landmarks, square);
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    return st;
}
