/*
 * Gaussian blur and its opposite, unsharp masking. Borders repeat.
 */
#ifndef UM_MEDIA_BLUR_H
#define UM_MEDIA_BLUR_H

#include "media/image.h"

#define UM_BLUR_MAX 32 /* largest deviation, pixels */

/** Blurs every channel in place; `sigma` in pixels, 0: nothing. UMCL_ERR_INVALID (sigma), NOMEM. */
umcl_status um_image_blur(um_image *image, float sigma);

/** Adds `amount` (0: nothing, 0.5: strong) times what a blur of `sigma` takes away. Fails alike. */
umcl_status um_image_sharpen(um_image *image, float sigma, float amount);

#endif
