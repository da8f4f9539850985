/*
 * PhysFormer on one clip of 160 frames: forward, and forward + backward, in turn with PyTorch
 * (bench/peers/physformer.py) where /usr/bin/python3 has it, so that both see the same machine.
 * --profile lists where the time goes instead. --one-thread gives both one thread and counts the
 * CPU time of that thread: figures that hold on a machine that others use.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/physformer.h"
#include "nn/init.h"
#include "peak.h"
#include "peer.h"

enum { FRAMES = UM_PHYSFORMER_FRAMES, FORWARDS = 9, STEPS = 5, MAX_ROUNDS = 16 };

static int threads = 2;
#define FORWARD_GFLOP 102.4 /* 51.2 G multiply-adds */

typedef struct net {
    um_graph *g;
    um_node *in, *waveform;
} net;

static umcl_status open_net(net *n, um_params *set, um_mode mode)
{
    um_physformer_out out;
    um_nn nn;

    UM_TRY(um_graph_new(&n->g, um_backend_cpu(), mode));
    nn = (um_nn){n->g, set, "", 0};
    n->in = um_input(n->g, "clip", UM_F32,
                     UM_SHAPE(1, FRAMES, UM_PHYSFORMER_SIZE, UM_PHYSFORMER_SIZE, 3));
    um_physformer(&out, &nn, n->in, 0.1f);
    UM_TRY(um_graph_status(n->g));
    n->waveform = out.waveform;
    um_output(n->g, out.waveform);
    UM_TRY(um_graph_compile(n->g));
    um_init_input(um_data(n->in), "bench", "clip", 0, (size_t)um_shape_count(um_node_shape(n->in)));
    return UMCL_OK;
}

static double now(void)
{
    return threads == 1 ? bench_cpu() : bench_now();
}

static umcl_status run_net(net *n, um_params *set, double *seconds)
{
    float ones[FRAMES];
    double start = now();

    UM_TRY(um_graph_forward(n->g));
    if (um_graph_mode(n->g) == UM_TRAIN) {
        for (int i = 0; i < FRAMES; i++) ones[i] = 1;
        UM_TRY(um_params_zero_grad(set));
        UM_TRY(um_write_grad(n->g, n->waveform, ones));
        UM_TRY(um_graph_backward(n->g));
    }
    *seconds = now() - start;
    return UMCL_OK;
}

/* One round of each warms up and is not counted. */
static umcl_status compare(net *n, um_params *set, peer *p, const char *what, const char *command,
                           int rounds, double *ours)
{
    double a[MAX_ROUNDS], b[MAX_ROUNDS], theirs;

    for (int i = -1; i < rounds; i++) {
        UM_TRY(run_net(n, set, &a[i < 0 ? 0 : i]));
        if (p->pid > 0) b[i < 0 ? 0 : i] = peer_ask(p, command);
    }
    *ours = bench_median(a, rounds);
    printf("%-20s umcl %.3f s (best %.3f)", what, *ours, a[0]);
    if (p->pid > 0) {
        theirs = bench_median(b, rounds);
        printf("   PyTorch %.3f s (best %.3f)   ratio %.2f (best %.2f)", theirs, b[0],
               theirs / *ours, b[0] / a[0]);
    }
    printf("   %.0f MB\n", (double)um_graph_memory(n->g) / 1e6);
    fflush(stdout);
    return UMCL_OK;
}

typedef struct line {
    char name[64];
    double forward, backward;
    int count;
} line;

static int slowest(const void *a, const void *b)
{
    const line *x = a, *y = b;
    double d = y->forward + y->backward - x->forward - x->backward;

    return (d > 0) - (d < 0);
}

/* Operators, those of one name and scope together. */
static umcl_status profile(net *n, um_params *set)
{
    line *lines;
    size_t count = um_graph_op_count(n->g);
    double seconds;

    um_graph_profile(n->g, true);
    for (int i = 0; i < 3; i++) UM_TRY(run_net(n, set, &seconds));
    UM_TRY(um_calloc(&lines, count, sizeof *lines));
    for (size_t i = 0; i < count; i++) {
        const char *name = um_graph_op_name(n->g, i, &lines[i].forward, &lines[i].backward);

        snprintf(lines[i].name, sizeof lines[i].name, "%zu %s", i, name);
    }
    qsort(lines, count, sizeof *lines, slowest);
    printf("%.1f ms in all; the slowest operators, forward and backward ms:\n", seconds * 1e3);
    for (size_t i = 0; i < count && i < 40; i++)
        printf("%9.2f %9.2f  %s\n", lines[i].forward, lines[i].backward, lines[i].name);
    free(lines);
    um_graph_profile(n->g, false);
    return UMCL_OK;
}

static umcl_status bench(um_params *set, bool profiling)
{
    net infer = {0}, train = {0};
    peer p = {0};
    double peak, seconds;
    umcl_status st;

    um_threads_set(threads);
    UM_CHECK(open_net(&infer, set, UM_INFER));
    if (profiling) {
        UM_CHECK(profile(&infer, set));
        UM_CHECK(open_net(&train, set, UM_TRAIN));
        st = profile(&train, set);
        goto done;
    }
    if (!peer_open(&p, "physformer.py", threads))
        printf("no PyTorch beside: /usr/bin/python3 cannot run the peer\n");
    peak = bench_peak_gflops(20);
    UM_CHECK(compare(&infer, set, &p, "forward", "forward", FORWARDS, &seconds));
    peak = fmax(peak, bench_peak_gflops(20));
    printf("%-20s %.1f GFLOP in %.3f s = %.0f GFLOP/s, %.0f %% of %.0f, the FMA peak\n", "",
           FORWARD_GFLOP, seconds, FORWARD_GFLOP / seconds, 100 * FORWARD_GFLOP / seconds / peak,
           peak);
    UM_CHECK(open_net(&train, set, UM_TRAIN));
    st = compare(&train, set, &p, "forward + backward", "train", STEPS, &seconds);
done:
    peer_close(&p);
    um_graph_free(infer.g);
    um_graph_free(train.g);
    return st;
}

int main(int argc, char **argv)
{
    um_params *set = NULL;
    bool profiling = false;
    umcl_status st;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--profile")) {
            profiling = true;
        } else if (!strcmp(argv[i], "--one-thread")) {
            threads = 1;
        } else {
            fputs("usage: bench_physformer [--one-thread] [--profile]\n", stderr);
            return 2;
        }
    }
    printf("PhysFormer, one clip of %d frames, %s\n", FRAMES,
           threads == 1 ? "CPU time of one thread" : "2 threads");
    st = um_params_new(&set, um_backend_cpu());
    if (st == UMCL_OK) st = bench(set, profiling);
    if (st != UMCL_OK) fprintf(stderr, "bench_physformer: %s\n", umcl_last_error());
    um_params_free(set);
    return st == UMCL_OK ? 0 : 1;
}
