#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli.h"
#include "detect/track_pulse.h"
#include "face/face_nets.h"

#define SHIPPED "models/pulse.safetensors"
#define MAX_FACES 8 /* each holds 8 MB of crops */

static const char help[] =
    "usage: umcl pulse [OPTIONS] FILE...\n"
    "\n"
    "Reads the heart rate of the faces in videos from the colour of their skin, in two ways: by\n"
    "a network (PhysFormer) in windows of 160 frames (5.3 s), the median of them where at least\n"
    "half have a pulse above the noise and agree with it; and from the mean colour of the skin\n"
    "over 10 to 30 s (POS, Wang et al. 2017). Where the two disagree, or neither finds a pulse,\n"
    "there is no reading. A heart rate is evidence to look at, not proof: good fakes can carry\n"
    "the pulse of whoever drives them.\n"
    "\n"
    "  --json             one document, schema umcl.pulse/1, with the waveforms (docs/formats.md)\n"
    "  -w, --weights FILE the pulse encoder (umcl pretrain p, umcl import physformer)\n"
    "  --face-model FILE  another face detector\n"
    "  --points-model FILE  another landmark network\n"
    "  --stride N         frames from window to window, 1..160 (default 80)\n"
    "  --start S          begin S seconds into the video\n"
    "  --duration S       look at S seconds\n"
    "  --threads N        default: one per core\n"
    "  -q, --quiet        no progress on standard error\n"
    "  -h, --help         this text\n"
    "\n"
    "example: umcl pulse clip.mp4\n"
    "\n"
    "Exit codes: 0 done (readings or none), 1 a file could not be read, 2 usage.\n";

typedef struct settings {
    um_face_nets_options nets;
    um_face_stream_options stream;
    um_video_options video;
    const char *weights;
    int stride, threads;
    bool json, quiet;
} settings;

typedef struct job {
    const settings *set;
    um_face_nets *nets;
    um_pulse_net *net;
    um_track_pulse
        *tracks; /* of the file in work; those that have ended keep their windows alone */
    size_t n_tracks;
} job;

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    job *j = user;
    um_track_pulse *t = NULL;

    for (size_t i = j->n_tracks; i-- > 0 && !t;)
        if (j->tracks[i].id == f->track) t = &j->tracks[i];
    if (!t) {
        UM_TRY(um_realloc(&j->tracks, j->n_tracks + 1, sizeof *j->tracks));
        t = &j->tracks[j->n_tracks];
        UM_TRY(um_track_pulse_start(t, f->track));
        j->n_tracks++;
    }
    return um_track_pulse_add(t, j->net, f, j->set->stride);
}

static umcl_status on_end(void *user, int track, um_track_end why)
{
    job *j = user;

    (void)why;
    for (size_t i = 0; i < j->n_tracks; i++)
        if (j->tracks[i].id == track) {
            free(j->tracks[i].rgb);
            j->tracks[i].rgb = NULL;
        }
    return UMCL_OK;
}

static umcl_status follow(job *j, const char *path)
{
    const um_face_models models = um_face_nets_models(j->nets);
    const um_face_sink sink = {j, on_frame, on_end, NULL};
    um_face_stream *stream = NULL;
    um_video *video = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    UM_CHECK(um_video_open(&video, path, &j->set->video));
    UM_CHECK(um_face_stream_new(&stream, &models, &j->set->stream, &sink));
    for (int64_t n = 0;; n++) {
        if (!j->set->quiet && n % 15 == 0) cli_progress("%s: %.1f s", path, (double)n / 30);
        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        UM_CHECK(um_face_stream_push(stream, frame));
        um_frame_unref(frame);
        frame = NULL;
    }
    UM_CHECK(um_face_stream_finish(stream));
    if (um_face_stream_get_stats(stream).frames == 0)
        st = um_fail(UMCL_ERR_FORMAT, "%s: no frame can be decoded", path);
done:
    if (!j->set->quiet) cli_progress(NULL);
    um_frame_unref(frame);
    um_face_stream_free(stream);
    um_video_close(video);
    return st;
}

static void print_reading(const char *by, const um_heart_rate *r, double seconds)
{
    printf("    %-8s ", by);
    if (isnan(r->snr_db))
        printf("too short: %.1f s are needed\n", seconds);
    else if (r->reading)
        printf("%.0f beats a minute (%.1f dB)\n", r->bpm, r->snr_db);
    else
        printf("no reading (%.1f dB)\n", r->snr_db);
}

static umcl_status print_text(const job *j, const char *path)
{
    printf("%s\n", path);
    if (!j->n_tracks) printf("  no face\n");
    for (size_t i = 0; i < j->n_tracks; i++) {
        const um_track_pulse *t = &j->tracks[i];
        um_face_pulse p;

        UM_TRY(um_track_pulse_read(&p, t));
        printf("  track %d: %.1f-%.1f s, ", t->id, t->start, t->end);
        if (!t->n_windows) {
            printf("too short: a window needs %.1f s\n", UM_PULSE_WINDOW / 30.0);
            continue;
        }
        if (p.joint.reading)
            printf("%.0f beats a minute\n", p.joint.bpm);
        else
            printf("no pulse reading\n");
        print_reading("network", &p.network, UM_PULSE_WINDOW / 30.0);
        print_reading("skin", &p.skin, UM_SKIN_LEAST / 30.0);
    }
    return UMCL_OK;
}

static json_t *rate_json(const um_heart_rate *r)
{
    return json_pack("{s:o, s:o}", "bpm", r->reading ? json_real(r->bpm) : json_null(), "snr_db",
                     isnan(r->snr_db) ? json_null() : json_real(r->snr_db));
}

