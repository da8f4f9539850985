/*
 * Qualities made on the fly: a labelled video is compressed anew or perturbed, its faces are
 * followed, and the tracks lie in a temporary cache until the next one. The temporary folder
 * ($TMPDIR, else /tmp) goes with the reencoder, also after an interrupt (SIGINT, SIGTERM), which
 * ends the work.
 */
#ifndef UM_TOOLS_EVAL_REENCODE_H
#define UM_TOOLS_EVAL_REENCODE_H

#include <stdint.h>

#include "data/labels.h"
#include "data/perturb.h"

typedef struct eval_reencoder eval_reencoder;

/**
 * @param command that speaks to the user; a literal
 * @param labels borrowed; where `videos` is NULL they have paths
 * @param videos folder below which each label's name is looked for; may be NULL
 * @param crops  whether crops are wanted
 * @return UMCL_ERR_INVALID (neither paths nor a folder), and as opening the face nets
 */
umcl_status eval_reencoder_open(eval_reencoder **out, const char *command, const um_labels *labels,
                                const char *videos, bool crops);
void eval_reencoder_close(eval_reencoder *r);

/** The temporary cache. */
const char *eval_reencoder_cache(const eval_reencoder *r);

/**
 * Puts label `i`'s video into the cache in one quality.
 *
 * @param crf    -1: the video as it is
 * @param reason NULL: done; else why there are no tracks, "missing" or "unreadable": the file was
 *               named on standard error
 * @return UMCL_ERR_CANCELLED (interrupted), UMCL_ERR_NOMEM and other faults that are not the file's
 */
umcl_status eval_reencode(eval_reencoder *r, size_t i, int crf, const char **reason);

/** The same for a perturbed video, with the randomness of `seed` and the video's name. */
umcl_status eval_perturb(eval_reencoder *r, size_t i, const um_perturb *perturb, uint64_t seed,
                         const char **reason);

#endif
