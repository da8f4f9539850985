/* A table as JSON and HTML: with every figure the command that gave it, and the models' hashes. */
#include <string.h>

#include <jansson.h>

#include "reproduce_table.h"

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static bool is_used(const rp_table *t, const rp_step *step)
{
    for (int r = 0; r < t->n_rows; r++)
        for (int c = 0; c < t->n_columns; c++)
            for (int i = 0; i < t->rows[r]->cell[c].n_found; i++)
                if (t->rows[r]->cell[c].found[i].step == step) return true;
    return false;
}

/* The file of a model that was trained here; its name if there is none. */
static const char *model_file(const rp_protocol *p, const char *name)
{
    for (size_t i = 0; name && i < p->count; i++)
        if (p->steps[i]->kind == RP_TRAIN && !strcmp(p->steps[i]->name + strlen("train-"), name))
            return p->steps[i]->makes;
    return name;
}

/* The models behind a result: an evaluation names one, umcl tsne those of every file. */
static void add_models(json_t *all, const rp_protocol *p, const rp_step *step)
{
    json_t *doc = json_load_file(step->makes, 0, NULL);
    const json_t *list = json_object_get(doc, step->kind == RP_EVAL ? "models" : "files"), *from;
    size_t i;

    json_array_foreach(list, i, from)
    {
        const char *hash = json_string_value(json_object_get(from, "hash"));
        const char *path = step->kind == RP_EVAL
                               ? step->argv[1]
                               : model_file(p, json_string_value(json_object_get(from, "model")));
        json_t *model = hash && path ? json_pack("{s:s, s:s, s:I}", "path", path, "hash", hash,
                                                 "seed", (json_int_t)step->seed)
                                     : NULL;
        bool known = !model;

        for (size_t k = 0; k < json_array_size(all); k++)
            known = known || json_equal(json_array_get(all, k), model);
        if (known)
            json_decref(model);
        else
            json_array_append_new(all, model);
    }
    json_decref(doc);
}

static json_t *models(const rp_table *t)
{
    json_t *all = json_array();

    for (size_t i = 0; i < t->p->count; i++) {
        const rp_step *s = t->p->steps[i];

        if ((s->kind == RP_EVAL || s->kind == RP_OTHER) && is_used(t, s)) add_models(all, t->p, s);
    }
    return all;
}

static json_t *from_cell(const rp_table *t, const rp_row *row, int column)
{
    const rp_cell *c = &row->cell[column];
    json_t *seeds = json_array();

    for (int i = 0; i < c->n_found; i++) {
        const rp_found *f = &c->found[i];

        json_array_append_new(
            seeds, json_pack("{s:I, s:o, s:o, s:o, s:s}", "seed", (json_int_t)f->step->seed,
                             "value", number(t->scale * f->value), "low", number(t->scale * f->low),
                             "high", number(t->scale * f->high), "step", f->step->name));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "head", t->head[column], "column",
                     t->column[column], "paper", number(c->paper), "value", number(c->value), "low",
                     number(c->low), "high", number(c->high), "deviation", number(c->deviation),
                     "seeds", seeds);
}

static json_t *from_row(const rp_table *t, const rp_row *row)
{
    json_t *cells = json_array();

    for (int c = 0; c < t->n_columns; c++) json_array_append_new(cells, from_cell(t, row, c));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "group", row->group, "row", row->name, "source",
                     row->extra                   ? "scores given"
                     : rp_row_has_figures(t, row) ? "run"
                     : row->ours                  ? "not asked for"
                                                  : "published, not run",
                     "mark", row->mark ? json_string(row->mark) : json_null(), "cells", cells);
}

static json_t *from_steps(rp_protocol *p)
{
    json_t *all = json_object();

    for (size_t i = 0; i < p->count; i++)
        json_object_set_new(all, p->steps[i]->name,
                            json_pack("{s:s, s:s, s:o}", "command", rp_command(p, p->steps[i]),
                                      "makes", p->steps[i]->makes, "seconds",
                                      number(p->steps[i]->seconds)));
    return all;
}

umcl_status rp_write_json(rp_table *t, FILE *to)
{
    json_t *rows = json_array(), *notes = json_array(), *doc;

    for (int r = 0; r < t->n_rows; r++) json_array_append_new(rows, from_row(t, t->rows[r]));
    for (int i = 0; i < t->n_notes; i++) json_array_append_new(notes, json_string(t->notes[i]));
    doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:o, s:o, s:o, s:o}", "schema",
                    "umcl.reproduction/1", "id", t->id, "title", t->title, "unit", t->unit,
                    "program", UMCL_VERSION, "preset", t->p->set->preset, "generated_material",
                    t->p->set->n_roots == 0, "seeds", t->p->set->seeds, "rows", rows, "notes",
                    notes, "models", models(t), "steps", from_steps(t->p));
    if (!doc) return um_fail(UMCL_ERR_NOMEM, "JSON: out of memory, or a name that is not UTF-8");
    json_dumpf(doc, to, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    fputc('\n', to);
    json_decref(doc);
    return UMCL_OK;
}

static void escaped(FILE *to, const char *text)
{
    for (; *text; text++) switch (*text) {
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '&': fputs("&amp;", to); break;
        case '"': fputs("&quot;", to); break;
        default: fputc(*text, to);
        }
}

