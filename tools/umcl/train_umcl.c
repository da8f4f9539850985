#include "train_umcl.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "cli.h"

static const char help[] =
    "usage: umcl train --cache CACHE --labels CSV -o MODEL [OPTIONS]\n"
    "       umcl train --model lrnet ...   (umcl train --model lrnet --help)\n"
    "       umcl train --model meso4 ...   (umcl train --model meso4 --help; also xception)\n"
    "\n"
    "Trains UMCL on cached tracks (umcl extract): encoders of several modalities, projected to a\n"
    "common space, aligned with each other (ASA) and between a high- and a low-quality view of "
    "the\n"
    "same clip (CQSL), and a classifier on all of them. Labels: a CSV with the columns name (or\n"
    "path) and label (real, fake), and where known person, split and confidence.\n"
    "\n"
    "Data\n"
    "  --cache CACHE         a folder that umcl extract filled; several may be given, say of "
    "several\n"
    "                        compressions of the same videos\n"
    "  --labels CSV\n"
    "  --split NAME          rows to learn from (train)\n"
    "  --validate NAME       rows to choose the epoch and calibrate by (val); none: do without\n"
    "  --any-confidence      also use labels whose confidence is not 'high'\n"
    "  --takes N             windows to learn from (800), half of them real\n"
    "  --takes-seed N        which ones, and how they are augmented (1)\n"
    "  --takes-file FILE     keep what the frozen encoders make of them; a later run takes it "
    "from\n"
    "                        there, an interrupted one goes on\n"
    "  --encode LETTERS      run these encoders on the takes, too: a file for several ablations; p "
    "and x\n"
    "                        take windows of 160 frames, so --modalities must hold one of them\n"
    "  --pseudo-fakes RATIO  share of the takes made by blending real faces\n"
    "  --contrast X          of pseudo-fakes with their reals, 0..2 (1)\n"
    "  --strength X          of the augmentation of crops, 0..2\n"
    "  --views NAME          the low-quality view: synthetic, or codec (H.264 at CRF 23 and 40)\n"
    "  --factor X            loss of resolution of the synthetic view (4)\n"
    "  --sigma X             noise of its landmarks, in normalised coordinates (0.01)\n"
    "\n"
    "Model\n"
    "  --preset NAME         umcl (default) or paper: where the options below begin\n"
    "  --fusion NAME         umcl (default), or cpml: the baseline the paper compares with, which "
    "lets\n"
    "                        landmarks attend to the pulse and reads the prompt; it joins plt and\n"
    "                        begins from the preset paper, with every view's prompt its class's, "
    "--alpha 0.2\n"
    "                        and --dropout 0.5 of what landmarks and pulse make jointly\n"
    "  --modalities LETTERS  of p (pulse), l (landmarks), t (text), x (texture)\n"
    "  --pulse FILE, --landmarks FILE, --texture FILE\n"
    "                        pre-trained encoders (default: those that ship)\n"
    "  --fresh LETTERS       encoders that begin untrained\n"
    "  --freeze LETTERS      encoders that stay as they are ('' or none: every one is trained)\n"
    "  --rate-scale K=X,...  learning rate of an encoder, relative (e.g. p=0.1,l=1)\n"
    "  --text FILE --vocab FILE\n"
    "                        CLIP's text encoder (umcl import clip-text) and vocabulary; without\n"
    "                        them a builtin one with weights by formula\n"
    "  --prompts SET         that stand for a class: simple, description, unrelated, opposite\n"
    "  --class-prompts X     share of the views that get one; the others' say nothing (0.5)\n"
    "  --policy NAME         prompt when no label is known: neutral (default) or marginal\n"
    "  --no-asa, --no-cqsl   leave a loss out\n"
    "                        (with cpml --no-asa: its agreement with the prompts)\n"
    "  --alpha X, --beta X   their weights, of CQSL and ASA (0.25)\n"
    "  --affinity NAME       cosine (default), relu-cosine, sigmoid\n"
    "  --dropout X           of the encoders' features\n"
    "  --raw-features        do not standardise what the encoders give at the start\n"
    "  --start X             initial classifier, relative to a fresh layer\n"
    "\n"
    "Training\n"
    "  --epochs N            over the takes\n"
    "  --batch N             takes in a batch, even (8), each in both views\n"
    "  --accumulate N        batches to an update (1)\n"
    "  --learning-rate X     along a cosine to 0\n"
    "  --head-rate X         the first tenth of the steps (paper: 0.001)\n"
    "  --weight-decay X, --clip X (5)\n"
    "  --patience N          end after so many epochs without a better validation (0: never)\n"
    "  --resume              go on from MODEL.last, with the same options\n"
    "  --half                write the result in half precision\n"
    "  --log FILE            a line of JSON every ten steps and every epoch\n"
    "  --seed N (1), --threads N, -q\n"
    "  -o, --out MODEL       the best epoch, calibrated; MODEL.last and MODEL.best on the way\n"
    "\n"
    "example: umcl train --cache cache --labels labels.csv -o mine.safetensors\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 usage.\n";

