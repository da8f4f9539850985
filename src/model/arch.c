#include "model/arch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct um_arch {
    const struct kind_row *kind;
    um_arch_param *param; /* [count], in the order of the network */
    um_arch_param **by_name;
    size_t count, cap;
    um_arena *arena; /* names */
    char scope[64];
    umcl_status status; /* of the first addition that failed; later ones do nothing */
};

/* Adds scope + `prefix` + `name` with the given dimensions. */
static void add(um_arch *a, const char *prefix, const char *name, int rank, ...)
{
    um_str full = UM_STR_INIT;
    um_arch_param *p;
    va_list ap;

    if (a->status == UMCL_OK && a->count == a->cap) {
        a->cap = a->cap ? 2 * a->cap : 64;
        a->status = um_realloc(&a->param, a->cap, sizeof *a->param);
    }
    if (a->status != UMCL_OK) return;
    um_str_printf(&full, "%s%s%s", a->scope, prefix, name);
    p = &a->param[a->count++];
    *p = (um_arch_param){.name = um_arena_strdup(a->arena, full.text), .rank = rank};
    va_start(ap, rank);
    for (int i = 0; i < rank; i++) p->dim[i] = va_arg(ap, int);
    va_end(ap);
    if (!p->name) a->status = um_fail(UMCL_ERR_NOMEM, "%s: out of memory", prefix);
    um_str_clear(&full);
}

static void add_norm(um_arch *a, const char *prefix, int width)
{
    add(a, prefix, ".weight", 1, width);
    add(a, prefix, ".bias", 1, width);
}

static void add_batch_norm(um_arch *a, const char *prefix, int width)
{
    add_norm(a, prefix, width);
    for (int i = 0; i < 2; i++) {
        add(a, prefix, i ? ".running_var" : ".running_mean", 1, width);
        if (a->status == UMCL_OK) a->param[a->count - 1].is_buffer = true;
    }
}

static void add_linear(um_arch *a, const char *prefix, int out, int in)
{
    add(a, prefix, ".weight", 2, out, in);
    add(a, prefix, ".bias", 1, out);
}

static void add_conv3d(um_arch *a, const char *prefix, int out, int in, int t, int h, int w)
{
    add(a, prefix, ".weight", 5, out, in, t, h, w);
    add(a, prefix, ".bias", 1, out);
}

/* What is added from here on gets this prefix; "" ends it. */
static void scope(um_arch *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(a->scope, sizeof a->scope, fmt, ap);
    va_end(ap);
}

/* One block: attention with temporal-difference q and k, then the spatio-temporal FFN. */
static void add_physformer_block(um_arch *a)
{
    enum { DIM = 96, FF = 144 };

    add(a, "attn.proj_q.0", ".conv.weight", 5, DIM, DIM, 3, 3, 3);
    add_batch_norm(a, "attn.proj_q.1", DIM);
    add(a, "attn.proj_k.0", ".conv.weight", 5, DIM, DIM, 3, 3, 3);
    add_batch_norm(a, "attn.proj_k.1", DIM);
    add(a, "attn.proj_v.0", ".weight", 5, DIM, DIM, 1, 1, 1);
    add_linear(a, "proj", DIM, DIM);
    add_norm(a, "norm1", DIM);
    add(a, "pwff.fc1.0", ".weight", 5, FF, DIM, 1, 1, 1);
    add_batch_norm(a, "pwff.fc1.1", FF);
    add(a, "pwff.STConv.0", ".weight", 5, FF, 1, 3, 3, 3);
    add_batch_norm(a, "pwff.STConv.1", FF);
    add(a, "pwff.fc2.0", ".weight", 5, DIM, FF, 1, 1, 1);
    add_batch_norm(a, "pwff.fc2.1", DIM);
    add_norm(a, "norm2", DIM);
}

