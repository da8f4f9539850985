/*
 * A step of joint training with all four modalities, every encoder trained, on takes that are cut
 * from a cache of crops and degraded on the way: seconds, clips a second, peak memory; beside it
 * the same networks and losses in PyTorch (bench/peers/joint.py) where /usr/bin/python3 has it.
 * Ours runs every pulse clip forward twice to hold one graph at a time; PyTorch holds them all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "clock.h"
#include "media/video.h"
#include "model/lrnet.h"
#include "peer.h"
#include "train/joint_step.h"

enum { N_TRACKS = 2, MAX_ROUNDS = 9 };

typedef struct settings {
    int batch, peer_batch, threads, rounds;
    bool alone;
} settings;

typedef struct data {
    char cache[64];
    um_stored_track stored;
    um_take_track tracks[N_TRACKS];
    um_take_plan plan;
    um_take_store store;
    um_prompt_table prompts;
} data;

static umcl_status write_crops(const char *cache, const char *name, int shade)
{
    const um_video_writer_options o = {.width = 128, .height = 128, .fps = 30, .crf = 14};
    um_video_writer *w = NULL;
    um_image crop = {0};
    char path[128];
    umcl_status st;

    snprintf(path, sizeof path, "%s/%s", cache, name);
    UM_CHECK(um_mkdirs(path));
    snprintf(path, sizeof path, "%s/%s/track1.mp4", cache, name);
    UM_CHECK(um_image_new(&crop, 128, 128, 3));
    UM_CHECK(um_video_writer_open(&w, path, &o));
    for (int i = 0; i < UM_WINDOW; i++) {
        for (size_t k = 0; k < (size_t)128 * crop.stride; k++)
            crop.data[k] = (uint8_t)(shade + (int)(k * 7 + (size_t)i * 13) % 97);
        UM_CHECK(um_video_writer_add(w, &crop));
    }
    st = um_video_writer_finish(w);
    w = NULL;
done:
    um_video_writer_abort(w);
    um_image_clear(&crop);
    return st;
}

static umcl_status make_data(data *d, int batch)
{
    static const char *const names[N_TRACKS] = {"real", "fake"};
    um_take_options o = UM_TAKE_OPTIONS_INIT;
    um_stored_track *t = &d->stored;

    snprintf(d->cache, sizeof d->cache, "/tmp/bench_train.%d", (int)getpid());
    *t = (um_stored_track){.id = 1, .n_frames = UM_WINDOW};
    UM_TRY(um_calloc(&t->landmarks, UM_WINDOW, sizeof *t->landmarks));
    UM_TRY(um_calloc(&t->crops, UM_WINDOW, sizeof *t->crops));
    for (int i = 0; i < UM_WINDOW; i++) {
        t->crops[i] = (um_box){0, 0, 128, 128};
        for (int k = 0; k < UM_N_LANDMARKS; k++) {
            t->landmarks[i].p[k][0] = (float)(20 + k % 10 * 9 + i % 3);
            t->landmarks[i].p[k][1] = (float)(20 + k / 10 * 13);
        }
    }
    for (size_t i = 0; i < N_TRACKS; i++) {
        UM_TRY(write_crops(d->cache, names[i], 60 * (int)i));
        d->tracks[i] = (um_take_track){d->cache, names[i], t, i, i, i};
    }
    o.pseudo = 0;
    UM_TRY(um_take_plan_new(&d->plan, d->tracks, N_TRACKS, &o));
    d->store = (um_take_store){.n = (size_t)batch, .options = o};
    UM_TRY(
        um_calloc(&d->store.landmarks, (size_t)batch * UM_WINDOW * UM_LRNET_INPUTS, sizeof(float)));
    return um_prompt_table_random(&d->prompts, 1);
}

static void clear_data(data *d)
{
    static const char *const paths[] = {"real/track1.mp4", "fake/track1.mp4", "real", "fake", ""};
    char path[128];

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(path, sizeof path, "%s/%s", d->cache, paths[i]);
        remove(path);
    }
    um_take_plan_clear(&d->plan);
    um_take_store_clear(&d->store);
    um_prompt_table_clear(&d->prompts);
    free(d->stored.landmarks);
    free(d->stored.crops);
}

static double peak_mb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1e3;
}

/* What one step of one side took: seconds, and seconds that its threads have computed together. */
typedef struct timing {
    double wall[MAX_ROUNDS], cpu[MAX_ROUNDS];
} timing;

static umcl_status one_step(timing *t, int round, um_params *params, um_joint *j,
                            const size_t *couples)
{
    double wall = bench_now(), cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    um_umcl_loss loss;

    UM_TRY(um_params_zero_grad(params));
    UM_TRY(um_joint_step(&loss, j, couples, 0, 1));
    t->wall[round] = bench_now() - wall;
    t->cpu[round] = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    return UMCL_OK;
}

/* False: it gave up, for want of memory as a rule. */
static bool peer_step(timing *t, int round, peer *p, int takes, double *memory)
{
    char command[32], rest[64], *end;

    snprintf(command, sizeof command, "step %d", takes);
    t->wall[round] = peer_ask_more(p, command, rest);
    t->cpu[round] = strtod(rest, &end);
    *memory = strtod(end, NULL);
    return t->wall[round] > 0;
}

