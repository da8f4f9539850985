/*
 * The scale of the encoders' bodies: PhysFormer's tokens are of the order of 10, LRNet's states
 * below 1. A head that begins with all of them at variance 1 learns at one rate for all.
 */
#ifndef UM_TRAIN_STANDARDISE_H
#define UM_TRAIN_STANDARDISE_H

#include "train/take_store.h"

/**
 * Fills standard.<modality>.mean and .scale (model/head.h) of the modalities whose bodies the store
 * has and that are in `kinds`: each value gets mean 0 and variance 1 over all takes and both views.
 * The pulse's waveform is divided by one number, so that it stays a waveform. A value that hardly
 * varies is not blown up: deviations count as at least a tenth of the modality's usual one.
 *
 * @return UMCL_ERR_NOT_FOUND (`params` has no such parameters)
 */
umcl_status um_standardise(um_params *params, const um_take_store *store, um_modalities kinds);

/**
 * The same of encoders that are going to be trained, by what those of `params` give, as they begin,
 * of the first of `n` takes: 32 at most.
 *
 * @return as um_take_store_make and um_standardise
 */
umcl_status um_standardise_trained(um_params *params, const um_take_plan *plan, size_t n,
                                   um_modalities kinds);

#endif