/* Options without a letter of their own. */
enum {
    O_CACHE = 256,
    O_LABELS,
    O_SPLIT,
    O_VALIDATE,
    O_ANY,
    O_TAKES,
    O_TAKES_SEED,
    O_FILE,
    O_ENCODE,
    O_PSEUDO,
    O_CONTRAST,
    O_STRENGTH,
    O_VIEWS,
    O_FACTOR,
    O_SIGMA,
    O_PRESET,
    O_FUSION,
    O_SET,
    O_PULSE,
    O_LANDMARKS,
    O_TEXTURE,
    O_FRESH,
    O_FREEZE,
    O_SCALE,
    O_TEXT,
    O_VOCAB,
    O_PROMPTS,
    O_CLASS,
    O_POLICY,
    O_NO_ASA,
    O_NO_CQSL,
    O_ALPHA,
    O_BETA,
    O_AFFINITY,
    O_DROPOUT,
    O_RAW,
    O_HALF,
    O_START,
    O_EPOCHS,
    O_BATCH,
    O_ACCUMULATE,
    O_RATE,
    O_HEAD_RATE,
    O_DECAY,
    O_CLIP,
    O_PATIENCE,
    O_RESUME,
    O_LOG,
    O_SEED,
    O_THREADS,
    O_MODEL
};

