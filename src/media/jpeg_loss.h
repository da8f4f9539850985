/*
 * What JPEG loses: 4:2:0 chroma, and rounding of the 8 x 8 cosine transform's coefficients in steps
 * of ITU-T T.81's example tables (Annex K.1), scaled by a quality as the IJG library does. Nothing
 * is written.
 */
#ifndef UM_MEDIA_JPEG_LOSS_H
#define UM_MEDIA_JPEG_LOSS_H

#include "media/image.h"

/**
 * Replaces an R, G, B picture by what would be read back.
 *
 * @param quality 1 (worst) .. 100
 * @return UMCL_ERR_INVALID (quality, channels), UMCL_ERR_NOMEM
 */
umcl_status um_image_jpeg_loss(um_image *rgb, int quality);

#endif
