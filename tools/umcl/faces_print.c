#include "faces_print.h"

#include <jansson.h>

void faces_print_string(FILE *to, const char *text)
{
    json_t *s = json_string(text);
    char *out;

    /* A path that is no UTF-8: its bytes above 127 are shown as '?'. */
    if (!s) {
        fputc('"', to);
        for (; *text; text++)
            if ((unsigned char)*text >= 32 && (unsigned char)*text < 127 && *text != '"' &&
                *text != '\\')
                fputc(*text, to);
            else
                fputc('?', to);
        fputc('"', to);
        return;
    }
    out = json_dumps(s, JSON_ENCODE_ANY);
    fputs(out ? out : "\"\"", to);
    free(out);
    json_decref(s);
}

static void print_points(FILE *to, const float (*p)[2], int n)
{
    for (int i = 0; i < n; i++)
        fprintf(to, "%s[%.2f,%.2f]", i ? "," : "", (double)p[i][0], (double)p[i][1]);
}

void faces_print_json(FILE *to, const faces_row *row)
{
    fprintf(to, "{\"time\":%.4f,\"faces\":[", row->time);
    for (size_t i = 0; i < row->n; i++) {
        const um_track_frame *f = &row->faces[i];

        fprintf(to, "%s{\"track\":%d,\"box\":[%.2f,%.2f,%.2f,%.2f],\"score\":%.5f,\"points\":[",
                i ? "," : "", f->track, (double)f->box.x0, (double)f->box.y0, (double)f->box.x1,
                (double)f->box.y1, (double)f->score);
        print_points(to, (const float(*)[2])f->points, 5);
        fputs("],\"landmarks\":[", to);
        print_points(to, (const float(*)[2])f->calibrated.p, UM_N_LANDMARKS);
        fputs("]}", to);
    }
    fputs("]}", to);
}

void faces_print_text(FILE *to, const faces_row *row)
{
    for (size_t i = 0; i < row->n; i++) {
        const um_track_frame *f = &row->faces[i];

        fprintf(to,
                "  face %d: box %.0f %.0f %.0f %.0f, score %.3f, eyes (%.0f, %.0f) (%.0f, %.0f)\n",
                f->track, (double)f->box.x0, (double)f->box.y0, (double)f->box.x1,
                (double)f->box.y1, (double)f->score, (double)f->points[0][0],
                (double)f->points[0][1], (double)f->points[1][0], (double)f->points[1][1]);
    }
}
