/*
 * Weights and inputs by formula: number i of a tensor is a function of a salt, the tensor's name
 * and i, so that two programs can run the same network without exchanging a file.
 *
 * u = um_rng_uniform_at(FNV-1a("salt/name"), i), s = 2u - 1, row-major i, computed in double:
 *   weight (rank >= 2)            s sqrt(3 / fan_in), fan_in the product of all but the first
 *   gain (rank 1, "..weight")     1 + 0.1 s
 *   bias, running_mean            0.1 s     (last part of the name starts or ends with "bias")
 *   running_var                   1 + 0.5 u
 *   token_embedding.weight, positional_embedding   0.02 s
 */
#ifndef UM_NN_INIT_H
#define UM_NN_INIT_H

#include "autograd/param.h"

/** Fills every parameter; `prefix` stands in front of its name in the formula. */
umcl_status um_init_formula(um_params *set, const char *salt, const char *prefix);

/** Numbers `begin` .. `begin + n - 1` of an input: s itself. */
void um_init_input(float *out, const char *salt, const char *name, uint64_t begin, size_t n);

#endif
