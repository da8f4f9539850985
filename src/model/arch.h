/*
 * The networks whose weights come in files: which parameters each has, by the names and shapes of
 * the public checkpoints. Import, export and loaders all check against this one table.
 */
#ifndef UM_MODEL_ARCH_H
#define UM_MODEL_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/safetensors.h"
#include "base/status.h"
#include "base/str.h"

#define UM_ARCH_MAX_PARTS 3

typedef struct um_arch_param {
    const char *name;
    int rank;
    int64_t dim[UM_ST_MAX_RANK];
    bool is_buffer; /* a running statistic: saved, but not trained */
} um_arch_param;

/** The parameters of one kind of network. */
typedef struct um_arch um_arch;

/**
 * @param kind "physformer", "lrnet", "clip-text", "mtcnn", "xception"
 * @return UMCL_ERR_NOT_FOUND (the sentence lists the kinds), UMCL_ERR_NOMEM
 */
umcl_status um_arch_new(um_arch **out, const char *kind);
void um_arch_free(um_arch *arch);

const char *um_arch_kind(const um_arch *arch);
size_t um_arch_count(const um_arch *arch);
const um_arch_param *um_arch_at(const um_arch *arch, size_t i);
const um_arch_param *um_arch_find(const um_arch *arch, const char *name); /* NULL: none */

/** Prefixes of the parts that public checkpoints come in (one file each); one "" if undivided. */
size_t um_arch_parts(const um_arch *arch, const char *prefix[UM_ARCH_MAX_PARTS]);

/** Is `name` something that a public checkpoint holds besides, which is not needed here? */
bool um_arch_ignores(const um_arch *arch, const char *name);

/** Kinds known, as "physformer, lrnet, ...". */
const char *um_arch_kinds(void);

/** One line for each parameter of `arch` that `file` lacks or has in another shape. */
umcl_status um_arch_check(const um_arch *arch, const um_st_file *file, um_str *problems,
                          size_t *n_problems);

/** Has `t` (NULL: absent) the shape of `p`? If not, adds "name: expected ..., found ...\n". */
bool um_arch_fits(const um_arch_param *p, const um_st_tensor *t, um_str *problems);

/** "[96, 3, 1, 5, 5]" into `s`. */
void um_dims_text(um_str *s, int rank, const int64_t *dim);

#endif
