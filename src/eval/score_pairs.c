#include "eval/score_pairs.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE SIZE_MAX

/* Names of videos, as they stand and without folder and ending; numbered from 0. */
typedef struct name_index {
    um_names exact, plain; /* `plain` is empty where two names would be one */
} name_index;

static void index_clear(name_index *index)
{
    um_names_clear(&index->exact);
    um_names_clear(&index->plain);
}

static umcl_status index_add(name_index *index, const char *name, const char *plain)
{
    UM_TRY(um_names_add(&index->exact, name, NULL));
    return plain ? um_names_add(&index->plain, plain, NULL) : UMCL_OK;
}

static umcl_status index_labels(name_index *index, const um_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        UM_TRY(index_add(index, labels->items[i].name, NULL));
    return UMCL_OK;
}

static umcl_status index_videos(name_index *index, const um_score_file *file)
{
    for (size_t i = 0; i < file->videos.count; i++) {
        char *plain = um_plain_name(file->videos.text[i]);
        umcl_status st = plain ? index_add(index, file->videos.text[i], plain)
                               : um_fail(UMCL_ERR_NOMEM, "out of memory");

        free(plain);
        UM_TRY(st);
    }
    if (index->plain.count < index->exact.count) um_names_clear(&index->plain);
    return UMCL_OK;
}

static umcl_status index_find(const name_index *index, const char *name, size_t *number)
{
    char *plain = um_plain_name(name);

    if (!plain) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    if (!um_names_find(&index->exact, name, number) &&
        !um_names_find(&index->exact, plain, number) &&
        !um_names_find(&index->plain, name, number) && !um_names_find(&index->plain, plain, number))
        *number = NONE;
    free(plain);
    return UMCL_OK;
}

/* row[k]: the file's row of the index' k-th video, or NONE. `strangers` counts the others. */
static umcl_status find_rows(size_t *row, size_t *strangers, const name_index *index,
                             const um_score_file *file)
{
    for (size_t k = 0; k < index->exact.count; k++) row[k] = NONE;
    for (size_t i = 0; i < file->videos.count; i++) {
        size_t k;

        UM_TRY(index_find(index, file->videos.text[i], &k));
        if (k == NONE) {
            ++*strangers;
            continue;
        }
        if (row[k] != NONE)
            return um_fail(UMCL_ERR_FORMAT, "'%s' and '%s' are the same video by their names",
                           file->videos.text[row[k]], file->videos.text[i]);
        row[k] = i;
    }
    return UMCL_OK;
}

/* The truth about a video: of its label, else of what the files say. */
typedef struct fact {
    bool known, fake, asked;
    const char *person; /* "": unknown */
} fact;

static umcl_status agree(fact *f, const um_score_row *row, const char *name)
{
    if (row->has_label && f->known && row->fake != f->fake)
        return um_fail(UMCL_ERR_FORMAT, "'%s' is called real in one place and fake in another",
                       name);
    if (row->has_label) {
        f->known = true;
        f->fake = row->fake;
    }
    if (!*f->person) f->person = row->person;
    return UMCL_OK;
}

static umcl_status find_fact(fact *f, const um_score_truth *truth, size_t k, const char *name,
                             const um_score_row *a, const um_score_row *b)
{
    *f = (fact){.asked = true, .person = ""};
    if (truth->labels) {
        const um_label *l = &truth->labels->items[k];

        *f = (fact){true, l->fake,
                    (!truth->split || !strcmp(l->split, truth->split)) && (l->sure || !truth->sure),
                    l->person};
    }
    UM_TRY(agree(f, a, name));
    return agree(f, b, name);
}

/* One video that both files have. */
static umcl_status add_pair(um_score_pairs *out, um_names *people, const fact *f, const char *name,
                            double a, double b)
{
    um_score_pair *p = &out->items[out->n];

    if (!f->known) {
        out->unlabelled[0]++;
        out->unlabelled[1]++;
    } else if (!f->asked) {
        out->not_asked++;
    } else if (isnan(a) || isnan(b)) {
        out->unscored++;
    } else {
        *p = (um_score_pair){.a = a, .b = b, .fake = f->fake};
        UM_TRY(um_names_add(people, *f->person ? f->person : name, &p->group));
        out->has_people = out->has_people || *f->person;
        out->n_fake += f->fake;
        out->n++;
    }
    return UMCL_OK;
}

static umcl_status pair_rows(um_score_pairs *out, const name_index *index, const size_t *row_a,
                             const size_t *row_b, const um_score_file *a, const um_score_file *b,
                             const um_score_truth *truth)
{
    um_names people = UM_NAMES_INIT;
    umcl_status st = UMCL_OK;

    UM_CHECK(um_calloc(&out->items, index->exact.count, sizeof *out->items));
    for (size_t k = 0; k < index->exact.count; k++) {
        const char *name = index->exact.text[k];
        fact f;

        out->only[0] += row_a[k] != NONE && row_b[k] == NONE;
        out->only[1] += row_b[k] != NONE && row_a[k] == NONE;
        if (row_a[k] == NONE || row_b[k] == NONE) continue;
        UM_CHECK(find_fact(&f, truth, k, name, &a->rows[row_a[k]], &b->rows[row_b[k]]));
        UM_CHECK(
            add_pair(out, &people, &f, name, a->rows[row_a[k]].score, b->rows[row_b[k]].score));
    }
    out->n_people = people.count;
    if (out->n == 0)
        st = um_fail(UMCL_ERR_NOT_FOUND,
                     "expected labelled videos that both files score, found none: %zu without a "
                     "label in the first, %zu in the second; %zu and %zu in one file alone",
                     out->unlabelled[0], out->unlabelled[1], out->only[0], out->only[1]);
done:
    um_names_clear(&people);
    return st;
}

umcl_status um_score_pairs_join(um_score_pairs *out, const um_score_file *a, const um_score_file *b,
                                const um_score_truth *truth)
{
    name_index index = {UM_NAMES_INIT, UM_NAMES_INIT};
    size_t *row_a = NULL, *row_b = NULL, strangers[2] = {0};
    umcl_status st;

    *out = (um_score_pairs){0};
    UM_CHECK(truth->labels ? index_labels(&index, truth->labels) : index_videos(&index, a));
    UM_CHECK(um_calloc(&row_a, index.exact.count, sizeof *row_a));
    UM_CHECK(um_calloc(&row_b, index.exact.count, sizeof *row_b));
    UM_CHECK(find_rows(row_a, &strangers[0], &index, a));
    UM_CHECK(find_rows(row_b, &strangers[1], &index, b));
    if (truth->labels) {
        out->unlabelled[0] = strangers[0];
        out->unlabelled[1] = strangers[1];
    } else {
        out->only[1] = strangers[1];
    }
    st = pair_rows(out, &index, row_a, row_b, a, b, truth);
done:
    index_clear(&index);
    free(row_a);
    free(row_b);
    return st;
}

void um_score_pairs_clear(um_score_pairs *pairs)
{
    free(pairs->items);
    *pairs = (um_score_pairs){0};
}
