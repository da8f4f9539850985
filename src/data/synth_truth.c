#include "data/synth_truth.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"

struct um_synth_truth {
    um_file_writer *writer;
    bool has_frames;
};

static json_t *rounded(double value, double step)
{
    return json_real(round(value / step) * step);
}

static umcl_status dump(um_synth_truth *t, json_t *value)
{
    int failed = !value || json_dumpf(value, um_file_writer_stream(t->writer),
                                      JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0;

    json_decref(value);
    return failed ? um_fail(UMCL_ERR_NOMEM, "truth: cannot write a frame") : UMCL_OK;
}

umcl_status um_synth_truth_open(um_synth_truth **out, const char *path, const um_synth *synth)
{
    const um_synth_options *o = um_synth_get_options(synth);
    um_synth_truth *t;

    *out = NULL;
    UM_TRY(um_calloc(&t, 1, sizeof *t));
    umcl_status st = um_file_writer_open(&t->writer, path);
    if (st != UMCL_OK) {
        free(t);
        return st;
    }
    FILE *to = um_file_writer_stream(t->writer);
    fprintf(
        to,
        "{\"schema\":\"umcl.synth/1\",\"width\":%d,\"height\":%d,\"fps\":%.10g,\"seed\":%" PRIu64
        ",\"twin\":\"%s\",\"pulse_strength\":%.10g,\"people\":[",
        o->width, o->height, o->fps, o->seed, um_synth_twin_name(o->twin), o->pulse_strength);
    for (int p = 0; p < o->people; p++)
        fprintf(to, "%s{\"person\":%d,\"pulse_bpm\":%.10g}", p ? "," : "", p,
                um_synth_rate(synth, p));
    fputs("],\"frames\":[", to);
    *out = t;
    return UMCL_OK;
}

static json_t *face(const um_synth *synth, int64_t i, int p)
{
    const double degree = 180 / 3.14159265358979;
    um_synth_state s = um_synth_get_state(synth, i, p);
    float xy[2 * UM_SYNTH_POINTS];
    um_box box;

    if (!um_synth_landmarks(synth, i, p, xy) || !um_synth_box(synth, i, p, &box)) return NULL;
    json_t *points = json_array();
    for (int k = 0; k < UM_SYNTH_POINTS; k++)
        json_array_append_new(points, json_pack("[o,o]", rounded((double)xy[2 * k], 0.01),
                                                rounded((double)xy[2 * k + 1], 0.01)));
    return json_pack(
        "{s:i,s:[o,o,o,o],s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "person", p, "box",
        rounded((double)box.x0, 0.01), rounded((double)box.y0, 0.01), rounded((double)box.x1, 0.01),
        rounded((double)box.y1, 0.01), "pulse", rounded(um_synth_pulse(synth, i, p), 1e-4),
        "pulse_inside", rounded(um_synth_pulse_inside(synth, i, p), 1e-4), "yaw",
        rounded((double)s.yaw * degree, 0.01), "pitch", rounded((double)s.pitch * degree, 0.01),
        "roll", rounded((double)s.roll * degree, 0.01), "blink", rounded((double)s.blink, 1e-3),
        "mouth", rounded((double)s.mouth, 1e-3), "landmarks", points);
}

umcl_status um_synth_truth_add(um_synth_truth *t, const um_synth *synth, int64_t i)
{
    const um_synth_options *o = um_synth_get_options(synth);
    json_t *faces = json_array();

    for (int p = 0; p < o->people; p++)
        if (um_synth_get_state(synth, i, p).present)
            json_array_append_new(faces, face(synth, i, p));
    if (t->has_frames) fputc(',', um_file_writer_stream(t->writer));
    fputc('\n', um_file_writer_stream(t->writer));
    t->has_frames = true;
    return dump(t, json_pack("{s:f,s:o}", "time", (double)i / o->fps, "faces", faces));
}

umcl_status um_synth_truth_finish(um_synth_truth *t)
{
    fputs("\n]}\n", um_file_writer_stream(t->writer));
    umcl_status st = um_file_writer_commit(t->writer);
    free(t);
    return st;
}

void um_synth_truth_abort(um_synth_truth *t)
{
    if (!t) return;
    um_file_writer_abort(t->writer);
    free(t);
}
