#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/str.h"
#include "cli.h"
#include "data/labels.h"
#include "data/track_store.h"
#include "face/landmark_text.h"
#include "face/stabilise.h"
#include "file_list.h"

#define MAX_JOBS 64

static const char help[] =
    "usage: umcl extract [OPTIONS] -o CACHE [FILE|FOLDER...]\n"
    "\n"
    "Follows the faces of videos once and keeps what training needs: per video a folder\n"
    "CACHE/<name>/ with landmarks, times and 128 x 128 crops of every track. Videos that are "
    "there\n"
    "already are passed over, so an interrupted run goes on where it was. A file that fails is\n"
    "named and does not stop the others.\n"
    "\n"
    "  -o, --out CACHE      the folder to fill\n"
    "  --no-crops           landmarks alone\n"
    "  --crf N              quality of the crops, 0..51 (default 14)\n"
    "  --text FOLDER        also write LRNet's text files, FOLDER/<name>_<track>.txt\n"
    "  --again              extract anew what is there already\n"
    "  --face-model FILE    another face detector (umcl import mtcnn)\n"
    "  --points-model FILE  another landmark network\n"
    "  --list FILE          also the paths in FILE, one a line\n"
    "  --labels CSV         also the videos of a list (umcl dataset list --csv), kept under the "
    "names\n"
    "                       that it gives them; umcl train and eval read the same list\n"
    "  -j, --jobs N         videos at a time (default: one per core)\n"
    "  -q, --quiet          no progress on standard error\n"
    "  -h, --help           this text\n"
    "\n"
    "example: umcl extract -o cache videos/\n"
    "\n"
    "Exit codes: 0 all done, 1 some videos failed, 2 usage.\n";

typedef struct settings {
    um_face_nets_options nets;
    um_extract_options extract;
    const char *cache, *text;
    const char *list; /* that the labels stand in */
    um_labels labels; /* come first */
    file_list files;
    int jobs;
    bool again, quiet;
} settings;

static size_t n_videos(const settings *set)
{
    return set->labels.count + set->files.count;
}

/* Shared by the workers. */
typedef struct queue {
    const settings *set;
    pthread_mutex_t lock;
    size_t next, done, kept, failed;
} queue;

/* Every worker has networks of its own. */
typedef struct worker {
    queue *q;
    um_face_nets *nets;
    pthread_t thread;
    bool started;
} worker;

static void name_of(char name[256], const char *path)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');
    int n = dot && dot > start ? (int)(dot - start) : (int)strlen(start);

    snprintf(name, 256, "%.*s", n < 240 ? n : 240, start);
}

static umcl_status write_text(const settings *set, const char *name)
{
    um_stored_video video;
    um_str path = UM_STR_INIT;
    float *rows = NULL;
    umcl_status st;

    UM_TRY(um_store_read(&video, set->cache, name));
    UM_CHECK(um_mkdirs(set->text));
    for (size_t i = 0; i < video.n_tracks; i++) {
        const um_stored_track *t = &video.tracks[i];
        free(rows);
        rows = malloc(t->n_frames * 2 * UM_N_LANDMARKS * sizeof *rows);
        if (!rows) {
            st = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", name);
            goto done;
        }
        um_landmarks_normalise(rows, t->landmarks, t->n_frames);
        um_str_clear(&path);
        um_str_printf(&path, "%s/%s_%d.txt", set->text, name, t->id);
        UM_CHECK(um_str_status(&path));
        UM_CHECK(um_landmark_text_write(path.text, rows, t->n_frames));
    }
done:
    free(rows);
    um_str_clear(&path);
    um_stored_video_clear(&video);
    return st;
}

static void report(queue *q, const char *path, umcl_status st, bool kept)
{
    pthread_mutex_lock(&q->lock);
    q->done++;
    q->kept += kept && st == UMCL_OK;
    q->failed += st != UMCL_OK;
    if (st != UMCL_OK) cli_fail("extract");
    if (!q->set->quiet) cli_progress("%zu/%zu  %s", q->done, n_videos(q->set), path);
    pthread_mutex_unlock(&q->lock);
}

/* The next video's path and the name that it gets in the cache; NULL: there is no more. */
static const char *take(queue *q, char name[256])
{
    const settings *set = q->set;
    const char *path = NULL;
    size_t i;

    pthread_mutex_lock(&q->lock);
    i = q->next < n_videos(set) ? q->next++ : SIZE_MAX;
    pthread_mutex_unlock(&q->lock);
    if (i < set->labels.count) {
        path = set->labels.items[i].path;
        snprintf(name, 256, "%s", set->labels.items[i].name);
    } else if (i != SIZE_MAX) {
        path = set->files.paths[i - set->labels.count];
        name_of(name, path);
    }
    return path;
}

static umcl_status extract(worker *w, const char *path, const char *name, bool *kept)
{
    const settings *set = w->q->set;

    *kept = !set->again && um_store_has(set->cache, name, set->extract.crops);
    if (!*kept) UM_TRY(um_extract(path, set->cache, name, w->nets, &set->extract));
    return set->text ? write_text(set, name) : UMCL_OK;
}

