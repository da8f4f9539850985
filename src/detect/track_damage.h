/*
 * What happens to a track before it is judged: the paper's Table 7 and its Figure 7. Which crops
 * are lost and how landmarks shake is a function of the video's name and the frame's number.
 */
#ifndef UM_DETECT_TRACK_DAMAGE_H
#define UM_DETECT_TRACK_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "face/geometry.h"

typedef struct um_track_damage {
    double lost; /* share of the crops, 0..1; a lost one shows the one before, the first stays */
    double landmark_noise; /* deviation of normal noise, in normalised coordinates; 0: none */
    uint64_t key;          /* names the noise; the video's and the frame's numbers add to it */
} um_track_damage;

#define UM_TRACK_DAMAGE_NONE ((um_track_damage){0})

/** A damaged track on its way. */
typedef struct um_damaged_track {
    const um_track_damage *damage;
    uint64_t key;
    double unit; /* of normalised coordinates, pixels of the video */
} um_damaged_track;

/** `damage` is borrowed; landmarks: [n], the whole track's, pixels of the video. */
um_damaged_track um_damage_begin(const um_track_damage *damage, const char *video,
                                 const um_landmarks *landmarks, size_t n);

/** Whether this frame's crop is lost; the first never is. */
bool um_damage_loses(const um_damaged_track *d, size_t frame);

/** The frame's landmarks with their noise. */
um_landmarks um_damage_shake(const um_damaged_track *d, const um_landmarks *lm, size_t frame);

#endif
