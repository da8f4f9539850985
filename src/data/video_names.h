/*
 * What the names of videos say in FaceForensics++, DFD and Celeb-DF: who is seen, whose face was
 * put in, and the recording it was put into.
 */
#ifndef UM_DATA_VIDEO_NAMES_H
#define UM_DATA_VIDEO_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct um_video_name {
    char person[16];
    char source[16]; /* "": not a fake's name */
    char group[80];
} um_video_name;

/** "071" (real), "071_054" (target, source). */
bool um_video_name_ffpp(um_video_name *out, const char *name);

/** "02__kitchen_pan" (real), "02_06__kitchen_pan__U6MDWIHG" (target, source). */
bool um_video_name_dfd(um_video_name *out, const char *name);

/** "id0_0003" (real), "id0_id16_0003" (target, source: made from id0_0003), "00170" (YouTube). */
bool um_video_name_celebdf(um_video_name *out, const char *name);

/** Any of them; false leaves all fields empty. */
bool um_video_name_any(um_video_name *out, const char *name);

/** Copies a file's name without `ending`; false if it ends otherwise or does not fit. */
bool um_file_stem(char out[256], const char *file, const char *ending);

#endif
