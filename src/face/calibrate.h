/*
 * Landmarks without the detector's jitter, as LRNet calibrates them (Sun et al., CVPR 2021,
 * section 3.2): each point of the last frame is followed into the new one by optical flow and
 * back; where it returns to within 2 px, a Kalman filter merges it with the point detected there,
 * elsewhere the detected point stands. One calibrator serves one face, frame by frame.
 */
#ifndef UM_FACE_CALIBRATE_H
#define UM_FACE_CALIBRATE_H

#include "face/geometry.h"
#include "media/image.h"

typedef struct um_calibrator um_calibrator;

/** UMCL_ERR_NOMEM. About 2 MB. */
umcl_status um_calibrator_new(um_calibrator **out);
void um_calibrator_free(um_calibrator *c);

/** Forgets the past: the next frame starts afresh (after a gap). */
void um_calibrator_reset(um_calibrator *c);

/**
 * The square of the picture that um_calibrator_step wants to see next, given this frame's detected
 * landmarks (pixels). Its size is held while the face's running mean stays within a tenth of it.
 */
um_box um_calibrator_box(um_calibrator *c, const um_landmarks *detected);

/**
 * Takes in one frame.
 *
 * @param out      calibrated landmarks, pixels of the video
 * @param detected landmarks as given to um_calibrator_box for the same frame
 * @param crop     grey, UM_ALIGNED_SIDE x UM_ALIGNED_SIDE, the square um_calibrator_box returned
 * @return how many of the 68 points were merged with their past (0 on the first frame)
 */
int um_calibrator_step(um_calibrator *c, um_landmarks *out, const um_landmarks *detected,
                       const um_image *crop);

#endif
