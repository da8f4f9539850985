#include "dataset_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/names.h"
#include "base/str.h"

/* ---- table ---- */

enum { DATASET, METHOD, COMPRESSION, LABEL, N_TEXTS };

static const char *const headings[] = {"dataset", "method", "compression", "label"};

typedef struct row {
    char *text[N_TEXTS];
    size_t n[UM_N_SPLITS];
} row;

typedef struct table {
    um_names keys;
    row *rows; /* [keys.count] */
    size_t cap;
    int width[N_TEXTS];
} table;

static umcl_status start_row(table *t, row *r, const um_item *item)
{
    const char *text[N_TEXTS] = {*item->dataset ? item->dataset : "-", item->method,
                                 um_compression_name(item->compression),
                                 item->fake ? "fake" : "real"};

    for (int c = 0; c < N_TEXTS; c++) {
        r->text[c] = um_printable(text[c]);
        if (!r->text[c]) return um_fail(UMCL_ERR_NOMEM, "table: out of memory");
        int width = (int)strlen(r->text[c]);
        if (width > t->width[c]) t->width[c] = width;
    }
    return UMCL_OK;
}

static umcl_status count(table *t, const um_item *item)
{
    um_str key = UM_STR_INIT;
    size_t i, before = t->keys.count;
    umcl_status st;

    um_str_printf(&key, "%s\n%s\n%d\n%d", item->dataset, item->method, item->compression,
                  item->fake);
    UM_CHECK(um_str_status(&key));
    UM_CHECK(um_names_add(&t->keys, key.text, &i));
    if (t->keys.count > t->cap) {
        UM_CHECK(um_realloc(&t->rows, t->keys.cap, sizeof *t->rows));
        t->cap = t->keys.cap;
    }
    if (t->keys.count > before) {
        t->rows[i] = (row){0};
        UM_CHECK(start_row(t, &t->rows[i], item));
    }
    t->rows[i].n[item->split]++;
done:
    um_str_clear(&key);
    return st;
}

static void print_row(const table *t, const char *const text[N_TEXTS], const size_t n[UM_N_SPLITS])
{
    for (int c = 0; c < N_TEXTS; c++) printf("%-*s  ", t->width[c], text[c]);
    printf("%7zu%7zu%7zu%7zu%8zu\n", n[UM_SPLIT_TRAIN], n[UM_SPLIT_VAL], n[UM_SPLIT_TEST],
           n[UM_SPLIT_NONE],
           n[UM_SPLIT_TRAIN] + n[UM_SPLIT_VAL] + n[UM_SPLIT_TEST] + n[UM_SPLIT_NONE]);
}

static void print_table(const table *t)
{
    static const char *const all[] = {"all", "", "", ""};
    size_t sum[UM_N_SPLITS] = {0};

    for (int c = 0; c < N_TEXTS; c++) printf("%-*s  ", t->width[c], headings[c]);
    printf("%7s%7s%7s%7s%8s\n", "train", "val", "test", "none", "total");
    for (size_t i = 0; i < t->keys.count; i++) {
        print_row(t, (const char *const *)t->rows[i].text, t->rows[i].n);
        for (int s = 0; s < UM_N_SPLITS; s++) sum[s] += t->rows[i].n[s];
    }
    print_row(t, all, sum);
}

umcl_status dataset_print_table(const um_dataset *d)
{
    table t = {0};
    umcl_status st = UMCL_OK;

    for (int c = 0; c < N_TEXTS; c++) t.width[c] = (int)strlen(headings[c]);
    for (size_t i = 0; i < d->count; i++) UM_CHECK(count(&t, &d->items[i]));
    print_table(&t);
done:
    for (size_t i = 0; i < t.keys.count && i < t.cap; i++)
        for (int c = 0; c < N_TEXTS; c++) free(t.rows[i].text[c]);
    um_names_clear(&t.keys);
    free(t.rows);
    return st;
}

/* ---- CSV ---- */

static void field(const char *text, char end)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        printf("%s%c", text, end);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    printf("\"%c", end);
}

umcl_status dataset_print_csv(const um_dataset *d)
{
    um_str path = UM_STR_INIT;
    umcl_status st = UMCL_OK;

    puts("name,path,label,confidence,dataset,method,compression,person,source,group,split");
    for (size_t i = 0; i < d->count; i++) {
        const um_item *item = &d->items[i];

        if (*item->path && d->on_disk) UM_CHECK(um_dataset_path(&path, d, item->path));
        field(item->name, ',');
        field(*item->path && d->on_disk ? path.text : item->path, ',');
        printf("%s,%s,", item->fake ? "fake" : "real", item->sure ? "high" : "low");
        field(item->dataset, ',');
        field(item->method, ',');
        printf("%s,", um_compression_name(item->compression));
        field(item->person, ',');
        field(item->source, ',');
        field(item->group, ',');
        printf("%s\n", um_split_name(item->split));
    }
done:
    um_str_clear(&path);
    return st;
}

/* ---- JSON ---- */

/* JSON holds UTF-8 alone: other bytes are written as \xNN. */
static json_t *text_json(const char *text)
{
    char *clean = um_printable(text);
    json_t *json = clean ? json_string(clean) : NULL;

    free(clean);
    return json;
}

static json_t *item_json(const um_item *i)
{
    return json_pack(
        "{s:o, s:o, s:s, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:s}", "name", text_json(i->name),
        "path", text_json(i->path), "label", i->fake ? "fake" : "real", "sure", i->sure, "dataset",
        text_json(i->dataset), "method", text_json(i->method), "compression",
        um_compression_name(i->compression), "person", text_json(i->person), "source",
        text_json(i->source), "group", text_json(i->group), "split", um_split_name(i->split));
}

static umcl_status dump(json_t *doc)
{
    if (!doc) return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory");
    json_dumpf(doc, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(doc);
    return UMCL_OK;
}

umcl_status dataset_print_json(const um_dataset *d)
{
    json_t *videos = json_array();

    for (size_t i = 0; i < d->count; i++) json_array_append_new(videos, item_json(&d->items[i]));
    return dump(json_pack("{s:s, s:o, s:s, s:o}", "schema", "umcl.dataset/1", "root",
                          text_json(d->root), "layout", d->layout, "videos", videos));
}

umcl_status findings_print_json(const um_findings *f, const um_dataset *d)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->count; i++) {
        const um_finding *item = &f->items[i];
        json_t *names = json_array();

        for (size_t n = 0; n < item->names.count; n++)
            json_array_append_new(names, text_json(item->names.text[n]));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "severity",
                                              um_finding_spoils(item->kind) ? "error" : "warning",
                                              "kind", um_finding_name(item->kind), "sentence",
                                              item->sentence, "names", names));
    }
    return dump(json_pack("{s:s, s:o, s:s, s:I, s:I, s:o}", "schema", "umcl.dataset_check/1",
                          "root", text_json(d->root), "layout", d->layout, "videos",
                          (json_int_t)d->count, "errors", (json_int_t)um_findings_errors(f),
                          "findings", list));
}

void findings_print_text(const um_findings *f, bool all)
{
    for (size_t i = 0; i < f->count; i++) {
        const um_finding *item = &f->items[i];

        printf("%s: %s\n", um_finding_spoils(item->kind) ? "error" : "warning", item->sentence);
        for (size_t n = 0; all && n < item->names.count; n++) {
            char *clean = um_printable(item->names.text[n]);
            printf("  %s\n", clean ? clean : "?");
            free(clean);
        }
    }
}
