/*
 * The low-quality twin of a clip (equation 2 of the UMCL paper): crops of a quarter of the
 * resolution, or crops that H.264 has compressed (its Table 11), landmarks with noise.
 */
#ifndef UM_DATA_VIEWS_H
#define UM_DATA_VIEWS_H

#include "base/rng.h"
#include "data/face_clip.h"

#define UM_VIEW_FACTOR 4.0f /* of the pixels' size */
#define UM_VIEW_SIGMA 0.01f /* of normalised landmark coordinates (face/stabilise.h) */

/**
 * Takes a picture down to 1 / `factor` of its sides by area (rounded, at least a pixel) and back up
 * bilinearly, in place. `factor` 1: nothing. UMCL_ERR_INVALID (factor below 1, not finite), NOMEM.
 */
umcl_status um_view_coarsen(um_image *image, float factor);

/** The paper's two compressed qualities, as x264's constant rate factors. */
#define UM_VIEW_CODEC_LIGHT 23
#define UM_VIEW_CODEC_HEAVY 40

/**
 * Replaces a clip's crops by what would be read back from an H.264 file at one of the two rate
 * factors, each half of the time; landmarks stay. Fails as um_h264_loss does; the crops are then
 * worth nothing.
 */
umcl_status um_view_codec(um_face_clip *clip, um_rng *rng);

/** Adds N(0, sigma) to each of `n` coordinates. */
void um_view_shake(float *coordinates, size_t n, float sigma, um_rng *rng);

#endif
