/*
 * A step of joint training with all four modalities, every encoder trained, on takes that are cut
 * from a cache of crops and degraded on the way: seconds, clips a second, peak memory; beside it
 * the same networks and losses in PyTorch (bench/peers/joint.py) where /usr/bin/python3 has it.
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

enum { N_TRACKS = 2, STEPS = 3, THREADS = 2 };

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

static umcl_status one_step(double *seconds, um_params *params, um_joint *j, const size_t *couples)
{
    um_umcl_loss loss;
    double start = bench_now();

    UM_TRY(um_params_zero_grad(params));
    UM_TRY(um_joint_step(&loss, j, couples, 0, 1));
    *seconds = bench_now() - start;
    return UMCL_OK;
}

/* In turn with PyTorch; the first round of each warms up and is not counted. */
static umcl_status measure(um_params *params, um_joint *j, const size_t *couples, int batch,
                           peer *p)
{
    double ours[STEPS], theirs[STEPS], median;
    char command[32], memory[64] = "";

    snprintf(command, sizeof command, "step %d", batch);
    for (int i = -1; i < STEPS; i++) {
        UM_TRY(one_step(&ours[i < 0 ? 0 : i], params, j, couples));
        if (p->pid > 0) theirs[i < 0 ? 0 : i] = peer_ask_more(p, command, memory);
        printf("round %d: umcl %.2f s", i + 1, ours[i < 0 ? 0 : i]);
        if (p->pid > 0) printf(", PyTorch %.2f s", theirs[i < 0 ? 0 : i]);
        puts(i < 0 ? " (not counted)" : "");
        fflush(stdout);
    }
    median = bench_median(ours, STEPS);
    printf("batch %d x 2 views: umcl %.2f s (best %.2f), %.2f clips/s, peak %.0f MB\n", batch,
           median, ours[0], 2 * batch / median, peak_mb());
    if (p->pid > 0)
        printf("PyTorch %.2f s (best %.2f), peak %.0f MB; ratio %.2f (best %.2f)\n",
               bench_median(theirs, STEPS), theirs[0], strtod(memory, NULL),
               bench_median(theirs, STEPS) / median, theirs[0] / ours[0]);
    return UMCL_OK;
}

static umcl_status bench(int batch, bool beside)
{
    um_joint_options o = UM_JOINT_OPTIONS_INIT;
    size_t *couples = NULL;
    um_params *params = NULL;
    um_joint *j = NULL;
    peer p = {0};
    data d = {0};
    umcl_status st;

    o.set = (1u << UM_N_MODALITIES) - 1;
    o.trained = o.set & ~(1u << UM_TEXT);
    o.batch = batch;
    UM_CHECK(make_data(&d, batch));
    UM_CHECK(um_calloc(&couples, (size_t)batch / 2, sizeof *couples));
    for (size_t i = 0; i < (size_t)batch / 2; i++) couples[i] = i;
    UM_CHECK(um_params_new(&params, um_backend_cpu()));
    UM_CHECK(um_joint_new(&j, params, &d.store, &d.plan, &d.prompts, &o));
    if (beside && !peer_open(&p, "joint.py", THREADS))
        printf("no PyTorch beside: /usr/bin/python3 cannot run the peer\n");
    st = measure(params, j, couples, batch, &p);
done:
    peer_close(&p);
    um_joint_free(j);
    um_params_free(params);
    free(couples);
    clear_data(&d);
    return st;
}

int main(int argc, char **argv)
{
    bool beside = !(argc > 1 && !strcmp(argv[argc - 1], "--alone"));
    int n = argc - 1 - !beside, batch = n ? atoi(argv[1]) : 2;

    if (n > 1 || batch < 2 || batch % 2) {
        fputs("usage: bench_train [BATCH] [--alone]\n", stderr);
        return 2;
    }
    um_threads_set(THREADS);
    if (bench(batch, beside) == UMCL_OK) return 0;
    fprintf(stderr, "bench_train: %s\n", umcl_last_error());
    return 1;
}
