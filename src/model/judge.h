/*
 * The trained detector behind a verdict, of whatever kind: windows of a face in, probabilities out,
 * and the rule (model/rule.h) that belongs to them.
 */
#ifndef UM_MODEL_JUDGE_H
#define UM_MODEL_JUDGE_H

#include "model/modality.h"
#include "model/rule.h"
#include "model/umcl_net.h"
#include "model/window.h"

#define UM_LRNET_KIND "lrnet"

/* How landmarks and crops are prepared: what a model was trained on must be what it is given. */
#define UM_JUDGE_RECIPE                                                                            \
    "30 fps; 68 landmarks; Lucas-Kanade + Kalman; square 1.2 x mean face, 400 px, (p - 200) / 200"
#define UM_CROP_RECIPE "; crops 1.3 x face, 128 px"

#define UM_META_RECIPE "recipe" /* metadata: one of the above */

typedef struct um_judge_info {
    char kind[16], version[32], hash[80], recipe[160];
    char modalities[UM_N_MODALITIES + 1]; /* letters (model/modality.h) */
    int window;                           /* frames */
    int least;     /* a face with fewer is not judged; between them the window is reflected */
    int stride;    /* from one window to the next, by default */
    int crop_step; /* every so many-th crop is looked at; 0: none */
    um_rule rule;
    bool has_prompts; /* reads prompts, chosen by `policy` */
    um_prompt_policy policy;
} um_judge_info;

typedef struct um_judge um_judge;

/**
 * Reads a detector. A public LRNet checkpoint (imported, without our metadata) is taken as well:
 * scale 1, shift 0, threshold 0.5 and no band of doubt.
 *
 * @return UMCL_ERR_MISMATCH (another kind or recipe) and as um_model_file_open
 */
umcl_status um_judge_open(um_judge **out, const char *path);

/**
 * The same with another way to choose prompts than the file's; models without text have none to
 * choose. UM_POLICY_ORACLE reads the labels of windows: for measurements that say so, never for a
 * verdict. No file may ask for it.
 */
umcl_status um_judge_open_policy(um_judge **out, const char *path, um_prompt_policy policy);

/** The same with other prompts for a class as well (Table 8). NULL: as the file says. */
umcl_status um_judge_open_prompts(um_judge **out, const char *path, const um_prompt_policy *policy,
                                  const um_prompt_set *prompts);
void um_judge_free(um_judge *j);

/** A joint model's um_umcl_net_keep; of other models nothing is kept. */
umcl_status um_judge_keep(um_judge *j, um_body_store *store);
const um_judge_info *um_judge_get_info(const um_judge *j);

/** P(fake) of a window, and where `logit` is given the network's own log-odds. */
umcl_status um_judge_score(um_judge *j, const um_window *window, double *score, double *logit);

/**
 * The pulse's waveform [info.window] of the window that was scored last; NULL: this judge does not
 * look for a pulse.
 */
const float *um_judge_waveform(const um_judge *j);

/** The joint model's head with what it made of that window; NULL: this is no joint model. */
const um_head *um_judge_head(const um_judge *j);

#endif
