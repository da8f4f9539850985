/*
 * The real networks behind the face stream: MTCNN's cascade on an overview of the frame, and the
 * landmark network on each face. They run on one thread each: on nets this small the barriers of
 * parallel loops cost more than they save, and decoding has the other cores.
 */
#ifndef UM_FACE_NETS_H
#define UM_FACE_NETS_H

#include "face/face_models.h"
#include "face/mtcnn.h"

/** The shipped networks (base/paths.h). */
#define UM_FACE_DETECTOR_MODEL "models/face_detector.safetensors"
#define UM_FACE_LANDMARK_MODEL "models/face_landmarks.safetensors"

typedef struct um_face_nets um_face_nets;

typedef struct um_face_nets_options {
    const char *detector;  /* model file; NULL: the shipped one */
    const char *landmarks; /* likewise */
    int overview;          /* longer side of the picture that the detector sees, pixels */
    float min_face;        /* smallest face, pixels of the video */
    float threshold[3];    /* 0: the weights' own */
} um_face_nets_options;

/* Video: the detector runs often and need not see small faces. */
#define UM_FACE_NETS_VIDEO ((um_face_nets_options){.overview = 640, .min_face = 40})
/* Still pictures: at their own size. */
#define UM_FACE_NETS_PICTURE ((um_face_nets_options){.overview = 4096, .min_face = 40})

/** UMCL_ERR_NOT_FOUND (a model is missing), UMCL_ERR_INVALID, and as um_mtcnn_open. */
umcl_status um_face_nets_open(um_face_nets **out, const um_face_nets_options *options);
void um_face_nets_free(um_face_nets *nets);

/** Changes what the detector sees; the paths are ignored. */
umcl_status um_face_nets_tune(um_face_nets *nets, const um_face_nets_options *options);

/** For um_face_stream_new; borrows `nets`. */
um_face_models um_face_nets_models(um_face_nets *nets);

#endif