static void print_side(const char *name, timing *t, int rounds, int clips, double memory)
{
    double wall = bench_median(t->wall, rounds), cpu = bench_median(t->cpu, rounds);

    printf("%s: %d clips in %.2f s (best %.2f), %.2f CPU s (best %.2f): %.3f clips/s, %.2f CPU s a "
           "clip, peak %.0f MB\n",
           name, clips, wall, t->wall[0], cpu, t->cpu[0], clips / wall, cpu / clips, memory);
}

/*
 * In turn with PyTorch, which keeps one graph of all its clips and is therefore given fewer of
 * them: both are compared by the clip. CPU seconds tell more than seconds on a machine that is
 * shared.
 */
static umcl_status measure(const settings *set, um_params *params, um_joint *j,
                           const size_t *couples, peer *p)
{
    int clips = UM_N_VIEWS * set->batch, peer_clips = UM_N_VIEWS * set->peer_batch;
    timing ours, theirs;
    double memory = 0;

    for (int i = 0; i < set->rounds; i++) {
        UM_TRY(one_step(&ours, i, params, j, couples));
        printf("round %d: umcl %.2f s (%.2f CPU s)", i + 1, ours.wall[i], ours.cpu[i]);
        fflush(stdout);
        if (p->pid > 0) {
            if (!peer_step(&theirs, i, p, set->peer_batch, &memory))
                return um_fail(UMCL_ERR_IO, "PyTorch gave up");
            printf(", PyTorch %.2f s (%.2f CPU s)", theirs.wall[i], theirs.cpu[i]);
        }
        puts("");
        fflush(stdout);
    }
    printf("%d threads, batch %d in both views\n", set->threads, set->batch);
    print_side("umcl", &ours, set->rounds, clips, peak_mb());
    if (p->pid <= 0) return UMCL_OK;
    print_side("PyTorch", &theirs, set->rounds, peer_clips, memory);
    printf("ratio by the clip: %.2f (CPU seconds %.2f)\n",
           bench_median(theirs.wall, set->rounds) / peer_clips /
               (bench_median(ours.wall, set->rounds) / clips),
           bench_median(theirs.cpu, set->rounds) / peer_clips /
               (bench_median(ours.cpu, set->rounds) / clips));
    return UMCL_OK;
}

static umcl_status bench(const settings *set)
{
    um_joint_options o = UM_JOINT_OPTIONS_INIT;
    size_t n_couples = (size_t)set->batch / 2, *couples = NULL;
    um_params *params = NULL;
    um_joint *j = NULL;
    peer p = {0};
    data d = {0};
    umcl_status st;

    o.set = (1u << UM_N_MODALITIES) - 1;
    o.trained = o.set & ~(1u << UM_TEXT);
    o.batch = set->batch;
    UM_CHECK(make_data(&d, set->batch));
    UM_CHECK(um_calloc(&couples, n_couples, sizeof *couples));
    for (size_t i = 0; i < n_couples; i++) couples[i] = i;
    UM_CHECK(um_params_new(&params, um_backend_cpu()));
    UM_CHECK(um_joint_new(&j, params, &d.store, &d.plan, &d.prompts, &o));
    if (!set->alone && !peer_open(&p, "joint.py", set->threads))
        printf("no PyTorch beside: /usr/bin/python3 cannot run the peer\n");
    st = measure(set, params, j, couples, &p);
done:
    peer_close(&p);
    um_joint_free(j);
    um_params_free(params);
    free(couples);
    clear_data(&d);
    return st;
}

static bool parse(int argc, char **argv, settings *set)
{
    for (int i = 1; i < argc; i++) {
        int *number = !strcmp(argv[i], "--threads")  ? &set->threads
                      : !strcmp(argv[i], "--rounds") ? &set->rounds
                                                     : NULL;

        if (!strcmp(argv[i], "--alone"))
            set->alone = true;
        else if (number && i + 1 < argc)
            *number = atoi(argv[++i]);
        else if (i == 1)
            set->batch = atoi(argv[i]);
        else
            return false;
    }
    return set->batch >= 2 && set->batch % 2 == 0 && set->peer_batch >= 2 &&
           set->peer_batch % 2 == 0 && set->threads >= 1 && set->rounds >= 1 &&
           set->rounds <= MAX_ROUNDS;
}

int main(int argc, char **argv)
{
    settings set = {.batch = 8, .peer_batch = 2, .threads = 2, .rounds = 1};

    if (!parse(argc, argv, &set)) {
        fprintf(stderr,
                "usage: bench_train [BATCH] [--peer-batch N] [--threads N] [--rounds N] [--alone]\n"
                "batches are even, rounds 1..%d; the defaults are 8, PyTorch 2, 2 threads, 1 "
                "round\n",
                MAX_ROUNDS);
        return 2;
    }
    um_threads_set(set.threads);
    if (bench(&set) == UMCL_OK) return 0;
    fprintf(stderr, "bench_train: %s\n", umcl_last_error());
    return 1;
}
