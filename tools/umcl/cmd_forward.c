/*
 * umcl forward: one encoder on tensors from a file. Samples run one at a time, so that the memory
 * does not depend on their number.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "model/clip_text.h"
#include "model/lrnet.h"
#include "model/model_file.h"
#include "model/physformer.h"

static const char help[] =
    "usage: umcl forward KIND -w WEIGHTS -i IN -o OUT\n"
    "\n"
    "Runs one encoder on tensors from a safetensors file, to be checked against another program.\n"
    "WEIGHTS is a model file, or any safetensors file with the public checkpoint's names.\n"
    "\n"
    "  physformer  clip [B, 3, T, 128, 128]  -> waveform [B, T], tokens1..3 [B, 4T, 96]\n"
    "              T a multiple of 4; values (v - 127.5) / 128, channels B, G, R\n"
    "  lrnet       landmarks [B, T, 136]     -> feature [B, 128], prob [B, 2] (class 1 is fake)\n"
    "              names in WEIGHTS start with g1. and g2.\n"
    "  clip-text   tokens [B, 77] (I64)      -> embedding [B, 512], not normalised\n"
    "\n"
    "  -w, --weights FILE   the encoder's parameters\n"
    "  -i, --input FILE     safetensors with the input\n"
    "  -o, --output FILE    safetensors to write\n"
    "  -h, --help           this text\n"
    "\n"
    "example: umcl forward lrnet -w lrnet.safetensors -i in.safetensors -o out.safetensors\n"
    "\n"
    "Exit codes: 0 written, 1 not written, 2 usage.\n";

#define MAX_OUT 4

typedef struct result {
    const char *name;
    int rank;
    int64_t dim[3]; /* with the batch in front */
    um_node *node;
    float *data;
} result;

typedef struct job {
    const um_st_tensor *input;
    int64_t batch;
    um_params *set;
    um_graph *graph;
    um_nn nn;
    um_node *x;
    um_clip_text_in text;
    result out[MAX_OUT];
    int n_out;
} job;

typedef struct encoder {
    const char *kind, *input, *shape; /* shape: what messages expect */
    int rank;
    umcl_status (*record)(job *j);                            /* for one sample */
    umcl_status (*write)(job *j, const void *all, int64_t i); /* sample i of the input */
    bool integers;
} encoder;

static void add_result(job *j, const char *name, um_node *node, int rank, int64_t d1, int64_t d2)
{
    j->out[j->n_out++] = (result){name, rank, {j->batch, d1, d2}, node, NULL};
    um_output(j->graph, node);
}

static umcl_status misfit(const job *j, const encoder *e)
{
    char found[UM_SHAPE_TEXT] = "too many dimensions";

    if (j->input->rank <= UM_MAX_RANK) {
        um_shape s = {.rank = j->input->rank};

        for (int i = 0; i < s.rank; i++) s.dim[i] = j->input->dim[i];
        um_shape_text(found, &s);
    }
    return um_fail(UMCL_ERR_SHAPE, "%s: expected %s, found %s", e->input, e->shape, found);
}

static umcl_status record_physformer(job *j)
{
    static const char *const names[] = {"tokens1", "tokens2", "tokens3"};
    const int64_t *d = j->input->dim, n = d[2];
    um_physformer_out out;

    if (d[1] != 3 || n < 4 || n % 4 || n > 1 << 14 || d[3] != UM_PHYSFORMER_SIZE ||
        d[4] != UM_PHYSFORMER_SIZE)
        return UMCL_ERR_SHAPE;
    j->x = um_input(j->graph, "clip", UM_F32, UM_SHAPE(1, n, d[3], d[4], 3));
    um_physformer(&out, &j->nn, j->x, 0);
    UM_TRY(um_graph_status(j->graph));
    add_result(j, "waveform", out.waveform, 2, n, 0);
    for (int i = 0; i < 3; i++)
        add_result(j, names[i], out.tokens[i], 3, 4 * n, UM_PHYSFORMER_WIDTH);
    return UMCL_OK;
}

/* [3, T, 128, 128] -> [T, 128, 128, 3] */
static umcl_status write_clip(job *j, const void *all, int64_t i)
{
    int64_t plane = um_shape_count(um_node_shape(j->x)) / 3;
    const float *from = (const float *)all + i * plane * 3;
    float *to;
    umcl_status st;

    UM_TRY(um_calloc(&to, (size_t)plane * 3, sizeof *to));
    for (int c = 0; c < 3; c++)
        for (int64_t k = 0; k < plane; k++) to[k * 3 + c] = from[c * plane + k];
    st = um_write(j->graph, j->x, to);
    free(to);
    return st;
}

static umcl_status record_lrnet(job *j)
{
    const int64_t *d = j->input->dim;
    um_lrnet_out out;

    if (d[1] < 2 || d[2] != UM_LRNET_INPUTS) return UMCL_ERR_SHAPE;
    j->x = um_input(j->graph, "landmarks", UM_F32, UM_SHAPE(1, d[1], d[2]));
    um_lrnet(&out, &j->nn, j->x, (um_lrnet_options){0});
    UM_TRY(um_graph_status(j->graph));
    add_result(j, "feature", out.feature, 2, UM_LRNET_FEATURE, 0);
    add_result(j, "prob", out.prob, 2, 2, 0);
    return UMCL_OK;
}

static umcl_status write_landmarks(job *j, const void *all, int64_t i)
{
    return um_write(j->graph, j->x, (const float *)all + i * um_shape_count(um_node_shape(j->x)));
}