static const struct option options[] = {
    {"cache", required_argument, NULL, O_CACHE},
    {"labels", required_argument, NULL, O_LABELS},
    {"split", required_argument, NULL, O_SPLIT},
    {"validate", required_argument, NULL, O_VALIDATE},
    {"any-confidence", no_argument, NULL, O_ANY},
    {"takes", required_argument, NULL, O_TAKES},
    {"takes-seed", required_argument, NULL, O_TAKES_SEED},
    {"takes-file", required_argument, NULL, O_FILE},
    {"encode", required_argument, NULL, O_ENCODE},
    {"pseudo-fakes", required_argument, NULL, O_PSEUDO},
    {"contrast", required_argument, NULL, O_CONTRAST},
    {"strength", required_argument, NULL, O_STRENGTH},
    {"views", required_argument, NULL, O_VIEWS},
    {"factor", required_argument, NULL, O_FACTOR},
    {"sigma", required_argument, NULL, O_SIGMA},
    {"preset", required_argument, NULL, O_PRESET},
    {"fusion", required_argument, NULL, O_FUSION},
    {"modalities", required_argument, NULL, O_SET},
    {"pulse", required_argument, NULL, O_PULSE},
    {"landmarks", required_argument, NULL, O_LANDMARKS},
    {"texture", required_argument, NULL, O_TEXTURE},
    {"fresh", required_argument, NULL, O_FRESH},
    {"freeze", required_argument, NULL, O_FREEZE},
    {"rate-scale", required_argument, NULL, O_SCALE},
    {"text", required_argument, NULL, O_TEXT},
    {"vocab", required_argument, NULL, O_VOCAB},
    {"prompts", required_argument, NULL, O_PROMPTS},
    {"class-prompts", required_argument, NULL, O_CLASS},
    {"policy", required_argument, NULL, O_POLICY},
    {"no-asa", no_argument, NULL, O_NO_ASA},
    {"no-cqsl", no_argument, NULL, O_NO_CQSL},
    {"alpha", required_argument, NULL, O_ALPHA},
    {"beta", required_argument, NULL, O_BETA},
    {"affinity", required_argument, NULL, O_AFFINITY},
    {"dropout", required_argument, NULL, O_DROPOUT},
    {"raw-features", no_argument, NULL, O_RAW},
    {"start", required_argument, NULL, O_START},
    {"epochs", required_argument, NULL, O_EPOCHS},
    {"batch", required_argument, NULL, O_BATCH},
    {"accumulate", required_argument, NULL, O_ACCUMULATE},
    {"learning-rate", required_argument, NULL, O_RATE},
    {"head-rate", required_argument, NULL, O_HEAD_RATE},
    {"weight-decay", required_argument, NULL, O_DECAY},
    {"clip", required_argument, NULL, O_CLIP},
    {"patience", required_argument, NULL, O_PATIENCE},
    {"resume", no_argument, NULL, O_RESUME},
    {"half", no_argument, NULL, O_HALF},
    {"log", required_argument, NULL, O_LOG},
    {"seed", required_argument, NULL, O_SEED},
    {"threads", required_argument, NULL, O_THREADS},
    {"model", required_argument, NULL, O_MODEL},
    {"out", required_argument, NULL, 'o'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* The paper's settings. */
static void preset_paper(train_umcl_settings *s)
{
    s->fit.joint.set = 1u << UM_PULSE | 1u << UM_LANDMARKS | 1u << UM_TEXT;
    s->fit.joint.trained = 1u << UM_PULSE | 1u << UM_LANDMARKS;
    s->fit.joint.dropout = 0;
    s->fit.standardise = true;
    s->fit.start = 1;
    s->fit.epochs = 30;
    s->fit.schedule = um_schedule_paper();
    s->takes.pseudo = 0;
    s->takes.strength = 0;
}

/* Ours: docs/training.md says what was measured. */
static void preset_umcl(train_umcl_settings *s)
{
    s->fit.joint.set = 1u << UM_PULSE | 1u << UM_LANDMARKS | 1u << UM_TEXT | 1u << UM_TEXTURE;
    s->fit.joint.trained = 0;
    s->fit.joint.dropout = 0.2;
    s->fit.standardise = true;
    s->fit.start = 0.1;
    s->fit.epochs = 15;
    s->fit.schedule = um_schedule_cosine(3e-4, 0);
    s->takes.pseudo = 0.5;
    s->takes.strength = 0.5;
}

static bool set_preset(train_umcl_settings *s, const char *name)
{
    if (!strcmp(name, "paper"))
        preset_paper(s);
    else if (!strcmp(name, "umcl"))
        preset_umcl(s);
    else
        return false;
    return true;
}

/* CPML's own, where the paper or its authors' code gives them. */
static void set_cpml(um_joint_options *j)
{
    j->fusion = UM_FUSION_CPML;
    j->set = 1u << UM_PULSE | 1u << UM_LANDMARKS | 1u << UM_TEXT;
    j->alpha = UM_CPML_PHY;
    j->beta = UM_CPML_CONSISTENCY;
    j->dropout = (double)UM_CPML_DROPOUT;
    j->class_prompt = 1;
}

/* Letters of encoders; "" and "none" are none. */
static umcl_status encoders(um_modalities *out, const char *letters)
{
    *out = 0;
    if (!*letters || !strcmp(letters, "none")) return UMCL_OK;
    UM_TRY(um_modalities_parse(out, letters));
    if (!um_has(*out, UM_TEXT)) return UMCL_OK;
    return um_fail(UMCL_ERR_INVALID, "'%s': text has no encoder that is trained", letters);
}

/* "p=0.1,l=1" */
static bool rate_scales(train_umcl_settings *s, const char *text)
{
    while (*text) {
        char *end;
        int k = 0;
        double x;

        while (k < UM_N_MODALITIES && um_modality_get((um_modality_kind)k)->letter != *text) k++;
        if (k == UM_N_MODALITIES || text[1] != '=') return false;
        x = strtod(text + 2, &end);
        if (end == text + 2 || (*end && *end != ',') || !(x >= 0 && x <= 1000)) return false;
        s->fit.rate_scale[k] = x;
        text = *end ? end + 1 : end;
    }
    return true;
}

static bool set_views(train_umcl_settings *s, const char *name)
{
    if (strcmp(name, "synthetic") && strcmp(name, "codec")) return false;
    s->takes.lq = *name == 'c' ? UM_LQ_CODEC : UM_LQ_SYNTHETIC;
    return true;
}

/* Of options that take a number; *good: whether `text` is one in range. Returns whether `c` is one.
 */
static bool number_option(train_umcl_settings *s, int c, const char *text, int *threads, bool *good)
{
    double x;

    switch (c) {
    case O_TAKES: *good = cli_int(&s->n_takes, text, 2, 100000000) && s->n_takes % 2 == 0; break;
    case O_PSEUDO: *good = cli_real(&s->takes.pseudo, text, 0, 1); break;
    case O_CONTRAST: *good = cli_real(&s->takes.contrast, text, 0, 2); break;
    case O_STRENGTH: *good = cli_real(&s->takes.strength, text, 0, 2); break;
    case O_FACTOR:
        if ((*good = cli_real(&x, text, 1, 64))) s->takes.factor = (float)x;
        break;
    case O_SIGMA:
        if ((*good = cli_real(&x, text, 0, 1))) s->takes.sigma = (float)x;
        break;
    case O_CLASS: *good = cli_real(&s->fit.joint.class_prompt, text, 0, 1); break;
    case O_ALPHA: *good = cli_real(&s->fit.joint.alpha, text, 0, 1000); break;
    case O_BETA: *good = cli_real(&s->fit.joint.beta, text, 0, 1000); break;
    case O_DROPOUT: *good = cli_real(&s->fit.joint.dropout, text, 0, 0.95); break;
    case O_START: *good = cli_real(&s->fit.start, text, 0, 10); break;
    case O_EPOCHS: *good = cli_int(&s->fit.epochs, text, 1, 1000000); break;
    case O_BATCH:
        *good = cli_int(&s->fit.joint.batch, text, 2, 4096) && s->fit.joint.batch % 2 == 0;
        break;
    case O_ACCUMULATE: *good = cli_int(&s->fit.accumulate, text, 1, 4096); break;
    case O_RATE:
        if ((*good = cli_real(&x, text, 0, 1))) s->fit.schedule.rate = x;
        break;
    case O_HEAD_RATE:
        if ((*good = cli_real(&x, text, 0, 1))) {
            s->fit.schedule.head_rate = x;
            s->fit.schedule.head_share = 0.1;
        }
        break;
    case O_DECAY: *good = cli_real(&s->fit.weight_decay, text, 0, 10); break;
    case O_CLIP: *good = cli_real(&s->fit.clip_norm, text, 0, 1e6); break;
    case O_PATIENCE: *good = cli_int(&s->fit.patience, text, 0, 1000000); break;
    case O_TAKES_SEED: *good = cli_u64(&s->takes.seed, text); break;
    case O_SEED: *good = cli_u64(&s->fit.joint.seed, text); break;
    case O_THREADS: *good = cli_int(threads, text, 1, 1024); break;
    default: return false;
    }
    return true;
}

/* Of options that take a name or letters. */
static bool name_option(train_umcl_settings *s, int c, const char *text, umcl_status *st)
{
    um_joint_options *j = &s->fit.joint;
    um_modalities frozen;

    switch (c) {
    case O_SET: *st = um_modalities_parse(&j->set, text); break;
    case O_ENCODE: *st = encoders(&s->encode, text); break;
    case O_FRESH: *st = encoders(&s->fresh, text); break;
    case O_FREEZE:
        *st = encoders(&frozen, text);
        j->trained = ~frozen & ~(1u << UM_TEXT);
        break;
    case O_PROMPTS: *st = um_prompt_set_parse(&j->prompts, text); break;
    case O_POLICY:
        *st = um_prompt_policy_parse(&s->policy, text);
        if (*st == UMCL_OK && s->policy == UM_POLICY_ORACLE)
            *st = um_fail(UMCL_ERR_INVALID, "prompt policy: oracle looks at labels: umcl eval "
                                            "--policy oracle measures it, no model is made so");
        break;
    case O_AFFINITY: *st = um_affinity_parse(&j->affinity, text); break;
    default: return false;
    }
    return true;
}

static bool plain_option(train_umcl_settings *s, int c, const char *text)
{
    switch (c) {
    case O_LABELS: s->labels = text; break;
    case O_SPLIT: s->split = text; break;
    case O_VALIDATE: s->validate = text; break;
    case O_ANY: s->sure = false; break;
    case O_FILE: s->takes_file = text; break;
    case O_PULSE: s->encoder[UM_PULSE] = text; break;
    case O_LANDMARKS: s->encoder[UM_LANDMARKS] = text; break;
    case O_TEXTURE: s->encoder[UM_TEXTURE] = text; break;
    case O_TEXT: s->text = text; break;
    case O_VOCAB: s->vocab = text; break;
    case O_NO_ASA: s->fit.joint.asa = false; break;
    case O_NO_CQSL: s->fit.joint.cqsl = false; break;
    case O_HALF: s->half = true; break;
    case O_RAW: s->fit.standardise = false; break;
    case O_RESUME: s->fit.resume = true; break;
    case O_LOG: s->log = text; break;
    case O_MODEL: break; /* cmd_train has looked at it */
    case 'o': s->out = text; break;
    case 'q': s->quiet = true; break;
    default: return false;
    }
    return true;
}

/* Preset and fusion come first, wherever they stand. */
static int find_preset(int argc, char **argv, train_umcl_settings *s)
{
    const char *name = NULL, *fusion_name = NULL;
    um_fusion_kind fusion = UM_FUSION_UMCL;
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1)
        if (c == O_PRESET)
            name = optarg;
        else if (c == O_FUSION)
            fusion_name = optarg;
    opterr = 1;
    optind = 0;
    if (fusion_name && um_fusion_parse(&fusion, fusion_name) != UMCL_OK)
        return cli_usage("train", "%s", umcl_last_error());
    if (!name) name = fusion == UM_FUSION_CPML ? "paper" : "umcl";
    if (!set_preset(s, name))
        return cli_usage("train", "--preset: expected umcl or paper, found '%s'", name);
    if (fusion == UM_FUSION_CPML) set_cpml(&s->fit.joint);
    return 0;
}

/* Takes are windows of what is trained; encoders that look at crops need longer ones. */
static int check_encode(const train_umcl_settings *s)
{
    const um_modalities set = s->fit.joint.set;
    const int found = um_modalities_window(set), expected = um_modalities_window(s->encode);
    char encode[UM_N_MODALITIES + 1], trained[UM_N_MODALITIES + 1];

    if (!s->encode || expected <= found) return 0;
    um_modalities_text(encode, s->encode);
    um_modalities_text(trained, set);
    return cli_usage("train",
                     "--encode %s: expected takes of %d frames, found %d, the window of "
                     "--modalities %s: add p or x to --modalities, or leave them out of --encode",
                     encode, expected, found, trained);
}

static int parse(int argc, char **argv, train_umcl_settings *s)
{
    int c, threads = 0, code = find_preset(argc, argv, s);

    if (code) return code;
    while ((c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1) {
        umcl_status st = UMCL_OK;
        bool good = true;

        if (c == 'h') {
            fputs(help, stdout);
            return -1;
        }
        if (c == O_CACHE) {
            if (s->n_caches == TRAIN_MAX_CACHES)
                return cli_usage("train", "expected at most %d caches", TRAIN_MAX_CACHES);
            s->caches[s->n_caches++] = optarg;
        } else if (c == O_SCALE) {
            good = rate_scales(s, optarg);
        } else if (c == O_VIEWS) {
            good = set_views(s, optarg);
        } else if (c != O_PRESET && c != O_FUSION && !plain_option(s, c, optarg) &&
                   !name_option(s, c, optarg, &st) &&
                   !number_option(s, c, optarg, &threads, &good)) {
            return cli_bad_option("train");
        }
        if (st != UMCL_OK) return cli_usage("train", "%s", umcl_last_error());
        if (!good) return cli_usage("train", "'%s' is not a value for it, or out of range", optarg);
    }
    if (threads) um_threads_set(threads);
    if (optind < argc) return cli_usage("train", "unexpected argument '%s'", argv[optind]);
    if (!s->n_caches || !s->labels || !s->out)
        return cli_usage("train", "expected --cache, --labels and -o");
    if (s->n_takes < s->fit.joint.batch * s->fit.accumulate)
        return cli_usage("train", "--takes: expected at least those of one update, %d, found %d",
                         s->fit.joint.batch * s->fit.accumulate, s->n_takes);
    if (um_fusion_check(s->fit.joint.fusion, s->fit.joint.set) != UMCL_OK)
        return cli_usage("train", "%s", umcl_last_error());
    s->fit.joint.trained &= s->fit.joint.set;
    return check_encode(s);
}

int train_umcl(int argc, char **argv, const char *made_by)
{
    train_umcl_settings set = {.split = "train",
                               .validate = "val",
                               .n_takes = 800,
                               .sure = true,
                               .made_by = made_by,
                               .takes = UM_TAKE_OPTIONS_INIT,
                               .fit = UM_JOINT_FIT_OPTIONS_INIT};
    int code = parse(argc, argv, &set);

    if (code) return code;
    return train_umcl_run(&set) == UMCL_OK ? EXIT_DONE : cli_fail("train");
}