static void cell(FILE *to, const char *tag, const char *text)
{
    fprintf(to, "<%s>", tag);
    escaped(to, text);
    fprintf(to, "</%s>", *tag == 't' && tag[1] == 'd' ? "td" : "th");
}

static const char page_head[] =
    "<!doctype html>\n<meta charset=\"utf-8\">\n"
    "<style>body{font:15px/1.4 sans-serif;margin:2em;max-width:80em}table{border-collapse:"
    "collapse}\n"
    "td,th{padding:.15em .7em;text-align:left}tr.paper td{color:#666}tr.here td{font-weight:600}\n"
    "td~td~td{white-space:nowrap}img{max-width:100%}\n"
    "tr.group th{border-top:1px solid #999;padding-top:.5em}a{color:inherit}\n"
    "code{font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere}</style>\n";

/* Figures measured here link to the commands that gave them. */
static void values(rp_table *t, const rp_row *row, FILE *to)
{
    for (int c = 0; c < t->n_columns; c++) {
        const rp_cell *one = &row->cell[c];

        fputs("<td>", to);
        if (one->n_found && !isnan(one->value)) {
            fputs("<a href=\"#", to);
            escaped(to, one->found[0].step->name);
            fputs("\">", to);
            escaped(to, rp_value_text(t, row, c));
            fputs("</a>", to);
            for (int i = 1; i < one->n_found; i++) {
                fputs(" <a href=\"#", to);
                escaped(to, one->found[i].step->name);
                fprintf(to, "\" title=\"another seed\">%d</a>", i + 1);
            }
        } else {
            escaped(to, rp_value_text(t, row, c));
        }
        fputs("</td>", to);
    }
}

static void row_html(rp_table *t, const rp_row *row, FILE *to)
{
    bool paper = false, run = rp_row_has_figures(t, row);

    for (int c = 0; c < t->n_columns; c++) paper = paper || !isnan(row->cell[c].paper);
    if (paper) {
        fputs("<tr class=\"paper\">", to);
        cell(to, "td", row->name);
        cell(to, "td", row->ours || run ? "paper" : "published, not run");
        for (int c = 0; c < t->n_columns; c++) cell(to, "td", rp_paper_text(t, row, c));
        fputs("</tr>\n", to);
    }
    if (!run) return;
    fputs("<tr class=\"here\">", to);
    cell(to, "td", paper ? "" : row->name);
    cell(to, "td", row->extra ? "scores given" : row->mark ? row->mark : "here");
    values(t, row, to);
    fputs("</tr>\n", to);
}

static void table_html(rp_table *t, FILE *to)
{
    const char *group = "";

    fputs("<table>\n<tr><th></th><th></th>", to);
    for (int c = 0; c < t->n_columns; c++)
        cell(to, "th", rp_text(t->p, "%s %s", t->head[c], t->column[c]));
    fputs("</tr>\n", to);
    for (int r = 0; r < t->n_rows; r++) {
        if (strcmp(group, t->rows[r]->group) != 0) {
            fprintf(to, "<tr class=\"group\">");
            cell(to, rp_text(t->p, "th colspan=\"%d\"", t->n_columns + 2), t->rows[r]->group);
            fputs("</tr>\n", to);
        }
        group = t->rows[r]->group;
        row_html(t, t->rows[r], to);
    }
    fputs("</table>\n", to);
}

static void commands_html(rp_table *t, FILE *to)
{
    rp_protocol *p = t->p;

    fputs("<h2>Commands</h2>\n<p>In this order; each was run by umcl reproduce.</p>\n<ol>\n", to);
    for (size_t i = 0; i < p->count; i++) {
        fputs("<li id=\"", to);
        escaped(to, p->steps[i]->name);
        fputs("\"><code>", to);
        escaped(to, rp_command(p, p->steps[i]));
        fputs("</code></li>\n", to);
    }
    fputs("</ol>\n", to);
}

umcl_status rp_write_html(rp_table *t, FILE *to)
{
    json_t *list = models(t);

    fputs(page_head, to);
    fputs("<title>", to);
    escaped(to, t->title);
    fputs("</title>\n<h1>", to);
    escaped(to, t->title);
    fputs("</h1>\n<p>", to);
    escaped(to, rp_text(t->p, "%s%sumcl %s, preset %s, %d seed%s.", t->unit, *t->unit ? ". " : "",
                        UMCL_VERSION, t->p->set->preset, t->p->set->seeds,
                        t->p->set->seeds > 1 ? "s" : ""));
    fputs("</p>\n", to);
    if (t->figure) fprintf(to, "<p><img src=\"%s\" alt=\"\"></p>\n", t->figure);
    if (t->second) fprintf(to, "<p><img src=\"%s\" alt=\"\"></p>\n", t->second);
    if (t->n_rows) table_html(t, to);
    for (int i = 0; i < t->n_notes; i++) {
        fputs("<p>", to);
        escaped(to, t->notes[i]);
        fputs("</p>\n", to);
    }
    if (json_array_size(list)) fputs("<h2>Models</h2>\n<ul>\n", to);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);

        fputs("<li><code>", to);
        escaped(to, json_string_value(json_object_get(m, "path")));
        fputs(" ", to);
        escaped(to, json_string_value(json_object_get(m, "hash")));
        fputs("</code></li>\n", to);
    }
    if (json_array_size(list)) fputs("</ul>\n", to);
    json_decref(list);
    commands_html(t, to);
    return UMCL_OK;
}
