#include "model/import.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arch.h"
#include "model/import_file.h"
#include "model/model_file.h"

typedef struct importer {
    um_arch *arch;
    float **data; /* [parameters], NULL: not met yet */
    um_str *problems;
    size_t n_problems;
} importer;

static const char *without_module(const char *name)
{
    while (um_str_starts(name, "module.")) name += strlen("module.");
    return name;
}

/* Early checkpoints of Xception keep kernels of 1 x 1 as matrices. */
static bool is_flat_kernel(const um_arch_param *p, const um_st_tensor *t)
{
    return p->rank == 4 && p->dim[2] == 1 && p->dim[3] == 1 && t->rank == 2 &&
           t->dim[0] == p->dim[0] && t->dim[1] == p->dim[1];
}

/* Notes what is wrong with `t`; `*p` is its parameter if nothing is. */
static void judge(importer *im, const um_st_tensor *t, const char *name, const um_arch_param **p)
{
    const um_arch_param *found = um_arch_find(im->arch, name);

    *p = NULL;
    if (!found) {
        um_str_printf(im->problems, "%s: unexpected, found ", name);
        um_dims_text(im->problems, t->rank, t->dim);
        um_str_append(im->problems, "\n");
    } else if (im->data[found - um_arch_at(im->arch, 0)]) {
        um_str_printf(im->problems, "%s: expected once, found again\n", name);
    } else if (t->type > UM_ST_BF16) {
        um_str_printf(im->problems, "%s: expected floating-point numbers, found %s\n", name,
                      um_st_type_name(t->type));
    } else if (is_flat_kernel(found, t) || um_arch_fits(found, t, im->problems)) {
        *p = found;
        return;
    }
    im->n_problems++;
}

static umcl_status take(importer *im, const um_st_tensor *t, const char *prefix)
{
    const char *own = without_module(t->name);
    um_str name = UM_STR_INIT;
    umcl_status st = UMCL_OK;
    const um_arch_param *p;
    float **data;

    if (um_arch_ignores(im->arch, own)) return UMCL_OK;
    um_str_printf(&name, "%s%s", prefix, own);
    UM_CHECK(um_str_status(&name));
    judge(im, t, name.text, &p);
    if (!p) {
        /* One that does not fit is not missing as well. */
        p = um_arch_find(im->arch, name.text);
        if (p && !im->data[p - um_arch_at(im->arch, 0)])
            UM_CHECK(um_calloc(&im->data[p - um_arch_at(im->arch, 0)], 1, sizeof(float)));
        goto done;
    }
    data = &im->data[p - um_arch_at(im->arch, 0)];
    UM_CHECK(um_calloc(data, t->count, sizeof(float)));
    UM_CHECK(um_st_to_f32(*data, t));
    for (size_t i = 0; i < t->count; i++) {
        if (isfinite((*data)[i])) continue;
        um_str_printf(im->problems, "%s: expected finite numbers, found %g at %zu\n", name.text,
                      (double)(*data)[i], i);
        im->n_problems++;
        break;
    }
done:
    um_str_clear(&name);
    return st;
}

static umcl_status take_file(importer *im, const char *path, const char *prefix)
{
    um_import_file *file;
    umcl_status st = UMCL_OK;

    UM_TRY(um_import_file_open(&file, path));
    for (size_t i = 0; i < um_import_file_count(file) && st == UMCL_OK; i++)
        st = take(im, um_import_file_at(file, i), prefix);
    um_import_file_close(file);
    return st;
}

static umcl_status take_files(importer *im, const char *const *path, size_t n)
{
    const char *prefix[UM_ARCH_MAX_PARTS], *kind = um_arch_kind(im->arch);
    size_t parts = um_arch_parts(im->arch, prefix);

    if (n != parts && n != 1)
        return um_fail(UMCL_ERR_INVALID, "%s: expected %zu file%s (or one with all names), got %zu",
                       kind, parts, parts == 1 ? "" : "s", n);
    for (size_t i = 0; i < n; i++) UM_TRY(take_file(im, path[i], n == parts ? prefix[i] : ""));
    for (size_t i = 0; i < um_arch_count(im->arch); i++)
        if (!im->data[i])
            im->n_problems += !um_arch_fits(um_arch_at(im->arch, i), NULL, im->problems);
    UM_TRY(um_str_status(im->problems));
    if (!im->n_problems) return UMCL_OK;
    return um_fail(UMCL_ERR_SHAPE, "%s: %zu of the tensors do not fit, the first: %.*s", kind,
                   im->n_problems, (int)strcspn(im->problems->text, "\n"), im->problems->text);
}

/* File names without their folders: paths say nothing to others. */
static void name_sources(um_str *s, const char *const *path, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *slash = strrchr(path[i], '/');

        um_str_printf(s, "%s%s", i ? ", " : "", slash ? slash + 1 : path[i]);
    }
}

static umcl_status write_model(const importer *im, const char *out_path, const char *sources,
                               bool half)
{
    const char *kind = um_arch_kind(im->arch);
    um_str made_by = UM_STR_INIT;
    um_st_writer *w = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    for (size_t i = 0; i < um_arch_count(im->arch); i++) {
        const um_arch_param *p = um_arch_at(im->arch, i);

        UM_CHECK(um_st_writer_add(w, p->name, UM_ST_F32, p->rank, p->dim, im->data[i]));
    }
    if (half) UM_CHECK(um_st_writer_halve(w));
    um_str_printf(&made_by, "umcl import %s%s, version " UMCL_VERSION, kind, half ? " --half" : "");
    UM_CHECK(um_str_status(&made_by));
    st = um_model_file_write(w, out_path, kind, "1", made_by.text, sources);
done:
    um_str_clear(&made_by);
    um_st_writer_free(w);
    return st;
}

umcl_status um_import(const char *out_path, const char *kind, const char *const *path,
                      size_t n_paths, bool half, um_str *problems)
{
    importer im = {.problems = problems};
    um_str sources = UM_STR_INIT;
    umcl_status st;

    UM_CHECK(um_arch_new(&im.arch, kind));
    UM_CHECK(um_calloc(&im.data, um_arch_count(im.arch), sizeof *im.data));
    UM_CHECK(take_files(&im, path, n_paths));
    name_sources(&sources, path, n_paths);
    UM_CHECK(um_str_status(&sources));
    st = write_model(&im, out_path, sources.text, half);
done:
    for (size_t i = 0; im.data && i < um_arch_count(im.arch); i++) free(im.data[i]);
    free(im.data);
    um_arch_free(im.arch);
    um_str_clear(&sources);
    return st;
}