static void add_physformer(um_arch *a)
{
    add_conv3d(a, "Stem0.0", 24, 3, 1, 5, 5);
    add_batch_norm(a, "Stem0.1", 24);
    add_conv3d(a, "Stem1.0", 48, 24, 3, 3, 3);
    add_batch_norm(a, "Stem1.1", 48);
    add_conv3d(a, "Stem2.0", 96, 48, 3, 3, 3);
    add_batch_norm(a, "Stem2.1", 96);
    add_conv3d(a, "patch_embedding", 96, 96, 4, 4, 4);
    for (int group = 1; group <= 3; group++)
        for (int i = 0; i < 4; i++) {
            scope(a, "transformer%d.blocks.%d.", group, i);
            add_physformer_block(a);
        }
    scope(a, "");
    add_conv3d(a, "upsample.1", 96, 96, 3, 1, 1);
    add_batch_norm(a, "upsample.2", 96);
    add_conv3d(a, "upsample2.1", 48, 96, 3, 1, 1);
    add_batch_norm(a, "upsample2.2", 48);
    add(a, "ConvBlockLast", ".weight", 3, 1, 48, 1);
    add(a, "ConvBlockLast", ".bias", 1, 1);
}

/* The two streams have the same parameters: g1 reads landmarks, g2 their differences. */
static void add_lrnet(um_arch *a)
{
    enum { INPUT = 136, UNITS = 32, FEATURE = 2 * UNITS };

    for (int stream = 1; stream <= 2; stream++) {
        scope(a, "g%d.", stream);
        add(a, "hidden_state", "", 3, 2, 1, UNITS);
        for (int i = 0; i < 2; i++) {
            const char *way = i ? "_reverse" : "";

            add(a, "gru.weight_ih_l0", way, 2, 3 * UNITS, INPUT);
            add(a, "gru.weight_hh_l0", way, 2, 3 * UNITS, UNITS);
            add(a, "gru.bias_ih_l0", way, 1, 3 * UNITS);
            add(a, "gru.bias_hh_l0", way, 1, 3 * UNITS);
        }
        add_linear(a, "dense.1.fn.net.0", FEATURE, FEATURE);
        add_linear(a, "dense.1.fn.net.3", FEATURE, FEATURE);
        add_linear(a, "dense.3", 2, FEATURE);
    }
}

static void add_clip_text(um_arch *a)
{
    enum { WIDTH = 512, CONTEXT = 77, VOCABULARY = 49408, LAYERS = 12 };

    add(a, "positional_embedding", "", 2, CONTEXT, WIDTH);
    add(a, "text_projection", "", 2, WIDTH, WIDTH);
    add(a, "token_embedding", ".weight", 2, VOCABULARY, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
        scope(a, "transformer.resblocks.%d.", i);
        add(a, "attn.in_proj", "_weight", 2, 3 * WIDTH, WIDTH);
        add(a, "attn.in_proj", "_bias", 1, 3 * WIDTH);
        add_linear(a, "attn.out_proj", WIDTH, WIDTH);
        add_norm(a, "ln_1", WIDTH);
        add_linear(a, "mlp.c_fc", 4 * WIDTH, WIDTH);
        add_linear(a, "mlp.c_proj", WIDTH, 4 * WIDTH);
        add_norm(a, "ln_2", WIDTH);
    }
    scope(a, "");
    add_norm(a, "ln_final", WIDTH);
}

static void add_conv2d(um_arch *a, const char *prefix, int out, int in, int size)
{
    add(a, prefix, ".weight", 4, out, in, size, size);
    add(a, prefix, ".bias", 1, out);
}

