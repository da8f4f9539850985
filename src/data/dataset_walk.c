#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "data/dataset_reader.h"

typedef struct walk {
    um_dataset *d;
    um_dataset_visit visit;
    void *user;
    um_names seen; /* device:inode */
} walk;

/* Whether it is a folder where we have not been. */
static umcl_status is_new(walk *w, const char *folder, bool *yes)
{
    size_t before = w->seen.count;
    um_str full = UM_STR_INIT;
    struct stat info;
    char key[64];
    umcl_status st;

    *yes = false;
    UM_CHECK(um_dataset_path(&full, w->d, folder));
    if (stat(full.text, &info) != 0 || !S_ISDIR(info.st_mode)) goto done;
    snprintf(key, sizeof key, "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
    UM_CHECK(um_names_add(&w->seen, key, NULL));
    *yes = w->seen.count > before;
done:
    um_str_clear(&full);
    return st;
}

static umcl_status go(walk *w, const char *folder, int depth)
{
    um_str below = UM_STR_INIT;
    bool enough = false, unseen;
    um_dir dir = {0};
    umcl_status st;

    UM_CHECK(is_new(w, folder, &unseen));
    if (!unseen) goto done;
    UM_CHECK(um_dataset_dir(&dir, w->d, folder));
    UM_CHECK(w->visit(w->user, folder, &dir, &enough));
    for (size_t i = 0; !enough && depth > 0 && i < dir.count; i++) {
        um_str_clear(&below);
        um_str_printf(&below, "%s%s%s", folder, *folder ? "/" : "", dir.names[i]);
        UM_CHECK(um_str_status(&below));
        UM_CHECK(go(w, below.text, depth - 1));
    }
done:
    um_dir_clear(&dir);
    um_str_clear(&below);
    return st;
}

umcl_status um_dataset_walk(um_dataset *d, int depth, um_dataset_visit visit, void *user)
{
    walk w = {.d = d, .visit = visit, .user = user};
    umcl_status st = go(&w, "", depth);

    um_names_clear(&w.seen);
    return st;
}
