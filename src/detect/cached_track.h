/* Cached tracks (data/track_store.h) through the same windows as a video being watched. */
#ifndef UM_DETECT_CACHED_TRACK_H
#define UM_DETECT_CACHED_TRACK_H

#include "data/track_store.h"
#include "detect/track_damage.h"
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

/** The same with damage. */
umcl_status um_cached_track_score_damaged(um_track_windows *out, um_judge *judge, const char *cache,
                                          const char *video, const um_stored_track *track,
                                          bool fake, const um_track_damage *damage);

#endif
