/*
 * umcl reproduce: the paper's experiments, each by one command. A protocol is data: a list of
 * steps, each a command line of this same program and the file that it makes. What is asked for,
 * and how steps are put together and run.
 */
#ifndef UM_TOOLS_REPRODUCE_H
#define UM_TOOLS_REPRODUCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/status.h"

#define RP_MAX_ROOTS 8
#define RP_MAX_EXTRA 16
#define RP_MAX_SEEDS 32
#define RP_MAX_ARGS 96

typedef enum rp_mini { RP_MINI_NONE, RP_MINI_SMALL, RP_MINI_TINY } rp_mini;

typedef struct rp_settings {
    const char *roots[RP_MAX_ROOTS]; /* folders with data sets; none: generated material */
    const char *extra[RP_MAX_EXTRA]; /* NAME=scores.csv */
    size_t n_roots, n_extra;
    const char *out, *preset;
    const char *only;  /* rows to run, by comma; NULL: all that can be run */
    const char *train; /* options for every training of the joint model; NULL: none */
    int seeds;         /* 1 to this one */
    int threads;       /* of every step; 0: its own default */
    rp_mini mini;
    bool plan, keep_going, quiet;
} rp_settings;

typedef enum rp_kind {
    RP_SYNTH,   /* renders a video */
    RP_LIST,    /* lists a data set */
    RP_EXTRACT, /* follows its faces */
    RP_TRAIN,
    RP_EVAL,
    RP_OTHER,
    RP_N_KINDS
} rp_kind;

typedef struct rp_step {
    rp_kind kind;
    const char *name;                  /* of its record and log */
    const char *argv[RP_MAX_ARGS + 1]; /* [argc], then NULL: the command without the program */
    size_t argc;
    const char *makes;        /* file or folder that is there when it is done */
    bool prints;              /* what it prints is that file */
    bool resumes;             /* knows --resume, from the file `makes`.last */
    const char *labels;       /* of an evaluation: its videos ... */
    const char *split, *only; /* ... and which of them; `only`: the manipulation, or NULL */
    uint64_t seed;            /* of the training behind it; 0: none */
    size_t videos;            /* to follow, where a plan has counted them */
    char key[65];             /* of the command, the program and the steps that it builds on */
    bool done;                /* found done, or done now */
    double seconds;           /* that it took when it was done; NaN: unknown */
} rp_step;

/* A small file that the protocol itself writes: the splits of generated material. */
typedef struct rp_file {
    const char *path, *text;
} rp_file;

typedef struct rp_protocol {
    const rp_settings *set;
    um_arena *arena; /* of all texts and steps */
    rp_step **steps;
    size_t count, cap;
    rp_file *files;
    size_t n_files, files_cap;
    const char *missing[RP_MAX_ROOTS]; /* data sets that nobody has given */
    size_t n_missing;
    bool failed; /* memory was short, or a command is too long */
} rp_protocol;

umcl_status rp_protocol_open(rp_protocol *out, const rp_settings *set);
void rp_protocol_close(rp_protocol *p);

/** A formatted text that lives as long as the protocol; "" where memory is short. */
const char *rp_text(rp_protocol *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Adds a step that makes the file `makes`, or finds the one of this name: *is_new says whether its
 * arguments are still to be added. Never NULL: where memory is short, a step that is in no
 * protocol.
 */
rp_step *rp_step_add(rp_protocol *p, rp_kind kind, const char *name, const char *makes,
                     bool *is_new);

/** Adds arguments up to a NULL, or the words of a text. */
void rp_args(rp_protocol *p, rp_step *s, ...) __attribute__((sentinel));
void rp_words(rp_protocol *p, rp_step *s, const char *words);

void rp_file_add(rp_protocol *p, const char *path, const char *text);

/** Gives every step its key and finds which are done. UMCL_ERR_NOMEM where building failed. */
umcl_status rp_protocol_finish(rp_protocol *p);

/** Where a step's record and log lie. */
const char *rp_record_path(rp_protocol *p, const rp_step *s);
const char *rp_log_path(rp_protocol *p, const rp_step *s);

/** "umcl eval model.safetensors ...", quoted for a shell. */
const char *rp_command(rp_protocol *p, const rp_step *s);

/** Runs what is not done, in order. The sentence of a failure names the command and its log. */
umcl_status rp_run(rp_protocol *p, size_t *ran);

/** What would be run, how many of each kind, how long and how much room: on standard output. */
umcl_status rp_print_plan(rp_protocol *p);

#endif
