#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/model_meta.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/str.h"
#include "cli.h"
#include "face/crop.h"
#include "model/umcl_file.h"

static const char help[] =
    "usage: umcl cost MODEL [OPTIONS]\n"
    "\n"
    "What a joint model (umcl train) costs: the parameters and the floating point operations of\n"
    "its parts, counted, and the time of one window of 160 frames in each of them and the memory\n"
    "of the whole, measured here. The pictures are noise: what they show makes no difference. The\n"
    "text encoder is not run: its sentences are in the model file.\n"
    "\n"
    "Operations are those of convolutions, linear layers, matrix products (attention) and "
    "recurrent\n"
    "layers, a multiplication and its addition counted as two; norms, activations and pooling are\n"
    "not counted.\n"
    "\n"
    "  --repeat N     windows; the fastest counts (3)\n"
    "  --threads N    default: one per core\n"
    "  --json         schema umcl.cost/1\n"
    "  -h, --help     this text\n"
    "\n"
    "example: umcl cost mine.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

#define HEAD UM_N_MODALITIES /* the part behind the encoders */

typedef struct cost {
    int64_t parameters[UM_N_MODALITIES + 1];
    double ms[UM_N_MODALITIES + 1];
    um_flops flops[UM_N_MODALITIES + 1];
} cost;

static const char *part_name(int k)
{
    return k == HEAD ? "head" : um_modality_get((um_modality_kind)k)->name;
}

/* What training sets: neither running statistics, nor standardisation, nor the prompts' table. */
static void count(cost *out, const um_st_file *file)
{
    for (size_t i = 0; i < um_st_count(file); i++) {
        const um_st_tensor *t = um_st_at(file, i);
        int part = HEAD;

        if (um_str_starts(t->name, "standard.") || !strcmp(t->name, "prompts") ||
            strstr(t->name, "running_"))
            continue;
        for (int k = 0; k < UM_N_MODALITIES; k++) {
            const char *name = part_name(k);
            size_t n = strlen(name);

            if (!strncmp(t->name, name, n) && t->name[n] == '.') part = k;
        }
        out->parameters[part] += (int64_t)t->count;
    }
}

static void count_operations(cost *out, const um_umcl_model *m)
{
    for (int k = 0; k < UM_N_MODALITIES; k++)
        um_umcl_body_flops(&out->flops[k], m->net, (um_modality_kind)k);
    um_umcl_odds_flops(&out->flops[HEAD], m->net);
}

/* All of it: parameters, operations, time. */
typedef struct totals {
    int64_t parameters;
    double ms, mb;
    um_flops flops;
} totals;

