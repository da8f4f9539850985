#include "nn/init.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/str.h"

/* value = shift + scale * s */
typedef struct formula {
    uint64_t key, begin;
    double scale, shift;
    float *out;
} formula;

static uint64_t key_of(const char *salt, const char *prefix, const char *name)
{
    uint64_t h = um_fnv1a(UM_FNV_OFFSET, salt, strlen(salt));

    h = um_fnv1a(h, "/", 1);
    h = um_fnv1a(h, prefix, strlen(prefix));
    return um_fnv1a(h, name, strlen(name));
}

static void fill_range(void *ctx, size_t begin, size_t end)
{
    const formula *f = ctx;

    for (size_t i = begin; i < end; i++) {
        double s = 2 * um_rng_uniform_at(f->key, f->begin + i) - 1;

        f->out[i] = (float)(f->shift + f->scale * s);
    }
}

static void set_rule(formula *f, const char *name, const um_shape *s)
{
    const char *dot = strrchr(name, '.'), *last = dot ? dot + 1 : name;

    f->shift = 0;
    if (um_str_ends(name, "token_embedding.weight") || um_str_ends(name, "positional_embedding")) {
        f->scale = 0.02;
    } else if (um_str_starts(last, "bias") || um_str_ends(last, "_bias") ||
               !strcmp(last, "running_mean")) {
        f->scale = 0.1;
    } else if (!strcmp(last, "running_var")) { /* 1 + 0.5 u = 1.25 + 0.25 s */
        f->scale = 0.25;
        f->shift = 1.25;
    } else if (s->rank >= 2) {
        f->scale = sqrt(3.0 * (double)s->dim[0] / (double)um_shape_count(s));
    } else {
        f->scale = 0.1;
        f->shift = 1;
    }
}

umcl_status um_init_formula(um_params *set, const char *salt, const char *prefix)
{
    float *host = NULL;
    size_t room = 0;
    umcl_status st = UMCL_OK;

    for (size_t i = 0; i < um_params_count(set); i++) {
        um_param *p = um_params_at(set, i);
        size_t n = (size_t)um_shape_count(&p->value.shape);
        formula f = {.key = key_of(salt, prefix, p->name)};

        if (n > room) {
            UM_CHECK(um_realloc(&host, n, sizeof *host));
            room = n;
        }
        f.out = host;
        set_rule(&f, p->name, &p->value.shape);
        um_parallel_for(n, 1 << 14, fill_range, &f);
        UM_CHECK(um_param_set(set, p, host));
    }
done:
    free(host);
    return st;
}

void um_init_input(float *out, const char *salt, const char *name, uint64_t begin, size_t n)
{
    formula f = {.key = key_of(salt, "", name), .begin = begin, .scale = 1, .out = out};

    um_parallel_for(n, 1 << 14, fill_range, &f);
}
