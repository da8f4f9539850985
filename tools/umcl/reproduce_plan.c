/* What would be run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce_parts.h"

/* What time and room are reckoned by: docs/reproduction.md tells the commands that gave them. */
#define SECONDS_PER_CLIP 1.0  /* rendered */
#define SECONDS_PER_VIDEO 6.0 /* followed */
#define BYTES_PER_VIDEO 0.5e6 /* of the cache */
#define SECONDS_PER_TAKE 10.0 /* and epoch, both views, with the pulse encoder trained */
#define SECONDS_FROZEN 2.5    /* of a take, once, with the pulse encoder kept as it is */
#define SECONDS_PER_BASELINE 600.0
#define SECONDS_PER_TEST 1.5  /* of a video */
#define BYTES_PER_MODEL 180e6 /* with its checkpoints */
#define TEST_SHARE 0.14
/* umcl train's defaults. */
#define DEFAULT_TAKES 800
#define EPOCHS_PAPER 30
#define EPOCHS_UMCL 15

static const char *const kind_names[RP_N_KINDS] = {
    [RP_SYNTH] = "render a clip", [RP_LIST] = "list videos",     [RP_EXTRACT] = "follow faces",
    [RP_TRAIN] = "train a model", [RP_EVAL] = "measure a model", [RP_OTHER] = "other"};

typedef struct sums {
    size_t all, done, videos;
    double left, known; /* seconds of what is not done; of what is, by its records */
} sums;

static void print_time(double seconds)
{
    if (seconds < 90)
        printf("%.0f s", seconds);
    else if (seconds < 5400)
        printf("%.0f min", seconds / 60);
    else if (seconds < 2 * 86400)
        printf("%.0f h", seconds / 3600);
    else
        printf("%.0f days", seconds / 86400);
}

/* The value of an option of the step's; the last one counts. 0: it has none. */
static double option(const rp_step *s, const char *name)
{
    double value = 0;

    for (size_t i = 0; i + 1 < s->argc; i++)
        if (!strcmp(s->argv[i], name)) value = strtod(s->argv[i + 1], NULL);
    return value;
}

static double training(const rp_protocol *p, const rp_step *s)
{
    bool paper = !strcmp(p->set->preset, "paper");
    double takes = option(s, "--takes"), epochs = option(s, "--epochs");

    if (!s->resumes) return p->set->mini ? SECONDS_PER_CLIP : SECONDS_PER_BASELINE;
    if (!takes) takes = DEFAULT_TAKES;
    if (!epochs) epochs = paper ? EPOCHS_PAPER : EPOCHS_UMCL;
    return rp_freezes_pulse(p, s) ? takes * SECONDS_FROZEN : takes * epochs * SECONDS_PER_TAKE;
}

/* Videos of the cache that a step reads: --cache [QUALITY=]CACHE. */
static size_t videos_in(const rp_protocol *p, const rp_step *s)
{
    for (size_t i = 0; i + 1 < s->argc; i++)
        for (size_t k = 0; k < p->count; k++) {
            const char *cache = p->steps[k]->makes, *at = strstr(s->argv[i + 1], cache);

            if (!strcmp(s->argv[i], "--cache") && at && !strcmp(at, cache) &&
                (at == s->argv[i + 1] || at[-1] == '='))
                return p->steps[k]->videos;
        }
    return 0;
}

static double estimate(const rp_protocol *p, const rp_step *s)
{
    switch (s->kind) {
    case RP_SYNTH: return SECONDS_PER_CLIP;
    case RP_EXTRACT: return (double)s->videos * SECONDS_PER_VIDEO;
    case RP_TRAIN: return training(p, s);
    case RP_EVAL: return (double)videos_in(p, s) * TEST_SHARE * SECONDS_PER_TEST;
    default: return 0;
    }
}

static void print_kind(rp_kind kind, const sums *s)
{
    if (!s->all) return;
    printf("  %-16s %6zu", kind_names[kind], s->all);
    if (s->done) printf(", %zu done", s->done);
    if (s->videos) printf(", %zu videos", s->videos);
    if (s->left > 0) {
        printf(", about ");
        print_time(s->left);
    }
    putchar('\n');
}

static void print_commands(rp_protocol *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const rp_step *s = p->steps[i];

        if (s->kind != RP_SYNTH) printf("%s %s\n", s->done ? "[done]" : "      ", rp_command(p, s));
    }
}

umcl_status rp_print_plan(rp_protocol *p)
{
    sums of[RP_N_KINDS] = {0};
    double seconds = 0, bytes = 0;

    for (size_t i = 0; i < p->count; i++) {
        const rp_step *s = p->steps[i];
        sums *sum = &of[s->kind];

        sum->all++;
        sum->done += s->done;
        if (s->kind == RP_EXTRACT) sum->videos += s->videos;
        if (!s->done) sum->left += estimate(p, s);
        if (s->kind == RP_EXTRACT && !s->done) bytes += (double)s->videos * BYTES_PER_VIDEO;
        if (s->kind == RP_TRAIN && !s->done) bytes += BYTES_PER_MODEL;
    }
    print_commands(p);
    printf("\n%zu steps:\n", p->count);
    for (int k = 0; k < RP_N_KINDS; k++) {
        print_kind((rp_kind)k, &of[k]);
        seconds += of[k].left;
    }
    printf("in all about ");
    print_time(seconds);
    printf(" on one core, %.1f GB in %s (docs/reproduction.md tells what this is reckoned by)\n",
           bytes / 1e9, p->set->out);
    for (size_t i = 0; i < p->n_missing; i++) printf("not given, left out: %s\n", p->missing[i]);
    return p->failed ? um_fail(UMCL_ERR_NOMEM, "out of memory") : UMCL_OK;
}
