/*
 * Non-maximum suppression: of boxes that overlap too much, the best-scored one stays.
 */
#ifndef UM_FACE_NMS_H
#define UM_FACE_NMS_H

#include <stddef.h>

#include "media/image.h"

typedef enum um_nms_mode {
    UM_NMS_UNION, /* intersection over union */
    UM_NMS_MIN    /* intersection over the smaller box, sides counted in whole pixels (+ 1), as
                     MTCNN's last stage does */
} um_nms_mode;

/**
 * Keeps the best of every group of boxes whose overlap exceeds `threshold`.
 *
 * @param keep receives the indices that stay, best score first; room for n. Equal scores keep the
 *             lower index first.
 * @param n_keep how many stay
 * @return UMCL_OK or UMCL_ERR_NOMEM
 */
umcl_status um_nms(size_t *keep, size_t *n_keep, const um_box *box, const float *score, size_t n,
                   float threshold, um_nms_mode mode);

#endif
