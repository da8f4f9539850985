/* Results of umcl tsne as text, JSON (docs/formats.md) and CSV. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "eval.h"
#include "tsne_view.h"

static void print_class(const tsne_classes *c, tsne_key key)
{
    const um_separation *s = &c->separation;
    size_t left = c->n;

    if (!c->measured) return;
    printf("  %-10s %10.3f %10.3f %10.3f %10.3f  ", tsne_key_name(key), s->silhouette, s->explained,
           s->neighbour, s->davies_bouldin);
    for (size_t k = 0; k < c->n; k++) {
        left--;
        if (c->count[k]) printf("%s %zu%s", c->names[k], c->count[k], left ? ", " : "");
    }
    putchar('\n');
}

static void print_view(const tsne_view *v)
{
    printf("%s, %s: %zu points of %zu numbers\n", v->name, tsne_of_name(v->of), v->n, v->d);
    if (v->constant) {
        printf("  the same in every row: nothing to tell apart%s\n",
               v->of == UM_TEXT ? " (its prompts do not know the label)" : "");
        return;
    }
    printf("  %-10s %10s %10s %10s %10s  points\n", "", "silhouette", "explained", "neighbour",
           "Davies-B.");
    for (int k = 0; k < TSNE_N_KEYS; k++) print_class(&v->classes[k], (tsne_key)k);
    for (int k = 0; k < UM_N_MODALITIES; k++)
        if (tsne_left_out(v, k))
            printf("  %s is the same in every row, and left out\n", um_feature_name(k));
    if (!isnan(v->shift))
        printf("  a video's qualities lie %.3f as far apart as different videos\n", v->shift);
    if (!isnan(v->loss))
        printf("  drawn with perplexity %.4g; divergence left: %.3f nats\n", v->options.perplexity,
               v->loss);
}

void tsne_print_text(const tsne_board *b)
{
    for (size_t o = 0; o < b->set->n_of; o++)
        for (size_t f = 0; f < b->set->n_files; f++) {
            if (o || f) putchar('\n');
            print_view(&b->views[o][f]);
        }
    for (size_t f = 0; f < b->set->n_files; f++)
        if (!strcmp(b->tables[f].policy, "oracle"))
            printf("\n%s: ** " EVAL_ORACLE " **\n", b->views[0][f].name);
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *from_classes(const tsne_classes *c)
{
    json_t *count = json_object();
    json_t *out;

    for (size_t k = 0; k < c->n; k++)
        if (c->count[k])
            json_object_set_new(count, c->names[k], json_integer((json_int_t)c->count[k]));
    out = json_pack("{s:o}", "points", count);
    if (!c->measured) return out;
    json_object_set_new(out, "silhouette", number(c->separation.silhouette));
    json_object_set_new(out, "explained", number(c->separation.explained));
    json_object_set_new(out, "neighbour", number(c->separation.neighbour));
    json_object_set_new(out, "davies_bouldin", number(c->separation.davies_bouldin));
    return out;
}

static json_t *from_view(const tsne_view *v)
{
    json_t *classes = json_object();

    for (int k = 0; k < TSNE_N_KEYS; k++)
        json_object_set_new(classes, tsne_key_name((tsne_key)k), from_classes(&v->classes[k]));
    return json_pack(
        "{s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o}", "points", (json_int_t)v->n, "width",
        (json_int_t)v->d, "constant", v->constant, "classes", classes, "shift", number(v->shift),
        "perplexity", v->places ? json_real(v->options.perplexity) : json_null(), "angle",
        v->places ? json_real(v->options.angle) : json_null(), "loss", number(v->loss));
}

static json_t *from_file(const tsne_board *b, size_t f)
{
    const um_feature_table *t = &b->tables[f];
    json_t *features = json_object();

    for (size_t o = 0; o < b->set->n_of; o++)
        json_object_set_new(features, tsne_of_name(b->set->of[o]), from_view(&b->views[o][f]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "file", b->set->files[f], "name",
                     b->views[0][f].name, "model", t->model, "hash", t->hash, "policy", t->policy,
                     "split", t->split, "warning",
                     strcmp(t->policy, "oracle") ? json_null() : json_string(EVAL_ORACLE),
                     "features", features);
}

umcl_status tsne_print_json(const tsne_board *b)
{
    const tsne_settings *set = b->set;
    json_t *files = json_array(), *doc;

    for (size_t f = 0; f < set->n_files; f++) json_array_append_new(files, from_file(b, f));
    doc = json_pack("{s:s, s:b, s:i, s:I, s:o}", "schema", "umcl.tsne/1", "cosine", set->cosine,
                    "steps", set->options.steps, "seed", (json_int_t)set->options.seed, "files",
                    files);
    if (!doc || json_array_size(files) != set->n_files) {
        json_decref(doc);
        return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory, or a name that is not UTF-8");
    }
    json_dumpf(doc, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(doc);
    return UMCL_OK;
}

umcl_status tsne_write_points(const tsne_board *b)
{
    um_file_writer *w = NULL;
    FILE *to;

    UM_TRY(um_file_writer_open(&w, b->set->points));
    to = um_file_writer_stream(w);
    fputs("name,of,video,label,quality,group,modality,x,y\n", to);
    for (size_t f = 0; f < b->set->n_files; f++)
        for (size_t o = 0; o < b->set->n_of; o++) {
            const tsne_view *v = &b->views[o][f];

            for (size_t i = 0; i < v->n; i++) {
                const um_feature_row *r = &v->table->rows[i % v->table->n];

                eval_csv_field(to, v->name, ',');
                eval_csv_field(to, tsne_of_name(v->of), ',');
                eval_csv_field(to, r->video, ',');
                eval_csv_field(to, r->fake ? "fake" : "real", ',');
                eval_csv_field(to, r->quality, ',');
                eval_csv_field(to, r->group, ',');
                eval_csv_field(to, tsne_of_name(tsne_modality(v, i)), ',');
                fprintf(to, "%.6g,%.6g\n", v->places[2 * i], v->places[2 * i + 1]);
            }
        }
    return um_file_writer_commit(w);
}