/* The cascade: proposals, refinement, output; PReLU has one slope a channel. */
static void add_mtcnn(um_arch *a)
{
    scope(a, "pnet.");
    add_conv2d(a, "conv1", 10, 3, 3);
    add(a, "prelu1", ".weight", 1, 10);
    add_conv2d(a, "conv2", 16, 10, 3);
    add(a, "prelu2", ".weight", 1, 16);
    add_conv2d(a, "conv3", 32, 16, 3);
    add(a, "prelu3", ".weight", 1, 32);
    add_conv2d(a, "conv4_1", 2, 32, 1);
    add_conv2d(a, "conv4_2", 4, 32, 1);

    scope(a, "rnet.");
    add_conv2d(a, "conv1", 28, 3, 3);
    add(a, "prelu1", ".weight", 1, 28);
    add_conv2d(a, "conv2", 48, 28, 3);
    add(a, "prelu2", ".weight", 1, 48);
    add_conv2d(a, "conv3", 64, 48, 2);
    add(a, "prelu3", ".weight", 1, 64);
    add_linear(a, "dense4", 128, 576);
    add(a, "prelu4", ".weight", 1, 128);
    add_linear(a, "dense5_1", 2, 128);
    add_linear(a, "dense5_2", 4, 128);

    scope(a, "onet.");
    add_conv2d(a, "conv1", 32, 3, 3);
    add(a, "prelu1", ".weight", 1, 32);
    add_conv2d(a, "conv2", 64, 32, 3);
    add(a, "prelu2", ".weight", 1, 64);
    add_conv2d(a, "conv3", 64, 64, 3);
    add(a, "prelu3", ".weight", 1, 64);
    add_conv2d(a, "conv4", 128, 64, 2);
    add(a, "prelu4", ".weight", 1, 128);
    add_linear(a, "dense5", 256, 1152);
    add(a, "prelu5", ".weight", 1, 256);
    add_linear(a, "dense6_1", 2, 256);
    add_linear(a, "dense6_2", 4, 256);
    add_linear(a, "dense6_3", 10, 256);
}

/* Each channel by itself, then all channels of a place. */
static void add_separable(um_arch *a, const char *prefix, int out, int in)
{
    add(a, prefix, ".conv1.weight", 4, in, 1, 3, 3);
    add(a, prefix, ".pointwise.weight", 4, out, in, 1, 1);
}

/* Separable convolutions `first`, `first` + 3 ..; the one that widens is the first or the last. */
static void add_xception_block(um_arch *a, int first, int layers, int out, int in, bool grow_last)
{
    char name[16];

    if (out != in) {
        add(a, "skip", ".weight", 4, out, in, 1, 1);
        add_batch_norm(a, "skipbn", out);
    }
    for (int i = 0; i < layers; i++) {
        int to = grow_last && i < layers - 1 ? in : out, from = grow_last || !i ? in : out;

        snprintf(name, sizeof name, "rep.%d", first + 3 * i);
        add_separable(a, name, to, from);
        snprintf(name, sizeof name, "rep.%d", first + 3 * i + 1);
        add_batch_norm(a, name, to);
    }
}

/* Without the last layer, which is its data set's. */
static void add_xception(um_arch *a)
{
    static const int width[] = {64, 128, 256, 728};

    add(a, "conv1", ".weight", 4, 32, 3, 3, 3);
    add_batch_norm(a, "bn1", 32);
    add(a, "conv2", ".weight", 4, 64, 32, 3, 3);
    add_batch_norm(a, "bn2", 64);
    for (int i = 1; i <= 12; i++) {
        scope(a, "block%d.", i);
        if (i <= 3)
            add_xception_block(a, i > 1, 2, width[i], width[i - 1], false);
        else if (i < 12)
            add_xception_block(a, 1, 3, 728, 728, false);
        else
            add_xception_block(a, 1, 2, 1024, 728, true);
    }
    scope(a, "");
    add_separable(a, "conv3", 1536, 1024);
    add_batch_norm(a, "bn3", 1536);
    add_separable(a, "conv4", 2048, 1536);
    add_batch_norm(a, "bn4", 2048);
}

/* Names, what builds the list, file parts, and prefixes of tensors that are left out. */
static const struct kind_row {
    const char *name;
    void (*build)(um_arch *a);
    const char *part[UM_ARCH_MAX_PARTS];
    const char *ignored[5];
} kinds[] = {
    {"physformer", add_physformer, {""}, {NULL}},
    {"lrnet", add_lrnet, {"g1.", "g2."}, {NULL}},
    {"clip-text",
     add_clip_text,
     {""},
     {"visual.", "logit_scale", "input_resolution", "context_length", "vocab_size"}},
    {"mtcnn", add_mtcnn, {"pnet.", "rnet.", "onet."}, {NULL}},
    {"xception", add_xception, {""}, {"fc.", "last_linear."}},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *um_arch_kinds(void)
{
    return "physformer, lrnet, clip-text, mtcnn, xception";
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const um_arch_param *const *)a)->name,
                  (*(const um_arch_param *const *)b)->name);
}

