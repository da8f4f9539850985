#include "data/pulse_wave.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/dataset_json.h"

#define VIPL_HZ 60.0
#define COLUMNS 4 /* of gtdump.xmp: milliseconds, heart rate, SpO2, wave */

const char *um_pulse_layout_name(um_pulse_layout layout)
{
#define X(id, name) name,
    static const char *const names[] = {UM_PULSE_LAYOUTS(X)};
#undef X

    return names[layout];
}

void um_pulse_wave_clear(um_pulse_wave *w)
{
    free(w->times);
    free(w->values);
    free(w->frames);
    *w = (um_pulse_wave){0};
}

/* Numbers of a text, and where the lines are. */
typedef struct table {
    double *values;
    size_t *ends; /* [lines], numbers up to and including this line */
    size_t n, lines;
} table;

static void clear_table(table *t)
{
    free(t->values);
    free(t->ends);
    *t = (table){0};
}

/* The numbers of a line; words are passed over in the first line alone, which may be a header. */
static umcl_status read_line(table *t, const char *name, char *line, size_t number)
{
    for (char *at = line; *at;) {
        char *end;
        double v;

        at += strspn(at, " \t,;\r");
        if (!*at) break;
        v = strtod(at, &end);
        if (end != at && isfinite(v) && (!*end || strchr(" \t,;\r", *end))) {
            t->values[t->n++] = v;
            at = end;
            continue;
        }
        if (number > 1)
            return um_fail(UMCL_ERR_FORMAT, "%s: line %zu: expected a number, found '%.20s'", name,
                           number, at);
        at += strcspn(at, " \t,;\r");
    }
    return UMCL_OK;
}

static umcl_status read_table(table *out, const char *name, const void *bytes, size_t n)
{
    char *text = NULL, *line, *next;
    size_t number = 0;
    umcl_status st;

    *out = (table){0};
    if (n && memchr(bytes, 0, n))
        return um_fail(UMCL_ERR_FORMAT, "%s: expected a text, found a zero byte", name);
    UM_CHECK(um_calloc(&text, n + 1, 1));
    UM_CHECK(um_calloc(&out->values, n / 2 + 1, sizeof *out->values));
    UM_CHECK(um_calloc(&out->ends, n + 1, sizeof *out->ends));
    if (n) memcpy(text, bytes, n);
    for (line = text; line; line = next) {
        size_t before = out->n;

        next = strchr(line, '\n');
        if (next) *next++ = 0;
        UM_CHECK(read_line(out, name, line, ++number));
        if (out->n > before) out->ends[out->lines++] = out->n;
    }
done:
    free(text);
    if (st != UMCL_OK) clear_table(out);
    return st;
}

static umcl_status allocate(um_pulse_wave *w, size_t n, const char *name)
{
    if (n < 2)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected a wave of two values or more, found %zu",
                       name, n);
    UM_TRY(um_calloc(&w->times, n, sizeof *w->times));
    UM_TRY(um_calloc(&w->values, n, sizeof *w->values));
    w->n = n;
    return UMCL_OK;
}

static umcl_status check_rising(const double *times, size_t n, const char *name)
{
    for (size_t i = 1; i < n; i++)
        if (!(times[i] > times[i - 1]))
            return um_fail(UMCL_ERR_FORMAT, "%s: expected rising times, found %g s after %g s",
                           name, times[i], times[i - 1]);
    return UMCL_OK;
}

/* Three lines: wave, heart rates, seconds. */
static umcl_status fill_ubfc2(um_pulse_wave *w, const table *t, const char *name)
{
    size_t n = t->lines ? t->ends[0] : 0;

    if (t->lines < 3 || t->ends[1] != 2 * n || t->ends[2] != 3 * n)
        return um_fail(UMCL_ERR_FORMAT,
                       "%s: expected three lines of as many numbers: wave, heart rate, time", name);
    UM_TRY(allocate(w, n, name));
    for (size_t i = 0; i < n; i++) {
        w->values[i] = (float)t->values[i];
        w->times[i] = t->values[2 * n + i] - t->values[2 * n];
    }
    return UMCL_OK;
}