static totals add_up(const cost *c)
{
    struct rusage usage;
    totals all = {0};

    for (int k = 0; k <= HEAD; k++) {
        all.parameters += c->parameters[k];
        all.ms += c->ms[k];
        for (int i = 0; i < UM_N_FLOPS; i++) all.flops.of[i] += c->flops[k].of[i];
    }
    getrusage(RUSAGE_SELF, &usage);
    all.mb = (double)usage.ru_maxrss / 1024;
    return all;
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void keep_least(double *least, double ms)
{
    if (*least == 0 || ms < *least) *least = ms;
}

static umcl_status run_once(cost *out, um_umcl_model *m, const um_window *window,
                            float *const body[UM_N_MODALITIES])
{
    double began, odds;

    for (int k = 0; k < UM_N_MODALITIES; k++) {
        um_modality_kind kind = (um_modality_kind)k;

        if (!um_has(m->spec.set, kind) || kind == UM_TEXT) continue;
        began = now_ms();
        UM_TRY(um_umcl_body(m->net, kind, window, body[k]));
        keep_least(&out->ms[k], now_ms() - began);
    }
    began = now_ms();
    UM_TRY(um_umcl_odds(m->net, (const float *const *)body, false, &odds));
    keep_least(&out->ms[HEAD], now_ms() - began);
    return UMCL_OK;
}

static umcl_status measure(cost *out, um_umcl_model *m, int repeat)
{
    int frames = um_modalities_window(m->spec.set), step = um_modalities_crop_step(m->spec.set);
    size_t n_bytes = step ? (size_t)(frames / step) * UM_CROP_SIDE * UM_CROP_SIDE * 3 : 1;
    size_t n_points = (size_t)frames * 136;
    float *points = NULL, *body[UM_N_MODALITIES] = {0};
    uint8_t *crops = NULL;
    um_window window = {.crop_step = step};
    umcl_status st;

    UM_CHECK(um_calloc(&points, n_points, sizeof *points));
    UM_CHECK(um_calloc(&crops, n_bytes, 1));
    for (size_t i = 0; i < n_points; i++) points[i] = (float)um_rng_uniform_at(1, i) - 0.5f;
    for (size_t i = 0; i < n_bytes; i++) crops[i] = (uint8_t)um_rng_at(2, i);
    for (int k = 0; k < UM_N_MODALITIES; k++)
        UM_CHECK(
            um_calloc(&body[k], (size_t)um_modality_get((um_modality_kind)k)->body, sizeof(float)));
    window.landmarks = points;
    window.crops = crops;
    for (int i = 0; i < repeat; i++) {
        crops[0]++; /* another clip: the pulse encoder takes up what it knows of the last ones */
        UM_CHECK(run_once(out, m, &window, body));
    }
done:
    for (int k = 0; k < UM_N_MODALITIES; k++) free(body[k]);
    free(points);
    free(crops);
    return st;
}

static bool is_shown(um_modalities set, int k)
{
    return k == HEAD || (um_has(set, (um_modality_kind)k) && k != UM_TEXT);
}

static void print_row(const char *name, int64_t parameters, const um_flops *flops, double ms)
{
    printf("%-12s %12lld %12.6f %12.2f\n", name, (long long)parameters, um_flops_all(flops) / 1e9,
           ms);
}

static void print_text(const cost *c, um_modalities set)
{
    totals all = add_up(c);

    printf("%-12s %12s %12s %12s\n", "part", "parameters", "GFLOP", "ms a window");
    for (int k = 0; k <= HEAD; k++)
        if (is_shown(set, k)) print_row(part_name(k), c->parameters[k], &c->flops[k], c->ms[k]);
    print_row("all", all.parameters, &all.flops, all.ms);
    for (int i = 0; i < UM_N_FLOPS; i++)
        printf("%s%s %.6f", i ? ", " : "GFLOP: ", um_flops_name((um_flops_kind)i),
               all.flops.of[i] / 1e9);
    printf("\n%.3f windows a second, %.0f MB of memory at most\n", 1e3 / all.ms, all.mb);
}

static json_t *operations(const um_flops *f)
{
    json_t *out = json_object();

    for (int i = 0; i < UM_N_FLOPS; i++)
        json_object_set_new(out, um_flops_name((um_flops_kind)i), json_real(f->of[i] / 1e9));
    return out;
}

static json_t *part_json(int64_t parameters, const um_flops *flops, double ms)
{
    return json_pack("{s:f, s:f, s:f, s:o}", "mega_parameters", (double)parameters / 1e6, "ms", ms,
                     "gflop", um_flops_all(flops) / 1e9, "gflop_by_operator", operations(flops));
}

static umcl_status print_json(const cost *c, um_modalities set)
{
    totals all = add_up(c);
    json_t *parts = json_object(), *doc, *rest;

    for (int k = 0; k <= HEAD; k++)
        if (is_shown(set, k))
            json_object_set_new(parts, part_name(k),
                                part_json(c->parameters[k], &c->flops[k], c->ms[k]));
    doc = json_pack("{s:s}", "schema", "umcl.cost/1");
    rest = part_json(all.parameters, &all.flops, all.ms);
    if (!doc || !rest || json_object_update(doc, rest) != 0 ||
        json_object_set_new(doc, "windows_per_second", json_real(1e3 / all.ms)) != 0 ||
        json_object_set_new(doc, "memory_mb", json_real(all.mb)) != 0 ||
        json_object_set_new(doc, "threads", json_integer(um_threads())) != 0 ||
        json_object_set_new(doc, "parts", parts) != 0) {
        json_decref(doc);
        json_decref(rest);
        return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory");
    }
    json_dumpf(doc, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(8));
    putchar('\n');
    json_decref(doc);
    json_decref(rest);
    return UMCL_OK;
}

static umcl_status run(const char *path, int repeat, bool json)
{
    um_st_file *file = NULL;
    um_umcl_model m = {0};
    cost c = {0};
    umcl_status st;

    UM_CHECK(um_model_file_open(&file, path, UM_UMCL_KIND));
    UM_CHECK(um_umcl_load(&m, file, path, NULL, NULL));
    count(&c, file);
    count_operations(&c, &m);
    UM_CHECK(measure(&c, &m, repeat));
    if (json)
        UM_CHECK(print_json(&c, m.spec.set));
    else
        print_text(&c, m.spec.set);
done:
    um_umcl_model_clear(&m);
    um_st_free(file);
    return st;
}

int cmd_cost(int argc, char **argv)
{
    static const struct option options[] = {
        {"repeat", required_argument, NULL, 'r'},
        {"threads", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, repeat = 3, threads = 0;
    bool json = false, good = true;

    while (good && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) switch (c) {
        case 'r': good = cli_int(&repeat, optarg, 1, 1000); break;
        case 't': good = cli_int(&threads, optarg, 1, 1024); break;
        case 'j': json = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("cost");
        }
    if (!good) return cli_usage("cost", "'%s' is not a number, or out of range", optarg);
    if (optind != argc - 1) return cli_usage("cost", "expected one model");
    if (threads) um_threads_set(threads);
    return run(argv[optind], repeat, json) == UMCL_OK ? EXIT_DONE : cli_fail("cost");
}
