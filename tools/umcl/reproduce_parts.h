/*
 * What protocols are made of: videos with labels, trainings, evaluations.
 */
#ifndef UM_TOOLS_REPRODUCE_PARTS_H
#define UM_TOOLS_REPRODUCE_PARTS_H

#include "reproduce.h"

typedef enum rp_source { RP_FFPP, RP_DFD, RP_CELEBDF, RP_DFDC, RP_N_SOURCES } rp_source;

/* FaceForensics++'s four manipulations and three qualities, in the paper's order. */
#define RP_N_METHODS 4
#define RP_N_QUALITIES 3
extern const char *const rp_methods[RP_N_METHODS], *const rp_method_letters[RP_N_METHODS];
extern const char *const rp_qualities[RP_N_QUALITIES];

/** The data set as readers know it: "FF++". */
const char *rp_source_name(rp_source source);

/** Videos of one data set in one quality, listed and followed. */
typedef struct rp_videos {
    const char *id;     /* in file names: "ff-c23", "ff-c23-DF" */
    const char *labels; /* a CSV */
    const char *cache;
    bool is_part; /* one manipulation alone */
    bool there;   /* false: nobody has given this data set; nothing is to be run on it */
} rp_videos;

/**
 * Adds the steps that list and follow them, and on generated material render them.
 *
 * @param quality of RP_FFPP and RP_DFD: "raw", "c23" or "c40"; else NULL
 * @param method  number in rp_methods: its fakes and the reals alone; -1: all four
 */
rp_videos rp_videos_get(rp_protocol *p, rp_source source, const char *quality, int method);

/** One real video of FF++'s split test, in a list and a cache of its own. */
typedef struct rp_clip {
    const char *name; /* in the cache, as in the whole data set's */
    const char *labels, *cache;
    bool there; /* false: nobody has given FF++, or it has none */
} rp_clip;

/** Adds its list, and on generated material the step that renders it. */
rp_clip rp_source_clip(rp_protocol *p, const char *quality);

/** Adds the step that renders the first person that FF++ is tested with; returns the path. */
const char *rp_material_clip(rp_protocol *p, const char *quality);

/** Adds the steps that render a data set in its owner's layout; returns its root. */
const char *rp_material(rp_protocol *p, rp_source source, const char *quality);

/** How many of the four manipulations generated material has. */
int rp_material_methods(const rp_settings *set);

/** What is trained and measured: a row of a table. */
typedef struct rp_system {
    const char *id;      /* in --only, and in file names */
    const char *name;    /* in the table */
    const char *options; /* of umcl train */
    bool joint;          /* by the joint training loop, which has presets and can go on */
    const char *file;    /* in file names, where another system's training is the same; or NULL */
} rp_system;

extern const rp_system rp_umcl, rp_cpml, rp_lrnet, rp_meso4, rp_xception;

/** Whether --only asks for it. */
bool rp_wanted(const rp_protocol *p, const rp_system *system);

/** Whether a training of the joint model keeps the pulse encoder as it is. */
bool rp_freezes_pulse(const rp_protocol *p, const rp_step *s);

/** Adds a training; its step makes the model. */
rp_step *rp_train(rp_protocol *p, const rp_system *system, const rp_videos *on, uint64_t seed);

/**
 * Where a joint model's evaluations keep what encoders make of windows: all models together where
 * their pulse encoder is the shipped one, else those of one model, whose prompts or landmarks alone
 * differ.
 */
const char *rp_encodings(rp_protocol *p, const rp_step *model, const rp_videos *on);

/**
 * Adds an evaluation on the split `test`; its step makes the JSON.
 *
 * @param variant in file names; NULL: none
 * @param options of umcl eval; NULL: none
 */
rp_step *rp_eval(rp_protocol *p, const rp_step *model, const rp_videos *on, const char *variant,
                 const char *options);

#endif