static void *work(void *user)
{
    worker *w = user;
    char name[256];

    um_threads_set(1);
    /* The first one has them already; where there is no memory for more, fewer work. */
    if (!w->nets && um_face_nets_open(&w->nets, &w->q->set->nets) != UMCL_OK) return NULL;
    for (const char *path; (path = take(w->q, name));) {
        bool kept;
        umcl_status st = extract(w, path, name, &kept);
        report(w->q, path, st, kept);
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    char x[256], y[256];

    name_of(x, *(char *const *)a);
    name_of(y, *(char *const *)b);
    return strcmp(x, y);
}

/* Two videos of one name would have one folder. */
static umcl_status check_names(const settings *set)
{
    const file_list *files = &set->files;
    char **sorted = NULL, name[256];
    umcl_status st = UMCL_OK;

    UM_TRY(um_calloc(&sorted, files->count, sizeof *sorted));
    if (files->count) memcpy(sorted, files->paths, files->count * sizeof *sorted);
    qsort(sorted, files->count, sizeof *sorted, by_name);
    for (size_t i = 1; i < files->count && st == UMCL_OK; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            st = um_fail(UMCL_ERR_INVALID, "%s and %s: expected names that differ", sorted[i - 1],
                         sorted[i]);
    for (size_t i = 0; i < files->count && st == UMCL_OK; i++) {
        name_of(name, files->paths[i]);
        if (um_labels_find(&set->labels, name))
            st =
                um_fail(UMCL_ERR_INVALID, "%s: its name stands in the labels too", files->paths[i]);
    }
    free(sorted);
    return st;
}

static umcl_status work_all(queue *q, worker *workers, int n)
{
    for (int i = 0; i < n; i++) workers[i].q = q;
    UM_TRY(um_face_nets_open(&workers[0].nets, &q->set->nets));
    for (int i = 1; i < n; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (int i = 1; i < n; i++)
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
    return UMCL_OK;
}

static int run(const settings *set)
{
    queue q = {.set = set, .lock = PTHREAD_MUTEX_INITIALIZER};
    worker workers[MAX_JOBS] = {0};
    int n = set->jobs > MAX_JOBS ? MAX_JOBS : set->jobs;
    umcl_status st;

    if ((size_t)n > n_videos(set)) n = (int)n_videos(set);
    if (!set->quiet) cli_progress("0/%zu", n_videos(set));
    UM_CHECK(check_names(set));
    if (set->list && !set->labels.count) {
        st = um_fail(UMCL_ERR_INVALID, "%s: expected rows of videos, found none", set->list);
        goto done;
    }
    UM_CHECK(um_mkdirs(set->cache));
    if (n > 0) UM_CHECK(work_all(&q, workers, n));
done:
    for (int i = 0; i < n; i++) um_face_nets_free(workers[i].nets);
    if (!set->quiet) cli_progress(NULL);
    if (st != UMCL_OK) return cli_fail("extract");
    printf("%zu videos: %zu extracted, %zu there already, %zu failed\n", n_videos(set),
           q.done - q.kept - q.failed, q.kept, q.failed);
    return q.failed || set->files.empty ? EXIT_SOME_FAILED : EXIT_DONE;
}

static int parse(int argc, char **argv, settings *set)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},
        {"no-crops", no_argument, NULL, 'n'},
        {"crf", required_argument, NULL, 'c'},
        {"text", required_argument, NULL, 't'},
        {"again", no_argument, NULL, 'a'},
        {"face-model", required_argument, NULL, 'f'},
        {"points-model", required_argument, NULL, 'p'},
        {"list", required_argument, NULL, 'L'},
        {"labels", required_argument, NULL, 'l'},
        {"jobs", required_argument, NULL, 'j'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int c;

    while (good && (c = getopt_long(argc, argv, "o:j:qh", options, NULL)) != -1) switch (c) {
        case 'o': set->cache = optarg; break;
        case 'n': set->extract.crops = false; break;
        case 'c': good = cli_int(&set->extract.crf, optarg, 0, 51); break;
        case 't': set->text = optarg; break;
        case 'a': set->again = true; break;
        case 'f': set->nets.detector = optarg; break;
        case 'p': set->nets.landmarks = optarg; break;
        case 'L':
            if (!file_list_add_from(&set->files, "extract", optarg))
                return cli_usage("extract", "--list: cannot read '%s'", optarg);
            break;
        case 'l':
            set->list = optarg;
            um_labels_clear(&set->labels);
            if (um_labels_read(&set->labels, optarg) != UMCL_OK) return cli_fail("extract");
            break;
        case 'j': good = cli_int(&set->jobs, optarg, 1, 1024); break;
        case 'q': set->quiet = true; break;
        case 'h': fputs(help, stdout); return -1;
        default: return cli_bad_option("extract");
        }
    if (!good) return cli_usage("extract", "'%s' is not a number, or out of range", optarg);
    for (int i = optind; i < argc; i++)
        if (!file_list_add(&set->files, "extract", argv[i]))
            return cli_usage("extract", "out of memory");
    for (size_t i = 0; i < set->labels.count; i++)
        if (!*set->labels.items[i].path)
            return cli_usage("extract", "--labels: '%s' has no path", set->labels.items[i].name);
    if (!set->cache || (!set->list && n_videos(set) + set->files.empty == 0))
        return cli_usage("extract", "expected -o CACHE and videos");
    return 0;
}

int cmd_extract(int argc, char **argv)
{
    settings set = {
        .nets = UM_FACE_NETS_VIDEO, .extract = UM_EXTRACT_OPTIONS_INIT, .jobs = um_threads()};
    int code = parse(argc, argv, &set);

    if (code == 0) code = run(&set);
    file_list_clear(&set.files);
    um_labels_clear(&set.labels);
    return code < 0 ? EXIT_DONE : code;
}
