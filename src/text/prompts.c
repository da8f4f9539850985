#include "text/prompts.h"

#include <assert.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const simple[2] = {"real", "fake"};

/* Table 2. */
static const char *const description[2][6] = {
    {
        "This is an example of a real face",
        "This is a bonafide face",
        "This is a real face",
        "This is how a real face looks like",
        "a photo of a real face",
        "This is not a forgery face",
    },
    {
        "This is an example of a forgery face",
        "This is an example of an attack face",
        "This is not a real face",
        "This is how a forgery face looks like",
        "a photo of a forgery face",
        "a printout shown to be a forgery face",
    },
};

static const char *const unrelated[] = {
    "vb8 kq1 zzt lmp 40 wwo", "gr4x ..uo 77 pltk ene",      "nnqe 3fj ## aop2 yhu",
    "oi6 tthw ++ c0e bsk 9d", "The train leaves at seven.", "Add two spoons of sugar and stir.",
};

static const char *const invalid[] = {
    /* random strings */
    "xq7#zz!! 12345",
    "asdf jkl qwer uiop",
    "k9 k9 v-v-v 000 &&",
    "plmokn 84 ijbuhv",
    /* questions about something else */
    "What is the capital of France?",
    "How many legs does a spider have?",
    "Who wrote this book?",
    "When does the shop open?",
    /* descriptions of something else */
    "a photo of a red bicycle",
    "This is an example of a mountain lake",
    "a drawing of a cat on a roof",
    "This is how a wooden table looks like",
};

static const char *const neutral[] = {"a video of a face"};

static const char *const set_names[] = {"simple",   "description", "unrelated",
                                        "opposite", "invalid",     "neutral"};

const char *um_prompt_set_name(um_prompt_set set)
{
    return set_names[set];
}

umcl_status um_prompt_set_parse(um_prompt_set *out, const char *name)
{
    for (int i = 0; i <= UM_PROMPTS_OPPOSITE; i++)
        if (!strcmp(name, set_names[i])) {
            *out = (um_prompt_set)i;
            return UMCL_OK;
        }
    return um_fail(UMCL_ERR_INVALID,
                   "prompts: expected simple, description, unrelated or opposite, found '%s'",
                   name);
}

size_t um_prompt_count(um_prompt_set set)
{
    switch (set) {
    case UM_PROMPTS_SIMPLE: return 1;
    case UM_PROMPTS_DESCRIPTION:
    case UM_PROMPTS_OPPOSITE: return COUNT(description[0]);
    case UM_PROMPTS_UNRELATED: return COUNT(unrelated);
    case UM_PROMPTS_INVALID: return COUNT(invalid);
    case UM_PROMPTS_NEUTRAL: return COUNT(neutral);
    }
    return 0;
}

const char *um_prompt(um_prompt_set set, bool fake, size_t i)
{
    assert(i < um_prompt_count(set));
    switch (set) {
    case UM_PROMPTS_SIMPLE: return simple[fake];
    case UM_PROMPTS_DESCRIPTION: return description[fake][i];
    case UM_PROMPTS_OPPOSITE: return description[!fake][i];
    case UM_PROMPTS_UNRELATED: return unrelated[i];
    case UM_PROMPTS_INVALID: return invalid[i];
    case UM_PROMPTS_NEUTRAL: return neutral[i];
    }
    return "";
}