static umcl_status record_clip_text(job *j)
{
    um_node *y;

    if (j->input->dim[1] != UM_CLIP_CONTEXT) return UMCL_ERR_SHAPE;
    y = um_clip_text(&j->text, &j->nn, 1);
    UM_TRY(um_graph_status(j->graph));
    add_result(j, "embedding", y, 2, UM_CLIP_WIDTH, 0);
    return UMCL_OK;
}

static umcl_status write_tokens(job *j, const void *all, int64_t i)
{
    return um_clip_text_write(j->graph, &j->text, (const int64_t *)all + i * UM_CLIP_CONTEXT);
}

static const encoder encoders[] = {
    {"physformer", "clip", "[B, 3, T, 128, 128] with T a multiple of 4", 5, record_physformer,
     write_clip, false},
    {"lrnet", "landmarks", "[B, T >= 2, 136]", 3, record_lrnet, write_landmarks, false},
    {"clip-text", "tokens", "[B, 77]", 2, record_clip_text, write_tokens, true},
};

static umcl_status run_samples(job *j, const encoder *e, const void *all)
{
    for (int k = 0; k < j->n_out; k++) {
        result *r = &j->out[k];
        size_t n = (size_t)um_shape_count(um_node_shape(r->node));

        UM_TRY(um_calloc(&r->data, (size_t)j->batch * n, sizeof(float)));
    }
    for (int64_t i = 0; i < j->batch; i++) {
        cli_progress("sample %lld of %lld", (long long)i, (long long)j->batch);
        UM_TRY(e->write(j, all, i));
        UM_TRY(um_graph_forward(j->graph));
        for (int k = 0; k < j->n_out; k++) {
            result *r = &j->out[k];

            UM_TRY(
                um_read(j->graph, r->node, r->data + i * um_shape_count(um_node_shape(r->node))));
        }
    }
    cli_progress(NULL);
    return UMCL_OK;
}

static umcl_status write_results(const job *j, const char *path)
{
    um_st_writer *w = NULL;
    umcl_status st;

    UM_CHECK(um_st_writer_new(&w));
    for (int k = 0; k < j->n_out; k++) {
        const result *r = &j->out[k];

        UM_CHECK(um_st_writer_add(w, r->name, UM_ST_F32, r->rank, r->dim, r->data));
    }
    st = um_st_write(w, path);
done:
    um_st_writer_free(w);
    return st;
}

static umcl_status find_input(job *j, const encoder *e, const um_st_file *file, const char *path)
{
    j->input = um_st_find(file, e->input);
    if (!j->input)
        return um_fail(UMCL_ERR_NOT_FOUND, "%s: expected a tensor \"%s\" %s", path, e->input,
                       e->shape);
    if (j->input->rank != e->rank || j->input->dim[0] < 1) return misfit(j, e);
    j->batch = j->input->dim[0];
    return UMCL_OK;
}

/* The input as floats or 64-bit integers. */
static umcl_status convert(void **all, const job *j, const encoder *e)
{
    UM_TRY(um_calloc(all, j->input->count, e->integers ? sizeof(int64_t) : sizeof(float)));
    return e->integers ? um_st_to_i64(*all, j->input) : um_st_to_f32(*all, j->input);
}

static umcl_status forward(const encoder *e, const char *weights, const char *in, const char *out)
{
    um_st_file *wf = NULL, *xf = NULL;
    void *all = NULL;
    job j = {0};
    umcl_status st;

    UM_CHECK(um_st_read(&xf, in));
    UM_CHECK(find_input(&j, e, xf, in));
    UM_CHECK(um_weights_open(&wf, weights, e->kind));
    UM_CHECK(um_params_new(&j.set, um_backend_cpu()));
    UM_CHECK(um_graph_new(&j.graph, um_backend_cpu(), UM_INFER));
    j.nn = (um_nn){j.graph, j.set, "", 0};
    st = e->record(&j);
    if (st != UMCL_OK) {
        if (um_graph_status(j.graph) == UMCL_OK) misfit(&j, e);
        goto done;
    }
    UM_CHECK(um_params_load(j.set, wf, ""));
    UM_CHECK(um_graph_compile(j.graph));
    UM_CHECK(convert(&all, &j, e));
    UM_CHECK(run_samples(&j, e, all));
    st = write_results(&j, out);
done:
    for (int k = 0; k < j.n_out; k++) free(j.out[k].data);
    free(all);
    um_graph_free(j.graph);
    um_params_free(j.set);
    um_st_free(wf);
    um_st_free(xf);
    return st;
}

int cmd_forward(int argc, char **argv)
{
    static const struct option options[] = {{"weights", required_argument, NULL, 'w'},
                                            {"input", required_argument, NULL, 'i'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *weights = NULL, *in = NULL, *out = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "w:i:o:h", options, NULL)) != -1) {
        switch (c) {
        case 'w': weights = optarg; break;
        case 'i': in = optarg; break;
        case 'o': out = optarg; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("forward");
        }
    }
    if (argc - optind != 1) return cli_usage("forward", "expected one kind of encoder");
    if (!weights || !in || !out) return cli_usage("forward", "expected -w, -i and -o");
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
        if (strcmp(argv[optind], encoders[i].kind) != 0) continue;
        if (forward(&encoders[i], weights, in, out) != UMCL_OK) return cli_fail("forward");
        fprintf(stderr, "umcl forward: wrote %s\n", out);
        return EXIT_DONE;
    }
    return cli_usage("forward", "expected physformer, lrnet or clip-text, found %s", argv[optind]);
}
