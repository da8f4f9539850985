#include "detect_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static void nothing(void)
{
}

static void nothing_of(const umcl_model_info *model)
{
    (void)model;
}

/* ---- text ---- */

static void text_video(const umcl_model_info *model, const char *path, const umcl_report *r)
{
    (void)model;
    printf("%s\n  verdict   %s", path, umcl_verdict_name(r->verdict));
    if (r->outcome != UMCL_OUTCOME_OK) printf(" (%s)", umcl_outcome_name(r->outcome));
    printf("\n");
    if (!isnan(r->score)) {
        printf("  P(fake)   %.3f", r->score);
        if (!isnan(r->score_low))
            printf("  (90 %% interval %.3f-%.3f)", r->score_low, r->score_high);
        printf("\n");
    }
    printf("  reason    %s\n", r->reason);
    for (size_t i = 0; i < r->n_tracks; i++) {
        const umcl_track *t = &r->tracks[i];
        printf("  track %-3d %.2f-%.2f s, face %.0f px, ", t->id, t->start, t->end, t->face_px);
        if (isnan(t->score))
            printf("not judged: %s\n", umcl_outcome_name(t->outcome));
        else
            printf("P(fake) %.3f over %zu window%s\n", t->score, t->n_windows,
                   t->n_windows == 1 ? "" : "s");
        if (!isnan(t->heart_rate))
            printf("            pulse %.0f beats a minute (%.1f dB)\n", t->heart_rate,
                   t->pulse_snr);
        else if (!isnan(t->pulse_snr))
            printf("            no pulse reading (%.1f dB)\n", t->pulse_snr);
    }
    for (size_t i = 0; i < r->n_warnings; i++) printf("  warning   %s\n", r->warnings[i]);
    fflush(stdout);
}

const detect_format detect_text = {"text", nothing_of, text_video, nothing};

/* ---- JSON ---- */

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *model_json(const umcl_model_info *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:s}", "kind", m->kind, "version",
                     m->version, "hash", m->hash, "crop_recipe", m->crop_recipe, "threshold",
                     m->threshold, "doubt_low", m->doubt_low, "doubt_high", m->doubt_high,
                     "program", umcl_version());
}

/* null: the model looks for no pulse. */
static json_t *pulse_json(const umcl_track *t)
{
    if (isnan(t->pulse_snr)) return json_null();
    return json_pack("{s:o, s:f}", "bpm", number(t->heart_rate), "snr_db", t->pulse_snr);
}

static json_t *track_json(const umcl_track *t)
{
    json_t *windows = json_array();

    for (size_t i = 0; i < t->n_windows; i++)
        json_array_append_new(windows,
                              json_pack("{s:f, s:f, s:f}", "start", t->windows[i].start, "end",
                                        t->windows[i].end, "score", t->windows[i].score));
    return json_pack("{s:i, s:f, s:f, s:o, s:s, s:f, s:f, s:o, s:o}", "id", t->id, "start",
                     t->start, "end", t->end, "score", number(t->score), "status",
                     umcl_outcome_name(t->outcome), "face_px", t->face_px, "face_score",
                     t->face_score, "pulse", pulse_json(t), "windows", windows);
}

/* A path that is not UTF-8 is shown with '?' for the bytes that JSON cannot hold. */
static json_t *path_json(const char *path)
{
    json_t *text = json_string(path);
    char *copy;

    if (text) return text;
    copy = strdup(path);
    for (char *p = copy; p && *p; p++)
        if ((unsigned char)*p >= 0x80) *p = '?';
    text = json_string(copy ? copy : "");
    free(copy);
    return text;
}

static json_t *video_json(const char *path, const umcl_report *r)
{
    json_t *tracks = json_array(), *warnings = json_array();

    for (size_t i = 0; i < r->n_tracks; i++)
        json_array_append_new(tracks, track_json(&r->tracks[i]));
    for (size_t i = 0; i < r->n_warnings; i++)
        json_array_append_new(warnings, path_json(r->warnings[i]));
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:f, s:I, s:I, s:o, s:o, s:o}",
                     "path", path_json(path), "status", umcl_outcome_name(r->outcome), "verdict",
                     umcl_verdict_name(r->verdict), "score", number(r->score), "score_low",
                     number(r->score_low), "score_high", number(r->score_high), "width", r->width,
                     "height", r->height, "duration", r->duration, "frames",
                     (json_int_t)r->n_frames, "faces", (json_int_t)r->n_tracks, "reason",
                     path_json(r->reason), "tracks", tracks, "warnings", warnings);
}

static void dump(json_t *value)
{
    json_dumpf(value, stdout, JSON_REAL_PRECISION(6) | JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(value);
}

static int json_count;

static void json_begin(const umcl_model_info *model)
{
    json_count = 0;
    fputs("{\"schema\":\"umcl.detect/1\",\"model\":", stdout);
    dump(model_json(model));
    fputs(",\"videos\":[", stdout);
}

static void json_video(const umcl_model_info *model, const char *path, const umcl_report *r)
{
    (void)model;
    fputs(json_count++ ? ",\n" : "\n", stdout);
    dump(video_json(path, r));
}

static void json_end(void)
{
    fputs("\n]}\n", stdout);
}

const detect_format detect_json = {"json", json_begin, json_video, json_end};

static void jsonl_video(const umcl_model_info *model, const char *path, const umcl_report *r)
{
    json_t *line = video_json(path, r);

    json_object_set_new(line, "schema", json_string("umcl.detect/1"));
    json_object_set_new(line, "model", model_json(model));
    dump(line);
    putchar('\n');
    fflush(stdout);
}

const detect_format detect_jsonl = {"jsonl", nothing_of, jsonl_video, nothing};

/* ---- CSV ---- */

static void csv_begin(const umcl_model_info *model)
{
    (void)model;
    puts("path,status,verdict,score,score_low,score_high,duration,faces,reason");
}

static void csv_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void csv_number(double v)
{
    putchar(',');
    if (!isnan(v)) printf("%.6f", v);
}

static void csv_video(const umcl_model_info *model, const char *path, const umcl_report *r)
{
    (void)model;
    csv_text(path);
    printf(",%s,%s", umcl_outcome_name(r->outcome), umcl_verdict_name(r->verdict));
    csv_number(r->score);
    csv_number(r->score_low);
    csv_number(r->score_high);
    csv_number(r->duration);
    printf(",%zu,", r->n_tracks);
    csv_text(r->reason);
    putchar('\n');
    fflush(stdout);
}

const detect_format detect_csv = {"csv", csv_begin, csv_video, nothing};
