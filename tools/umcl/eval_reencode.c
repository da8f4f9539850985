#include "eval_reencode.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli.h"
#include "data/perturb_extract.h"
#include "file_list.h"

#define CROP_CRF                                                                                   \
    10 /* of the tracks' crops: their loss is small beside that of a video at CRF 23               \
        */

struct eval_reencoder {
    const char *command;
    const um_labels *labels;
    const char **path; /* [labels.count]; NULL: missing */
    file_list files;   /* of the folder */
    um_face_nets *nets;
    um_extract_options extract;
    um_str folder, cache, video;
    struct sigaction before[2];
    bool catches;
};

static const int signals[2] = {SIGINT, SIGTERM};
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static bool go_on(void *user)
{
    (void)user;
    return !interrupted;
}

/* A second signal ends the program at once. */
static void catch_signals(eval_reencoder *r)
{
    const struct sigaction act = {.sa_handler = interrupt, .sa_flags = SA_RESETHAND};

    interrupted = 0;
    for (int i = 0; i < 2; i++) sigaction(signals[i], &act, &r->before[i]);
    r->catches = true;
}

static umcl_status make_folder(eval_reencoder *r)
{
    const char *where = getenv("TMPDIR");

    um_str_printf(&r->folder, "%s/umcl-eval-XXXXXX", where && *where ? where : "/tmp");
    UM_TRY(um_str_status(&r->folder));
    if (!mkdtemp(r->folder.text)) {
        umcl_status st =
            um_fail(UMCL_ERR_IO, "%s: cannot create a temporary folder", r->folder.text);

        um_str_clear(&r->folder); /* nothing to remove */
        return st;
    }
    um_str_printf(&r->cache, "%s/tracks", r->folder.text);
    um_str_printf(&r->video, "%s/video.mp4", r->folder.text);
    UM_TRY(um_str_status(&r->cache));
    return um_str_status(&r->video);
}

static const char *in_folder(const file_list *files, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < files->count; i++) {
        const char *slash = strrchr(files->paths[i], '/');
        const char *start = slash ? slash + 1 : files->paths[i];
        const char *dot = strrchr(start, '.');

        if (!strncmp(start, name, n) && (dot ? (size_t)(dot - start) : strlen(start)) == n)
            return files->paths[i];
    }
    return NULL;
}

static umcl_status find_videos(eval_reencoder *r, const char *videos)
{
    const um_labels *labels = r->labels;
    size_t found = 0;

    UM_TRY(um_calloc(&r->path, labels->count, sizeof *r->path));
    if (videos && !um_is_dir(videos))
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected a folder of videos", videos);
    if (videos && !file_list_add(&r->files, r->command, videos))
        return um_fail(UMCL_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < labels->count; i++) {
        const um_label *l = &labels->items[i];

        if (videos)
            r->path[i] = in_folder(&r->files, l->name);
        else if (*l->path)
            r->path[i] = l->path;
        found += r->path[i] != NULL;
    }
    if (found) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID,
                   videos ? "%s: expected videos of the labels' names, found none"
                          : "labels: expected a column 'path' or --videos DIR, found neither%s",
                   videos ? videos : "");
}

umcl_status eval_reencoder_open(eval_reencoder **out, const char *command, const um_labels *labels,
                                const char *videos, bool crops)
{
    um_face_nets_options nets = UM_FACE_NETS_VIDEO;
    eval_reencoder *r = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_calloc(&r, 1, sizeof *r));
    r->command = command;
    r->labels = labels;
    r->extract = UM_EXTRACT_OPTIONS_INIT;
    r->extract.crops = crops;
    r->extract.crf = CROP_CRF;
    UM_CHECK(find_videos(r, videos));
    UM_CHECK(um_face_nets_open(&r->nets, &nets));
    catch_signals(r);
    UM_CHECK(make_folder(r));
    *out = r;
    r = NULL;
done:
    eval_reencoder_close(r);
    return st;
}

void eval_reencoder_close(eval_reencoder *r)
{
    if (!r) return;
    if (r->folder.text) um_dir_remove(r->folder.text);
    for (int i = 0; r->catches && i < 2; i++) sigaction(signals[i], &r->before[i], NULL);
    um_face_nets_free(r->nets);
    file_list_clear(&r->files);
    um_str_clear(&r->folder);
    um_str_clear(&r->cache);
    um_str_clear(&r->video);
    free(r->path);
    free(r);
}

const char *eval_reencoder_cache(const eval_reencoder *r)
{
    return r->cache.text;
}

static bool is_bad_file(umcl_status st)
{
    return st == UMCL_ERR_NOT_FOUND || st == UMCL_ERR_IO || st == UMCL_ERR_FORMAT ||
           st == UMCL_ERR_UNSUPPORTED;
}

/* What happens to a video: neither a rate factor nor a perturbation, and it stays as it is. */
typedef struct change {
    int crf; /* -1: none */
    const um_perturb *perturb;
    uint64_t seed;
} change;

static umcl_status follow(eval_reencoder *r, size_t i, const change *how)
{
    const char *path = r->path[i], *name = r->labels->items[i].name;

    um_dir_remove(r->cache.text);
    if (!go_on(NULL)) return um_fail(UMCL_ERR_CANCELLED, "interrupted");
    UM_TRY(um_mkdirs(r->cache.text));
    if (how->perturb) {
        const um_perturb_job job = {.perturb = how->perturb,
                                    .key = um_perturb_key(how->seed, name),
                                    .scratch = r->folder.text,
                                    .go_on = go_on};

        UM_TRY(um_perturb_extract(&job, path, r->cache.text, name, r->nets, &r->extract));
    } else {
        if (how->crf >= 0) {
            UM_TRY(um_reencode(path, r->video.text, how->crf, go_on, NULL));
            path = r->video.text;
        }
        UM_TRY(um_extract(path, r->cache.text, name, r->nets, &r->extract));
    }
    return go_on(NULL) ? UMCL_OK : um_fail(UMCL_ERR_CANCELLED, "interrupted");
}

static umcl_status make(eval_reencoder *r, size_t i, const change *how, const char **reason)
{
    umcl_status st;

    *reason = NULL;
    if (!r->path[i]) {
        cli_progress(NULL);
        fprintf(stderr, "no video of this name: %s\n", r->labels->items[i].name);
        *reason = "missing";
        return UMCL_OK;
    }
    st = follow(r, i, how);
    if (!is_bad_file(st)) return st;
    cli_fail(r->command);
    *reason = "unreadable";
    return UMCL_OK;
}

umcl_status eval_reencode(eval_reencoder *r, size_t i, int crf, const char **reason)
{
    return make(r, i, &(change){.crf = crf}, reason);
}

umcl_status eval_perturb(eval_reencoder *r, size_t i, const um_perturb *perturb, uint64_t seed,
                         const char **reason)
{
    return make(r, i, &(change){.crf = -1, .perturb = perturb, .seed = seed}, reason);
}
