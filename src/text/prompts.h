/*
 * The sentences that stand for a class: Table 2 of the paper, and the sets of Table 8 and of
 * training. A prompt chosen by the label leaks it, so anything but training and Table 8's rows uses
 * UM_PROMPTS_NEUTRAL, or the mean over both classes.
 */
#ifndef UM_TEXT_PROMPTS_H
#define UM_TEXT_PROMPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef enum um_prompt_set {
    UM_PROMPTS_SIMPLE,      /* one word: the class */
    UM_PROMPTS_DESCRIPTION, /* Table 2, six a class */
    UM_PROMPTS_UNRELATED,   /* says nothing about either class; not among the invalid ones */
    UM_PROMPTS_OPPOSITE,    /* the description of the other class */
    UM_PROMPTS_INVALID,     /* training: random strings, questions, misaligned descriptions */
    UM_PROMPTS_NEUTRAL      /* one fixed sentence, the same whatever the label */
} um_prompt_set;

/** "simple", "description", "unrelated", "opposite", "invalid", "neutral". */
const char *um_prompt_set_name(um_prompt_set set);

/** By name: what may stand for a class, the first four. UMCL_ERR_INVALID lists them. */
umcl_status um_prompt_set_parse(um_prompt_set *out, const char *name);

size_t um_prompt_count(um_prompt_set set);

/** Prompt `i` of a set. Only SIMPLE, DESCRIPTION and OPPOSITE depend on the class. */
const char *um_prompt(um_prompt_set set, bool fake, size_t i);

#endif