/* A line a sample. */
static umcl_status fill_ubfc1(um_pulse_wave *w, const table *t, const char *name)
{
    UM_TRY(allocate(w, t->lines, name));
    for (size_t i = 0; i < t->lines; i++) {
        if (t->ends[i] != COLUMNS * (i + 1))
            return um_fail(UMCL_ERR_FORMAT,
                           "%s: record %zu: expected time, heart rate, saturation and wave", name,
                           i + 1);
        w->times[i] = (t->values[COLUMNS * i] - t->values[0]) / 1000;
        w->values[i] = (float)t->values[COLUMNS * i + 3];
    }
    return UMCL_OK;
}

static umcl_status fill_vipl(um_pulse_wave *w, const table *t, const char *name)
{
    if (t->n != t->lines)
        return um_fail(UMCL_ERR_FORMAT, "%s: expected one number a line, found %zu in %zu", name,
                       t->n, t->lines);
    UM_TRY(allocate(w, t->n, name));
    for (size_t i = 0; i < t->n; i++) {
        w->times[i] = (double)i / VIPL_HZ;
        w->values[i] = (float)t->values[i];
    }
    return UMCL_OK;
}

/* Nanoseconds, less `origin` before they lose their digits. */
static double seconds(const json_t *stamp, json_int_t origin)
{
    return (double)(json_integer_value(stamp) - origin) * 1e-9;
}

static umcl_status read_package(um_pulse_wave *w, const json_t *package, json_int_t origin,
                                const char *name)
{
    size_t n = json_array_size(package);

    UM_TRY(allocate(w, n, name));
    for (size_t i = 0; i < n; i++) {
        const json_t *sample = json_array_get(package, i);
        const json_t *stamp = json_object_get(sample, "Timestamp");
        const json_t *value = json_object_get(json_object_get(sample, "Value"), "waveform");

        if (!json_is_integer(stamp) || json_integer_value(stamp) < 0 || !json_is_number(value))
            return um_fail(UMCL_ERR_FORMAT,
                           "%s: /FullPackage[%zu]: expected Timestamp and Value/waveform", name, i);
        w->times[i] = seconds(stamp, origin);
        w->values[i] = (float)json_number_value(value);
    }
    return UMCL_OK;
}

static umcl_status read_images(um_pulse_wave *w, const json_t *images, json_int_t origin,
                               const char *name)
{
    size_t n = json_array_size(images);

    UM_TRY(um_calloc(&w->frames, n, sizeof *w->frames));
    w->n_frames = n;
    for (size_t i = 0; i < n; i++) {
        const json_t *stamp = json_object_get(json_array_get(images, i), "Timestamp");

        if (!json_is_integer(stamp) || json_integer_value(stamp) < 0)
            return um_fail(UMCL_ERR_FORMAT, "%s: /Image[%zu]: expected a Timestamp", name, i);
        w->frames[i] = seconds(stamp, origin);
    }
    return check_rising(w->frames, n, name);
}

static umcl_status read_pure(um_pulse_wave *w, const char *name, const void *bytes, size_t n)
{
    const json_t *package, *images, *first;
    json_t *doc;
    umcl_status st;

    UM_TRY(um_json_parse(&doc, name, bytes, n));
    package = json_object_get(doc, "/FullPackage");
    images = json_object_get(doc, "/Image");
    first = json_object_get(json_array_get(images, 0), "Timestamp");
    if (!json_is_array(package) || json_array_size(images) < 2 || !json_is_integer(first) ||
        json_integer_value(first) < 0) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected the lists /FullPackage and /Image", name);
        goto done;
    }
    UM_CHECK(read_package(w, package, json_integer_value(first), name));
    UM_CHECK(read_images(w, images, json_integer_value(first), name));
done:
    json_decref(doc);
    return st;
}

