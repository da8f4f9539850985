/*
 * Perturbations of pictures, and of which picture is shown when. Everything random is a function of
 * a video's key, so that the same video is perturbed alike every time, and a stronger one does
 * what a weaker one does and more.
 */
#ifndef UM_DATA_PERTURB_PICTURE_H
#define UM_DATA_PERTURB_PICTURE_H

#include <stdint.h>

#include "data/perturb.h"
#include "media/image.h"

#define UM_PERTURB_FPS 30 /* of the frames that faces are followed in */

/** The key of a video from the run's seed and the video's name. */
uint64_t um_perturb_key(uint64_t seed, const char *name);

/**
 * Perturbs frame `frame` of a video, R, G, B. UM_PERTURB_CROP makes it smaller, no smaller than 1 x
 * 1; all others keep its size. Kinds that encode or choose frames change nothing. Nothing changes
 * at quality 0 (JPEG), 1 (resize, gamma) and 0 (the others).
 *
 * @return UMCL_ERR_INVALID (the value is out of its range), UMCL_ERR_NOMEM
 */
umcl_status um_perturb_picture(um_image *rgb, const um_perturb *p, uint64_t key, size_t frame);

/**
 * Which frame is shown in the place of `frame`, at most that. Dropped frames show the one before,
 * the first is never dropped; a lower rate shows frames for longer. Other kinds: `frame` itself.
 */
size_t um_perturb_frame(const um_perturb *p, uint64_t key, size_t frame);

#endif