umcl_status um_arch_new(um_arch **out, const char *kind)
{
    um_arch *a = NULL;
    umcl_status st;
    size_t k = 0;

    *out = NULL;
    while (k < N_KINDS && strcmp(kinds[k].name, kind) != 0) k++;
    if (k == N_KINDS)
        return um_fail(UMCL_ERR_NOT_FOUND, "kind '%s': expected one of %s", kind, um_arch_kinds());
    UM_CHECK(um_calloc(&a, 1, sizeof *a));
    UM_CHECK(um_arena_new(&a->arena));
    a->kind = &kinds[k];
    a->kind->build(a);
    UM_CHECK(a->status);
    UM_CHECK(um_calloc(&a->by_name, a->count, sizeof *a->by_name));
    for (size_t i = 0; i < a->count; i++) a->by_name[i] = &a->param[i];
    qsort(a->by_name, a->count, sizeof *a->by_name, compare_names);
    *out = a;
    a = NULL;
done:
    um_arch_free(a);
    return st;
}

void um_arch_free(um_arch *arch)
{
    if (!arch) return;
    um_arena_free(arch->arena);
    free(arch->param);
    free(arch->by_name);
    free(arch);
}

const char *um_arch_kind(const um_arch *arch)
{
    return arch->kind->name;
}

size_t um_arch_count(const um_arch *arch)
{
    return arch->count;
}

const um_arch_param *um_arch_at(const um_arch *arch, size_t i)
{
    return &arch->param[i];
}

const um_arch_param *um_arch_find(const um_arch *arch, const char *name)
{
    um_arch_param key = {.name = name}, *k = &key, **hit;

    hit = bsearch(&k, arch->by_name, arch->count, sizeof k, compare_names);
    return hit ? *hit : NULL;
}

size_t um_arch_parts(const um_arch *arch, const char *prefix[UM_ARCH_MAX_PARTS])
{
    size_t n = 0;

    for (; n < UM_ARCH_MAX_PARTS && arch->kind->part[n]; n++) prefix[n] = arch->kind->part[n];
    return n;
}

bool um_arch_ignores(const um_arch *arch, const char *name)
{
    if (um_str_ends(name, "num_batches_tracked")) return true;
    for (size_t i = 0; i < sizeof arch->kind->ignored / sizeof arch->kind->ignored[0]; i++)
        if (arch->kind->ignored[i] && um_str_starts(name, arch->kind->ignored[i])) return true;
    return false;
}

umcl_status um_arch_check(const um_arch *arch, const um_st_file *file, um_str *problems,
                          size_t *n_problems)
{
    *n_problems = 0;
    for (size_t i = 0; i < arch->count; i++) {
        const um_arch_param *p = &arch->param[i];
        const um_st_tensor *t = um_st_find(file, p->name);

        *n_problems += !um_arch_fits(p, t, problems);
    }
    return um_str_status(problems);
}

bool um_arch_fits(const um_arch_param *p, const um_st_tensor *t, um_str *problems)
{
    if (t && t->rank == p->rank && !memcmp(t->dim, p->dim, (size_t)p->rank * sizeof p->dim[0]))
        return true;
    um_str_printf(problems, "%s: expected ", p->name);
    um_dims_text(problems, p->rank, p->dim);
    um_str_append(problems, t ? ", found " : ", found none");
    if (t) um_dims_text(problems, t->rank, t->dim);
    um_str_append(problems, "\n");
    return false;
}

void um_dims_text(um_str *s, int rank, const int64_t *dim)
{
    um_str_append(s, "[");
    for (int i = 0; i < rank; i++) um_str_printf(s, "%s%lld", i ? ", " : "", (long long)dim[i]);
    um_str_append(s, "]");
}
