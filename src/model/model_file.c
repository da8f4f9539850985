#include "model/model_file.h"

#include <string.h>

#include "base/str.h"
#include "model/arch.h"

static umcl_status check_shapes(const um_st_file *file, const char *name, const char *kind)
{
    um_arch *arch = NULL;
    um_str problems = UM_STR_INIT;
    umcl_status st;
    size_t n;

    UM_CHECK(um_arch_new(&arch, kind));
    UM_CHECK(um_arch_check(arch, file, &problems, &n));
    if (n) {
        problems.text[strcspn(problems.text, "\n")] = '\0';
        st = um_fail(UMCL_ERR_SHAPE, "%s: not the weights of %s: %s%s", name, kind, problems.text,
                     n > 1 ? " (and more)" : "");
    }
done:
    um_str_clear(&problems);
    um_arch_free(arch);
    return st;
}

static umcl_status check_weights(const um_st_file *file, const char *path, const char *kind)
{
    if (um_st_meta(file, UM_META_FORMAT))
        UM_TRY(um_model_file_check(file, path, kind));
    else
        UM_TRY(um_st_check_finite(file, path));
    return check_shapes(file, path, kind);
}

umcl_status um_weights_open(um_st_file **out, const char *path, const char *kind)
{
    um_st_file *file;
    umcl_status st;

    *out = NULL;
    UM_TRY(um_st_read(&file, path));
    st = check_weights(file, path, kind);
    if (st == UMCL_OK)
        *out = file;
    else
        um_st_free(file);
    return st;
}
