/* Trainings and evaluations as steps. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "reproduce_parts.h"

const rp_system rp_umcl = {"umcl", "UMCL", "", true, NULL};
const rp_system rp_cpml = {"cpml", "CPML", "--fusion cpml", true, NULL};
const rp_system rp_lrnet = {"lrnet", "LRNet", "--model lrnet", false, NULL};
const rp_system rp_xception = {"xception", "Xception", "--model xception", false, NULL};
const rp_system rp_meso4 = {"meso4", "MesoNet (Meso-4)", "--model meso4", false, NULL};

/* On generated material: enough to pass through everything. */
static const struct {
    const char *joint, *lrnet, *pixels, *xception;
} short_options[] = {
    [RP_MINI_NONE] = {"", "", "", ""},
    [RP_MINI_SMALL] = {"--freeze p --takes 24 --batch 4 --head-rate 0.0003", "--steps 60 --batch 8",
                       "--epochs 2 --steps 8 --batch 8", ""},
    [RP_MINI_TINY] = {"--freeze p --epochs 1 --takes 2 --batch 2", "--steps 2 --batch 4",
                      "--epochs 1 --steps 2 --batch 4", "--side 32"},
};

bool rp_wanted(const rp_protocol *p, const rp_system *system)
{
    size_t n = strlen(system->id);

    if (!p->set->only) return true;
    for (const char *at = p->set->only; *at;) {
        size_t k = strcspn(at, ",");

        if (k == n && !strncmp(at, system->id, n)) return true;
        at += k + (at[k] == ',');
    }
    return false;
}

/* The paper learns from as many clips as it has videos: 712 a manipulation, and 712 reals. */
static void joint_options(rp_protocol *p, rp_step *s, const rp_videos *on)
{
    const rp_settings *set = p->set;

    rp_args(p, s, "--preset", set->preset, NULL);
    if (set->mini == RP_MINI_NONE && !strcmp(set->preset, "paper"))
        rp_args(p, s, "--takes", on->is_part ? "1424" : "3560", NULL);
    rp_words(p, s, short_options[set->mini].joint);
    if (set->train) rp_words(p, s, set->train);
}

bool rp_freezes_pulse(const rp_protocol *p, const rp_step *s)
{
    bool frozen = strcmp(p->set->preset, "paper") != 0;

    for (size_t i = 0; i + 1 < s->argc; i++)
        if (!strcmp(s->argv[i], "--freeze")) frozen = strchr(s->argv[i + 1], 'p') != NULL;
    return frozen;
}

/* Trainings that differ in their losses alone learn from the same takes, encoded once; what was
   encoded outlives an interruption. */
static void keep_takes(rp_protocol *p, rp_step *s, const rp_videos *on)
{
    char hex[65];
    um_sha256 h;

    um_sha256_start(&h);
    for (size_t i = 0; i < s->argc; i++)
        if (strcmp(s->argv[i], "--no-asa") != 0 && strcmp(s->argv[i], "--no-cqsl") != 0)
            um_sha256_add(&h, s->argv[i], strlen(s->argv[i]) + 1);
    um_sha256_finish(&h, hex);
    rp_args(p, s, "--takes-file",
            rp_text(p, "%s/takes/%s-%.8s.safetensors", p->set->out, on->id, hex), NULL);
}

rp_step *rp_train(rp_protocol *p, const rp_system *system, const rp_videos *on, uint64_t seed)
{
    const rp_settings *set = p->set;
    const char *name = rp_text(p, "%s-%s-seed%llu", system->file ? system->file : system->id,
                               on->id, (unsigned long long)seed);
    const char *model = rp_text(p, "%s/models/%s.safetensors", set->out, name);
    bool is_new;
    rp_step *s = rp_step_add(p, RP_TRAIN, rp_text(p, "train-%s", name), model, &is_new);

    if (!is_new) return s;
    s->seed = seed;
    s->resumes = system->joint;
    rp_args(p, s, "train", NULL);
    if (system->joint) joint_options(p, s, on);
    rp_words(p, s, system->options);
    if (!strcmp(system->options, rp_lrnet.options))
        rp_words(p, s, short_options[set->mini].lrnet);
    else if (!system->joint)
        rp_words(p, s, short_options[set->mini].pixels);
    if (!strcmp(system->options, rp_xception.options))
        rp_words(p, s, short_options[set->mini].xception);
    rp_args(p, s, "--seed", rp_text(p, "%llu", (unsigned long long)seed), "--cache", on->cache,
            "--labels", on->labels, NULL);
    if (system->joint && rp_freezes_pulse(p, s)) keep_takes(p, s, on);
    rp_args(p, s, "-q", "-o", model, NULL);
    if (system->joint)
        rp_args(p, s, "--log", rp_text(p, "%s/models/%s.log.jsonl", set->out, name), NULL);
    return s;
}

const char *rp_encodings(rp_protocol *p, const rp_step *model, const rp_videos *on)
{
    bool shared = p->set->mini || strcmp(p->set->preset, "paper") != 0;

    return rp_text(p, "%s/encodings/%s%s%s.safetensors", p->set->out,
                   shared ? "" : model->name + strlen("train-"), shared ? "" : "-on-", on->id);
}

rp_step *rp_eval(rp_protocol *p, const rp_step *model, const rp_videos *on, const char *variant,
                 const char *options)
{
    const char *name = rp_text(p, "%s-on-%s%s%s", model->name + strlen("train-"), on->id,
                               variant ? "-" : "", variant ? variant : "");
    const char *json = rp_text(p, "%s/eval/%s.json", p->set->out, name);
    bool is_new;
    rp_step *s = rp_step_add(p, RP_EVAL, rp_text(p, "eval-%s", name), json, &is_new);

    if (!is_new) return s;
    s->prints = true;
    s->labels = on->labels;
    s->split = "test";
    s->seed = model->seed;
    rp_args(p, s, "eval", model->makes, "--cache", on->cache, "--labels", on->labels, "--split",
            s->split, NULL);
    if (options) rp_words(p, s, options);
    if (model->resumes) rp_args(p, s, "--encodings", rp_encodings(p, model, on), NULL);
    rp_args(p, s, "--scores", rp_text(p, "%s/eval/%s.csv", p->set->out, name), "--json", NULL);
    return s;
}
