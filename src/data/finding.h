/*
 * What is wrong with a data set: a list of sentences with the names they speak of.
 */
#ifndef UM_DATA_FINDING_H
#define UM_DATA_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/names.h"
#include "base/status.h"

/*      id, name, whether it spoils a measurement (else it is worth knowing) */
#define UM_FINDING_KINDS(X)                                                                        \
    X(PERSON, person, true)         /* a person in two splits */                                   \
    X(SOURCE, source, true)         /* a source of faces in two splits */                          \
    X(RECORDING, recording, true)   /* videos made from one recording in two splits */             \
    X(FILE, file, true)             /* a file, or a copy of it, in two splits */                   \
    X(LABEL, label, true)           /* labels that contradict each other */                        \
    X(MISSING, missing, true)       /* a video that a list names and that is not there */          \
    X(UNREADABLE, unreadable, true) /* a folder or file that cannot be read, or is empty */        \
    X(SPLIT, split, false)          /* splits that are not the data set's own */                   \
    X(COUNT, count, false)          /* another number of videos than the data set has */           \
    X(CLASS, class, false)          /* a split of one class alone */                               \
    X(NAME, name, false)            /* names that are not understood, and passed over */

#define X(id, name, spoils) UM_FINDING_##id,
typedef enum um_finding_kind { UM_FINDING_KINDS(X) } um_finding_kind;
#undef X

typedef struct um_finding {
    um_finding_kind kind;
    char *sentence; /* valid UTF-8 without control characters */
    um_names names; /* people, recordings or paths, bytes as they are; may be empty */
} um_finding;

typedef struct um_findings {
    um_finding *items;
    size_t count, cap;
} um_findings;

/** "person", "missing" ... */
const char *um_finding_name(um_finding_kind kind);
bool um_finding_spoils(um_finding_kind kind);

/** How many of the findings spoil a measurement. */
size_t um_findings_errors(const um_findings *findings);

/**
 * Adds a finding.
 *
 * @param names NULL, or what it speaks of: taken over, empty afterwards whatever the outcome; their
 *              number and the first few are appended to the sentence
 * @return UMCL_ERR_NOMEM
 */
umcl_status um_findings_add(um_findings *findings, um_finding_kind kind, um_names *names,
                            const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void um_findings_clear(um_findings *findings);

/** `text` for people: control characters and what is not UTF-8 as \xNN; released with free(). */
char *um_printable(const char *text);

#endif
