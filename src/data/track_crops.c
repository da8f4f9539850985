#include "data/track_crops.h"

#include "base/str.h"
#include "media/video.h"

static void place(um_landmarks *out, const um_landmarks *in, um_box crop)
{
    float x = UM_CROP_SIDE / um_box_width(crop), y = UM_CROP_SIDE / um_box_height(crop);

    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        out->p[i][0] = (in->p[i][0] - crop.x0) * x;
        out->p[i][1] = (in->p[i][1] - crop.y0) * y;
    }
}

static umcl_status read_crops(um_face_clip *out, um_video *video, const um_stored_track *track,
                              size_t every)
{
    const um_box whole = {0, 0, UM_CROP_SIDE, UM_CROP_SIDE};
    um_frame *frame = NULL;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < track->n_frames; i++) {
        um_image crop;

        UM_CHECK(um_video_next(video, &frame));
        if (!frame)
            return um_fail(UMCL_ERR_FORMAT, "crops of track %d: expected %zu frames, found %zu",
                           track->id, track->n_frames, i);
        if (i % every == 0) {
            crop = um_face_clip_crop(out, i / every);
            UM_CHECK(um_frame_crop(frame, whole, &crop));
            place(&out->landmarks[i / every], &track->landmarks[i], track->crops[i]);
        }
        um_frame_unref(frame);
        frame = NULL;
    }
done:
    um_frame_unref(frame);
    return st;
}

umcl_status um_track_crops(um_face_clip *out, const char *cache, const char *video,
                           const um_stored_track *track, size_t every)
{
    const um_video_options as_they_come = {.threads = 1};
    um_str path = UM_STR_INIT;
    um_video *file = NULL;
    umcl_status st;

    *out = (um_face_clip){0};
    um_str_printf(&path, "%s/%s/track%d.mp4", cache, video, track->id);
    UM_CHECK(um_str_status(&path));
    UM_CHECK(um_video_open(&file, path.text, &as_they_come));
    UM_CHECK(um_face_clip_new(out, (track->n_frames + every - 1) / every, UM_CROP_SIDE, false));
    st = read_crops(out, file, track, every);
    if (st != UMCL_OK) um_fail_in(st, path.text);
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    um_video_close(file);
    um_str_clear(&path);
    return st;
}

umcl_status um_picture_crop(um_face_clip *out, const um_image *rgb, const um_landmarks *landmarks)
{
    um_box square = um_box_square(um_landmarks_face_box(landmarks), UM_CROP_SCALE);
    um_image crop;
    umcl_status st;

    UM_CHECK(um_face_clip_new(out, 1, UM_CROP_SIDE, false));
    crop = um_face_clip_crop(out, 0);
    UM_CHECK(um_image_resample(&crop, rgb, square));
    place(&out->landmarks[0], landmarks, square);
done:
    if (st != UMCL_OK) um_face_clip_clear(out);
    return st;
}
