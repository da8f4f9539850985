/* Cached tracks (data/track_store.h) through the same windows as a video being watched. */
#ifndef UM_DETECT_CACHED_TRACK_H
#define UM_DETECT_CACHED_TRACK_H

#include "data/track_store.h"
#include "detect/track_windows.h"

/**
 * Scores the windows of a cached track, the judge's own stride apart. `out` is the caller's:
 * um_track_windows_clear.
 *
 * @param fake the track's label, which a judge opened with UM_POLICY_ORACLE reads and no other does
 * @return as um_judge_score, and where the judge looks at crops as um_crop_reader_open and _next
 */
umcl_status um_cached_track_score(um_track_windows *out, um_judge *judge, const char *cache,
                                  const char *video, const um_stored_track *track, bool fake);

/** What happens to a track before it is judged: the paper's Table 7. */
typedef struct um_track_damage {
    double lost; /* share of the crops, 0..1; a lost one shows the one before, the first stays */
    double landmark_noise; /* deviation of normal noise, in normalised coordinates; 0: none */
    uint64_t key;          /* names the noise; the video's and the frame's numbers add to it */
} um_track_damage;

#define UM_TRACK_DAMAGE_NONE ((um_track_damage){0})

/** The same with damage. */
umcl_status um_cached_track_score_damaged(um_track_windows *out, um_judge *judge, const char *cache,
                                          const char *video, const um_stored_track *track,
                                          bool fake, const um_track_damage *damage);

#endif
