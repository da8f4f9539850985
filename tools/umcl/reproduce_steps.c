/* The list of steps, their keys and records. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/sha256.h"
#include "base/str.h"
#include "reproduce.h"

umcl_status rp_protocol_open(rp_protocol *out, const rp_settings *set)
{
    *out = (rp_protocol){.set = set};
    return um_arena_new(&out->arena);
}

void rp_protocol_close(rp_protocol *p)
{
    free(p->steps);
    free(p->files);
    um_arena_free(p->arena);
    *p = (rp_protocol){0};
}

const char *rp_text(rp_protocol *p, const char *fmt, ...)
{
    va_list ap;
    char *text;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    text = n < 0 ? NULL : um_arena_alloc(p->arena, (size_t)n + 1);
    if (!text) {
        p->failed = true;
        return "";
    }
    va_start(ap, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return text;
}

rp_step *rp_step_add(rp_protocol *p, rp_kind kind, const char *name, const char *makes,
                     bool *is_new)
{
    static rp_step nowhere;
    rp_step *s = um_arena_alloc(p->arena, sizeof *s);

    *is_new = true;
    for (size_t i = 0; i < p->count; i++)
        if (!strcmp(p->steps[i]->name, name)) {
            *is_new = false;
            return p->steps[i];
        }
    if (s && p->count == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 64;

        if (um_realloc(&p->steps, cap, sizeof *p->steps) != UMCL_OK) s = NULL;
        if (s) p->cap = cap;
    }
    if (!s) {
        p->failed = true;
        nowhere = (rp_step){.name = "", .makes = ""};
        return &nowhere;
    }
    *s = (rp_step){.kind = kind,
                   .name = rp_text(p, "%s", name),
                   .makes = rp_text(p, "%s", makes),
                   .seconds = NAN};
    p->steps[p->count++] = s;
    return s;
}

static void add_arg(rp_protocol *p, rp_step *s, const char *text)
{
    if (s->argc == RP_MAX_ARGS)
        p->failed = true;
    else
        s->argv[s->argc++] = rp_text(p, "%s", text);
}

void rp_args(rp_protocol *p, rp_step *s, ...)
{
    const char *text;
    va_list ap;

    va_start(ap, s);
    while ((text = va_arg(ap, const char *))) add_arg(p, s, text);
    va_end(ap);
}

void rp_words(rp_protocol *p, rp_step *s, const char *words)
{
    for (const char *at = words + strspn(words, " "); *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");

        add_arg(p, s, rp_text(p, "%.*s", (int)n, at));
        at += n;
    }
}

void rp_file_add(rp_protocol *p, const char *path, const char *text)
{
    for (size_t i = 0; i < p->n_files; i++)
        if (!strcmp(p->files[i].path, path)) return;
    if (p->n_files == p->files_cap) {
        size_t cap = p->files_cap ? 2 * p->files_cap : 16;

        if (um_realloc(&p->files, cap, sizeof *p->files) != UMCL_OK) {
            p->failed = true;
            return;
        }
        p->files_cap = cap;
    }
    p->files[p->n_files++] = (rp_file){rp_text(p, "%s", path), rp_text(p, "%s", text)};
}

const char *rp_record_path(rp_protocol *p, const rp_step *s)
{
    return rp_text(p, "%s/steps/%s.json", p->set->out, s->name);
}

const char *rp_log_path(rp_protocol *p, const rp_step *s)
{
    return rp_text(p, "%s/logs/%s.log", p->set->out, s->name);
}

/* Whether an argument speaks of what is at `path`: the place itself or a folder above it. */
static bool speaks_of(const char *arg, const char *path)
{
    size_t n = strlen(arg);

    return strstr(arg, path) || (n > 1 && !strncmp(arg, path, n) && path[n] == '/');
}

/* A step's key changes with its command, with the program and with what it builds on. */
static void set_key(rp_protocol *p, size_t number)
{
    rp_step *s = p->steps[number];
    um_sha256 h;

    um_sha256_start(&h);
    um_sha256_add(&h, UMCL_VERSION, sizeof UMCL_VERSION);
    for (size_t a = 0; a < s->argc; a++) {
        um_sha256_add(&h, s->argv[a], strlen(s->argv[a]) + 1);
        for (size_t i = 0; i < number; i++)
            if (speaks_of(s->argv[a], p->steps[i]->makes))
                um_sha256_add(&h, p->steps[i]->key, sizeof p->steps[i]->key);
        for (size_t i = 0; i < p->n_files; i++)
            if (speaks_of(s->argv[a], p->files[i].path))
                um_sha256_add(&h, p->files[i].text, strlen(p->files[i].text) + 1);
    }
    um_sha256_finish(&h, s->key);
}

/* Done: the record says so, of this very key, and the result is still there. */
static void find_done(rp_protocol *p, rp_step *s)
{
    json_t *record = json_load_file(rp_record_path(p, s), 0, NULL);
    const char *key = json_string_value(json_object_get(record, "key"));
    bool done = json_is_true(json_object_get(record, "done"));
    const json_t *seconds = json_object_get(record, "seconds");

    if (json_is_number(seconds)) s->seconds = json_number_value(seconds);
    s->done = key && done && !strcmp(key, s->key) && (um_is_file(s->makes) || um_is_dir(s->makes));
    json_decref(record);
}

umcl_status rp_protocol_finish(rp_protocol *p)
{
    for (size_t i = 0; i < p->count; i++) set_key(p, i);
    for (size_t i = 0; i < p->count; i++) find_done(p, p->steps[i]);
    if (!p->failed) return UMCL_OK;
    return um_fail(UMCL_ERR_NOMEM, "out of memory, or a command of more than %d words",
                   RP_MAX_ARGS);
}

static bool is_plain(const char *text)
{
    return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-+=./,:")];
}

const char *rp_command(rp_protocol *p, const rp_step *s)
{
    um_str text = UM_STR_INIT;
    const char *copy;

    um_str_append(&text, "umcl");
    for (size_t i = 0; i < s->argc; i++) {
        um_str_append(&text, " ");
        if (is_plain(s->argv[i])) {
            um_str_append(&text, s->argv[i]);
            continue;
        }
        um_str_append(&text, "'");
        for (const char *c = s->argv[i]; *c; c++)
            if (*c == '\'')
                um_str_append(&text, "'\\''");
            else
                um_str_append_n(&text, c, 1);
        um_str_append(&text, "'");
    }
    if (s->prints) um_str_printf(&text, " > %s", s->makes);
    if (um_str_status(&text) != UMCL_OK) p->failed = true;
    copy = rp_text(p, "%s", text.text ? text.text : "");
    um_str_clear(&text);
    return copy;
}
