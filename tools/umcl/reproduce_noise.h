/* What Figure 7 shows: one source video under the disturbances of Table 7. */
#ifndef UM_TOOLS_REPRODUCE_NOISE_H
#define UM_TOOLS_REPRODUCE_NOISE_H

#include "data/face_clip.h"
#include "model/physformer.h"

#define RP_N_SHARES 5 /* of the crops that are seen, from all of them down */
#define RP_N_NOISES 3 /* of the landmarks, from none up */

extern const double rp_seen[RP_N_SHARES], rp_noise[RP_N_NOISES];

/** A stretch of a followed face, undisturbed and disturbed. */
typedef struct rp_noise_clip {
    um_face_clip clip;                 /* its crops; landmarks in pixels of the crop */
    size_t *shown[RP_N_SHARES];        /* [clip.n], the frame whose crop is seen */
    um_landmarks *shaken[RP_N_NOISES]; /* [clip.n], in pixels of the crop */
    float *point[RP_N_NOISES];         /* [clip.n], the nose's x, normalised coordinates */
    float wave[RP_N_SHARES][UM_PHYSFORMER_FRAMES];
    double agreement[RP_N_SHARES]; /* correlation with the first; NaN: a constant wave */
} rp_noise_clip;

/**
 * Reads the longest track of `video` in a cache, disturbs it as umcl eval --frame-share and
 * --landmark-noise do, and runs the shipped pulse encoder on each.
 *
 * @return UMCL_ERR_NOT_FOUND (no face), UMCL_ERR_INVALID (too short a track), else as reading
 */
umcl_status rp_noise_read(rp_noise_clip *out, const char *cache, const char *video);
void rp_noise_clear(rp_noise_clip *c);

#endif
