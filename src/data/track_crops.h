/* Crops of a cached track (data/track_store.h) with their landmarks, as training takes them. */
#ifndef UM_DATA_TRACK_CROPS_H
#define UM_DATA_TRACK_CROPS_H

#include "data/face_clip.h"
#include "data/track_store.h"

/** A track's crops one after the other, in bounded memory. */
typedef struct um_crop_reader um_crop_reader;

/** UMCL_ERR_NOT_FOUND (extracted without crops), else as um_video_open. */
umcl_status um_crop_reader_open(um_crop_reader **out, const char *cache, const char *video,
                                const um_stored_track *track);
void um_crop_reader_close(um_crop_reader *r);

/**
 * The next frame's crop, R, G, B, UM_CROP_SIDE squared.
 *
 * @param crop filled in; NULL: passed over
 * @return UMCL_ERR_FORMAT (fewer crops than the track has frames), else as um_video_next
 */
umcl_status um_crop_reader_next(um_crop_reader *r, um_image *crop);

/**
 * Decodes every `every`-th crop of a track: frames 0, every, 2 every ...; landmarks in pixels of
 * the crop.
 *
 * @param video name of the video in the cache
 * @return UMCL_ERR_NOT_FOUND (extracted without crops), UMCL_ERR_FORMAT (not as many crops as the
 *         track has frames), else as um_video_open
 */
umcl_status um_track_crops(um_face_clip *out, const char *cache, const char *video,
                           const um_stored_track *track, size_t every);

/** `n` consecutive crops from number `first` on; first + n within the track. Errors as above. */
umcl_status um_track_crops_part(um_face_clip *out, const char *cache, const char *video,
                                const um_stored_track *track, size_t first, size_t n);

/** Landmarks in pixels of a picture as pixels of the crop that shows its part `square`; `out` may
 * be `in`. */
void um_landmarks_in_crop(um_landmarks *out, const um_landmarks *in, um_box square);

/** The crop of a labelled picture's face, as a clip of one frame of the same kind. */
umcl_status um_picture_crop(um_face_clip *out, const um_image *rgb, const um_landmarks *landmarks);

#endif