static json_t *window_json(const um_pulse_window *w)
{
    json_t *out = rate_json(&w->rate), *wave = json_array();

    for (int k = 0; k < UM_PULSE_WINDOW; k++)
        json_array_append_new(wave, json_real((double)w->waveform[k]));
    json_object_set_new(out, "start", json_real(w->start));
    json_object_set_new(out, "end", json_real(w->end));
    json_object_set_new(out, "waveform", wave);
    return out;
}

static json_t *track_json(const um_track_pulse *t)
{
    um_face_pulse p;
    json_t *out, *windows;

    if (um_track_pulse_read(&p, t) != UMCL_OK) return json_null();
    out = rate_json(&p.joint);
    windows = json_array();
    for (size_t i = 0; i < t->n_windows; i++)
        json_array_append_new(windows, window_json(&t->windows[i]));
    json_object_set_new(out, "id", json_integer(t->id));
    json_object_set_new(out, "start", json_real(t->start));
    json_object_set_new(out, "end", json_real(t->end));
    json_object_set_new(out, "network", rate_json(&p.network));
    json_object_set_new(out, "skin", rate_json(&p.skin));
    json_object_set_new(out, "windows", windows);
    return out;
}

static json_t *file_json(const job *j, const char *path, umcl_status st)
{
    json_t *tracks = json_array(), *out;
    bool any = false;

    for (size_t i = 0; i < j->n_tracks; i++) {
        any = any || j->tracks[i].n_windows;
        json_array_append_new(tracks, track_json(&j->tracks[i]));
    }
    out = json_pack("{s:o, s:s, s:o}", "path", json_stringn_nocheck(path, strlen(path)), "status",
                    st != UMCL_OK ? "unreadable"
                    : any         ? "ok"
                    : j->n_tracks ? "too_short"
                                  : "no_face",
                    "tracks", tracks);
    if (st != UMCL_OK) json_object_set_new(out, "error", json_string(umcl_last_error()));
    return out;
}

static int run(job *j, char **paths, int n)
{
    json_t *files = json_array(), *doc;
    int code = EXIT_DONE;

    for (int i = 0; i < n; i++) {
        umcl_status st = follow(j, paths[i]);

        if (j->set->json) json_array_append_new(files, file_json(j, paths[i], st));
        if (st == UMCL_OK && !j->set->json) st = print_text(j, paths[i]);
        if (st != UMCL_OK) code = cli_fail("pulse");
        for (size_t t = 0; t < j->n_tracks; t++) um_track_pulse_clear(&j->tracks[t]);
        j->n_tracks = 0;
    }
    doc = json_pack("{s:s, s:o}", "schema", "umcl.pulse/1", "files", files);
    if (j->set->json) {
        json_dumpf(doc, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
        putchar('\n');
    }
    json_decref(doc);
    return code;
}

static int open_and_run(const settings *set, char **paths, int n)
{
    job j = {.set = set};
    um_str shipped = UM_STR_INIT;
    int code = EXIT_SOME_FAILED;
    umcl_status st;

    if (!set->quiet) cli_progress("reading the models");
    if (!set->weights) UM_CHECK(um_find_data(&shipped, SHIPPED));
    UM_CHECK(um_pulse_net_open(&j.net, set->weights ? set->weights : shipped.text));
    UM_CHECK(um_face_nets_open(&j.nets, &set->nets));
    code = run(&j, paths, n);
done:
    if (st != UMCL_OK) cli_fail("pulse");
    um_pulse_net_free(j.net);
    um_face_nets_free(j.nets);
    um_str_clear(&shipped);
    free(j.tracks);
    return code;
}

int cmd_pulse(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"weights", required_argument, NULL, 'w'},
                                            {"face-model", required_argument, NULL, 'f'},
                                            {"points-model", required_argument, NULL, 'p'},
                                            {"stride", required_argument, NULL, 'n'},
                                            {"start", required_argument, NULL, 's'},
                                            {"duration", required_argument, NULL, 'd'},
                                            {"threads", required_argument, NULL, 't'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    settings set = {.nets = UM_FACE_NETS_VIDEO,
                    .stream = UM_FACE_STREAM_OPTIONS_INIT,
                    .video = UM_VIDEO_OPTIONS_INIT,
                    .stride = UM_PULSE_WINDOW / 2};
    bool good = true;
    int c;

    set.stream.max_faces = MAX_FACES;
    while (good && (c = getopt_long(argc, argv, "w:qh", options, NULL)) != -1) switch (c) {
        case 'j': set.json = true; break;
        case 'w': set.weights = optarg; break;
        case 'f': set.nets.detector = optarg; break;
        case 'p': set.nets.landmarks = optarg; break;
        case 'n': good = cli_int(&set.stride, optarg, 1, UM_PULSE_WINDOW); break;
        case 's': good = cli_real(&set.video.start, optarg, 0, 1e9); break;
        case 'd': good = cli_real(&set.video.duration, optarg, 0, 1e9); break;
        case 't': good = cli_int(&set.threads, optarg, 1, 1024); break;
        case 'q': set.quiet = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        default: return cli_bad_option("pulse");
        }
    if (!good) return cli_usage("pulse", "'%s' is not a number, or out of range", optarg);
    if (optind == argc) return cli_usage("pulse", "expected a file");
    if (set.threads) um_threads_set(set.threads);
    return open_and_run(&set, argv + optind, argc - optind);
}
