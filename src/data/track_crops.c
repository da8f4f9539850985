#include "data/track_crops.h"

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

/* Crops first, first + every, ... of those before `end`, which must all be there. */
typedef struct part {
    size_t first, end, every;
} part;

static umcl_status read_crops(um_face_clip *out, um_video *video, const um_stored_track *track,
                              part p)
{
    const um_box whole = {0, 0, UM_CROP_SIDE, UM_CROP_SIDE};
    um_frame *frame = NULL;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < p.end; i++) {
        um_image crop;

        UM_CHECK(um_video_next(video, &frame));
        if (!frame)
            return um_fail(UMCL_ERR_FORMAT, "crops of track %d: expected %zu frames, found %zu",
                           track->id, track->n_frames, i);
        if (i >= p.first && (i - p.first) % p.every == 0) {
            size_t at = (i - p.first) / p.every;
            crop = um_face_clip_crop(out, at);
            UM_CHECK(um_frame_crop(frame, whole, &crop));
            um_landmarks_in_crop(&out->landmarks[at], &track->landmarks[i], track->crops[i]);
        }
        um_frame_unref(frame);
        frame = NULL;
    }
done:
    um_frame_unref(frame);
    return st;
}

static umcl_status open_and_read(um_face_clip *out, const char *cache, const char *video,
                                 const um_stored_track *track, part p)
{
    const um_video_options as_they_come = {.threads = 1};
    um_str path = UM_STR_INIT;
    um_video *file = NULL;
    umcl_status st;

    *out = (um_face_clip){0};
    um_str_printf(&path, "%s/%s/track%d.mp4", cache, video, track->id);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_video_open(&file, path.text, &as_they_come));
    UM_CHECK(um_face_clip_new(out, (p.end - p.first + p.every - 1) / p.every, UM_CROP_SIDE, false));
    st = read_crops(out, file, track, p);
    if (st != UMCL_OK) um_fail_in(st, path.text);
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    um_video_close(file);
    um_str_clear(&path);
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
