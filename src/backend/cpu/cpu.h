/*
 * The CPU backend's kernels, one constant per operator (um_cpu_<stem>), one file per family.
 */
#ifndef UM_BACKEND_CPU_CPU_H
#define UM_BACKEND_CPU_CPU_H

#include "backend/backend.h"

#define X(id, stem, lo, hi, reads) extern const um_kernel um_cpu_##stem;
UM_OPS(X)
#undef X

/* What the running processor can do; detected once. */
typedef enum um_cpu_level { UM_CPU_PORTABLE, UM_CPU_AVX2, UM_CPU_AVX512 } um_cpu_level;

/** The best level, or the lower one that the environment variable UMCL_CPU names. */
um_cpu_level um_cpu_get_level(void);

#endif