umcl_status um_pulse_wave_parse(um_pulse_wave *out, um_pulse_layout layout, const char *name,
                                const void *bytes, size_t n)
{
    table t = {0};
    umcl_status st;

    *out = (um_pulse_wave){0};
    if (layout == UM_PULSE_LAYOUT_PURE) {
        UM_CHECK(read_pure(out, name, bytes, n));
    } else {
        UM_CHECK(read_table(&t, name, bytes, n));
        UM_CHECK(layout == UM_PULSE_LAYOUT_UBFC2   ? fill_ubfc2(out, &t, name)
                 : layout == UM_PULSE_LAYOUT_UBFC1 ? fill_ubfc1(out, &t, name)
                                                   : fill_vipl(out, &t, name));
    }
    for (size_t i = 0; i < out->n; i++)
        if (!isfinite(out->values[i])) {
            st = um_fail(UMCL_ERR_FORMAT, "%s: value %zu is out of range", name, i + 1);
            goto done;
        }
    st = check_rising(out->times, out->n, name);
done:
    clear_table(&t);
    if (st != UMCL_OK) um_pulse_wave_clear(out);
    return st;
}

umcl_status um_pulse_frames_parse(um_pulse_wave *wave, const char *name, const void *bytes,
                                  size_t n)
{
    double *frames = NULL;
    table t;
    umcl_status st;

    UM_TRY(read_table(&t, name, bytes, n));
    if (t.n < 2 || t.n != t.lines) {
        st = um_fail(UMCL_ERR_FORMAT, "%s: expected one time a line, found %zu in %zu", name, t.n,
                     t.lines);
        goto done;
    }
    UM_CHECK(um_calloc(&frames, t.n, sizeof *frames));
    for (size_t i = 0; i < t.n; i++) frames[i] = (t.values[i] - t.values[0]) / 1000;
    UM_CHECK(check_rising(frames, t.n, name));
    free(wave->frames);
    wave->frames = frames;
    wave->n_frames = t.n;
    frames = NULL;
done:
    free(frames);
    clear_table(&t);
    return st;
}

/* y at `x` between the points of a rising course; NaN outside of them. */
static double between(const double *xs, size_t n, double x, size_t *at)
{
    if (!(x >= xs[0] && x <= xs[n - 1])) return NAN;
    while (*at + 2 < n && xs[*at + 1] < x) ++*at;
    return (x - xs[*at]) / (xs[*at + 1] - xs[*at]);
}

/* When the moment `t` of the video was taken. */
static double taken_at(const um_pulse_wave *w, double video_fps, double t)
{
    double frame = t * video_fps, part;
    size_t i;

    if (!w->frames) return t;
    if (!(frame >= 0 && frame <= (double)(w->n_frames - 1))) return NAN;
    i = (size_t)frame < w->n_frames - 1 ? (size_t)frame : w->n_frames - 2;
    part = frame - (double)i;
    return w->frames[i] + part * (w->frames[i + 1] - w->frames[i]);
}

static umcl_status standardise(float *x, size_t n)
{
    double mean = 0, squares = 0, scale;

    for (size_t i = 0; i < n; i++) mean += (double)x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
    scale = sqrt(squares);
    if (!(scale > 1e-12 && isfinite(scale)))
        return um_fail(UMCL_ERR_INVALID, "pulse wave: expected beats, found a constant");
    for (size_t i = 0; i < n; i++) x[i] = (float)(((double)x[i] - mean) / scale);
    return UMCL_OK;
}

umcl_status um_pulse_wave_at(float *out, size_t n, const um_pulse_wave *w, double video_fps,
                             double first, double fps)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        double t = taken_at(w, video_fps, first + (double)i / fps);
        double part = between(w->times, w->n, t, &at);

        if (isnan(part))
            return um_fail(UMCL_ERR_INVALID,
                           "pulse wave: second %.2f of the video lies outside of its %.2f to %.2f",
                           first + (double)i / fps, w->times[0], w->times[w->n - 1]);
        out[i] = (float)((1 - part) * (double)w->values[at] + part * (double)w->values[at + 1]);
    }
    return standardise(out, n);
}
