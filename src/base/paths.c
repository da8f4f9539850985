#include "base/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#ifndef UMCL_MODEL_DIR
#define UMCL_MODEL_DIR "/usr/local/share/umcl/models"
#endif

/* Folder of the running program without the final slash; false where the system hides it. */
static bool program_dir(char dir[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);
    char *slash;

    if (n <= 0) return false;
    dir[n] = '\0';
    slash = strrchr(dir, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

/* Sets `out` to dir/name; true if that is a file. Otherwise notes the place in `tried`. */
static bool try_place(um_str *out, um_str *tried, const char *dir, const char *name)
{
    um_str_clear(out);
    um_str_printf(out, "%s/%s", dir, name);
    if (um_str_status(out) != UMCL_OK) return false;
    if (um_is_file(out->text)) return true;
    um_str_printf(tried, "%s%s", tried->len ? ", " : "", dir);
    return false;
}

umcl_status um_find_data(um_str *out, const char *name)
{
    static const char models[] = "models/";
    const char *dir = getenv("UMCL_MODELS");
    const char *below = um_str_starts(name, models) ? name + sizeof models - 1 : NULL;
    um_str tried = UM_STR_INIT, share = UM_STR_INIT;
    char program[PATH_MAX];
    bool found = below && dir && *dir && try_place(out, &tried, dir, below);
    umcl_status st = UMCL_OK;

    if (!found && program_dir(program)) {
        um_str_printf(&share, "%s/../share/umcl", program);
        UM_CHECK(um_str_status(&share));
        found = try_place(out, &tried, share.text, name);
        um_str_clear(&share);
        um_str_printf(&share, "%s/share/umcl", program);
        UM_CHECK(um_str_status(&share));
        found = found || try_place(out, &tried, share.text, name);
    }
    if (!found && below) found = try_place(out, &tried, UMCL_MODEL_DIR, below);
    if (!found) {
        UM_CHECK(um_str_status(out));
        st = um_fail(UMCL_ERR_NOT_FOUND, "%s: not found; looked in %s (UMCL_MODELS names another)",
                     name, tried.text ? tried.text : "no folder");
    }
done:
    if (st != UMCL_OK) um_str_clear(out);
    um_str_clear(&share);
    um_str_clear(&tried);
    return st;
}
