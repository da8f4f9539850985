#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "face/face_nets.h"
#include "face/stream.h"
#include "faces_draw.h"
#include "faces_print.h"

#define FPS 30.0

static const char help[] =
    "usage: umcl faces [OPTIONS] FILE...\n"
    "\n"
    "Shows the faces in pictures (JPEG, PNG) and videos: boxes, five points, 68 landmarks, and in\n"
    "videos which faces are one track. Videos are looked at 30 times a second, '-' is standard\n"
    "input. Landmarks of videos are calibrated (optical flow and Kalman filter).\n"
    "\n"
    "  --json               one document, schema umcl.faces/1, pixels as displayed\n"
    "  --every N            report every Nth frame (all are looked at; default 1)\n"
    "  --draw OUT           draw what was found into a picture or video (one FILE)\n"
    "  -w, --weights FILE   a detector in MTCNN's form: umcl import mtcnn ...\n"
    "  --landmarks FILE     another landmark network\n"
    "  --detect-every N     frames from one detection to the next (default 5)\n"
    "  --min-face PX        smallest face, pixels (default 40)\n"
    "  --overview PX        longer side of the picture the detector sees (videos 640, pictures\n"
    "                       4096)\n"
    "  --max-faces N        largest faces that are followed in a video (default 32)\n"
    "  --start S            begin S seconds into the video\n"
    "  --duration S         stop S seconds later\n"
    "  -q, --quiet          no progress on standard error\n"
    "  -h, --help           this text\n"
    "\n"
    "example: umcl faces --draw out.mp4 clip.mp4\n"
    "\n"
    "Exit codes: 0 done (faces or none), 1 a file could not be read, 2 usage.\n";

typedef struct settings {
    bool json, quiet;
    int every;
    const char *draw;
    um_face_nets_options nets;
    int overview; /* 0: by the kind of file */
    um_face_stream_options stream;
    um_video_options video;
} settings;

/* A track as the text output sums it up. */
typedef struct track_sum {
    int id;
    double start, end;
    int64_t frames, bridged;
    float width, height, score;
} track_sum;

/* One file in work. */
typedef struct job {
    const settings *set;
    faces_rows rows;
    track_sum *tracks;
    size_t n_tracks, tracks_room;
    int64_t printed; /* frames of JSON */
    int64_t faces;   /* track frames */
} job;

static umcl_status note_track(job *j, const um_track_frame *f)
{
    track_sum *t = NULL;

    for (size_t i = 0; i < j->n_tracks && !t; i++)
        if (j->tracks[i].id == f->track) t = &j->tracks[i];
    if (!t) {
        if (j->n_tracks == j->tracks_room) {
            size_t room = j->tracks_room ? 2 * j->tracks_room : 8;
            track_sum *more = realloc(j->tracks, room * sizeof *more);

            if (!more) return um_fail(UMCL_ERR_NOMEM, "faces: out of memory");
            j->tracks = more;
            j->tracks_room = room;
        }
        t = &j->tracks[j->n_tracks++];
        *t = (track_sum){.id = f->track, .start = f->time};
    }
    t->end = f->time;
    t->frames++;
    t->bridged += f->bridged;
    t->width += (um_box_width(f->box) - t->width) / (float)t->frames;
    t->height += (um_box_height(f->box) - t->height) / (float)t->frames;
    t->score += (f->score - t->score) / (float)t->frames;
    return UMCL_OK;
}

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    job *j = user;

    j->faces++;
    UM_TRY(note_track(j, f));
    return faces_rows_add(&j->rows, f);
}

static umcl_status on_passed(void *user, int64_t frame)
{
    job *j = user;
    int64_t end = j->rows.first + (int64_t)j->rows.n;

    if (frame >= end) frame = end - 1;
    for (; j->set->json && j->printed <= frame; j->printed++) {
        if (j->printed % j->set->every) continue;
        fputs(j->printed ? ",\n" : "\n", stdout);
        faces_print_json(stdout, faces_rows_get(&j->rows, j->printed));
    }
    /* A drawing, and the text about a picture, need the rows again. */
    if (!j->set->draw && (j->set->json || frame > 0)) faces_rows_drop(&j->rows, frame);
    return UMCL_OK;
}

static umcl_status follow(job *j, um_video *video, um_face_nets *nets, const char *path)
{
    const um_face_models models = um_face_nets_models(nets);
    const um_face_sink sink = {j, on_frame, NULL, on_passed};
    um_face_stream *stream = NULL;
    um_frame *frame = NULL;
    um_face_stream_stats stats;
    umcl_status st;

    UM_CHECK(um_face_stream_new(&stream, &models, &j->set->stream, &sink));
    for (;;) {
        stats = um_face_stream_get_stats(stream);
        if (!j->set->quiet && stats.frames % 15 == 0)
            cli_progress("%s: %.1f s", path, (double)stats.frames / FPS);
        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        UM_CHECK(faces_rows_push(&j->rows, um_frame_time(frame)));
        UM_CHECK(um_face_stream_push(stream, frame));
        um_frame_unref(frame);
        frame = NULL;
    }
    UM_CHECK(um_face_stream_finish(stream));
    stats = um_face_stream_get_stats(stream);
    if (!j->set->quiet) cli_progress(NULL);
    if (stats.ignored)
        fprintf(stderr, "umcl faces: %s: more than %d faces; the smallest were ignored\n", path,
                j->set->stream.max_faces);
    if (um_video_skipped(video))
        fprintf(stderr, "umcl faces: %s: %lld damaged packets skipped\n", path,
                (long long)um_video_skipped(video));
    if (stats.frames == 0)
        st = um_fail(UMCL_ERR_FORMAT, "%s: no frame can be decoded from second %.1f on", path,
                     j->set->video.start);
done:
    um_frame_unref(frame);
    um_face_stream_free(stream);
    return st;
}

static void print_summary(const job *j, const char *path, const um_video_info *info)
{
    if (j->set->json) return;
    printf("%s: %d x %d", path, info->width, info->height);
    if (info->is_picture) {
        const faces_row *row = faces_rows_get(&j->rows, 0);

        printf(", %zu face%s\n", row ? row->n : 0, row && row->n == 1 ? "" : "s");
        if (row) faces_print_text(stdout, row);
        return;
    }
    printf(", %zu track%s\n", j->n_tracks, j->n_tracks == 1 ? "" : "s");
    for (size_t i = 0; i < j->n_tracks; i++) {
        const track_sum *t = &j->tracks[i];

        printf("  track %d: %.2f-%.2f s, %lld frames (%lld bridged), face %.0f x %.0f px, score "
               "%.3f\n",
               t->id, t->start, t->end, (long long)t->frames, (long long)t->bridged,
               (double)t->width, (double)t->height, (double)t->score);
    }
}

static umcl_status open_file(um_video **video, const settings *set, um_face_nets *nets,
                             const char *path)
{
    um_face_nets_options tuned;

    UM_TRY(um_video_open(video, path, &set->video));
    tuned = um_video_get_info(*video)->is_picture ? UM_FACE_NETS_PICTURE : UM_FACE_NETS_VIDEO;
    tuned.min_face = set->nets.min_face;
    if (set->overview) tuned.overview = set->overview;
    return um_face_nets_tune(nets, &tuned);
}

/* Reads, follows and prints one file. */
static umcl_status show_file(job *j, um_face_nets *nets, const char *path)
{
    um_video_info info = {0};
    um_video *video = NULL;
    umcl_status st = open_file(&video, j->set, nets, path);

    if (video) info = *um_video_get_info(video);
    if (j->set->json) printf(",\"width\":%d,\"height\":%d,\"frames\":[", info.width, info.height);
    if (st == UMCL_OK) st = follow(j, video, nets, path);
    if (j->set->json) fputs("]", stdout);
    if (st == UMCL_OK) print_summary(j, path, &info);
    um_video_close(video);
    return st;
}

static int run_file(const settings *set, um_face_nets *nets, const char *path, bool first)
{
    job j = {.set = set};
    umcl_status st;

    if (set->json) {
        fputs(first ? "\n{\"path\":" : ",\n{\"path\":", stdout);
        faces_print_string(stdout, path);
    }
    st = show_file(&j, nets, path);
    if (set->json) {
        printf(",\"status\":\"%s\"", st != UMCL_OK ? "unreadable" : j.faces ? "ok" : "no_face");
        if (st != UMCL_OK) {
            fputs(",\"error\":", stdout);
            faces_print_string(stdout, umcl_last_error());
        }
        fputs("}", stdout);
    }
    if (st == UMCL_OK && set->draw) st = faces_draw(set->draw, path, &set->video, &j.rows);
    if (st != UMCL_OK) cli_fail("faces");
    faces_rows_clear(&j.rows);
    free(j.tracks);
    return st == UMCL_OK ? EXIT_DONE : EXIT_SOME_FAILED;
}

static int run(const settings *set, char **paths, int n)
{
    um_face_nets *nets;
    int code = EXIT_DONE;

    if (um_face_nets_open(&nets, &set->nets) != UMCL_OK) return cli_fail("faces");
    if (set->json) fputs("{\"schema\":\"umcl.faces/1\",\"files\":[", stdout);
    for (int i = 0; i < n; i++)
        if (run_file(set, nets, paths[i], i == 0) != EXIT_DONE) code = EXIT_SOME_FAILED;
    if (set->json) fputs("]}\n", stdout);
    um_face_nets_free(nets);
    return code;
}

static bool read_option(settings *set, int c)
{
    int px;

    switch (c) {
    case 'j': set->json = true; return true;
    case 'q': set->quiet = true; return true;
    case 'e': return cli_int(&set->every, optarg, 1, 1000000);
    case 'd': set->draw = optarg; return true;
    case 'w': set->nets.detector = optarg; return true;
    case 'l': set->nets.landmarks = optarg; return true;
    case 'k': return cli_int(&set->stream.every, optarg, 1, 1000000);
    case 'o': return cli_int(&set->overview, optarg, 64, 1000000);
    case 'x': return cli_int(&set->stream.max_faces, optarg, 1, 1000000);
    case 's': return cli_real(&set->video.start, optarg, 0, 1e9);
    case 't': return cli_real(&set->video.duration, optarg, 0, 1e9);
    case 'm':
        if (!cli_int(&px, optarg, 12, 1000000)) return false;
        set->nets.min_face = (float)px;
        return true;
    default: return false;
    }
}

int cmd_faces(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"every", required_argument, NULL, 'e'},
                                            {"draw", required_argument, NULL, 'd'},
                                            {"weights", required_argument, NULL, 'w'},
                                            {"landmarks", required_argument, NULL, 'l'},
                                            {"detect-every", required_argument, NULL, 'k'},
                                            {"min-face", required_argument, NULL, 'm'},
                                            {"overview", required_argument, NULL, 'o'},
                                            {"max-faces", required_argument, NULL, 'x'},
                                            {"start", required_argument, NULL, 's'},
                                            {"duration", required_argument, NULL, 't'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    settings set = {.every = 1,
                    .nets = UM_FACE_NETS_VIDEO,
                    .stream = UM_FACE_STREAM_OPTIONS_INIT,
                    .video = UM_VIDEO_OPTIONS_INIT};
    int c;

    set.stream.crops = false;
    set.video.fps = FPS;
    while ((c = getopt_long(argc, argv, "w:qh", options, NULL)) != -1) {
        if (c == 'h') {
            fputs(help, stdout);
            return EXIT_DONE;
        }
        if (c == '?') return cli_bad_option("faces");
        if (!read_option(&set, c))
            return cli_usage("faces", "'%s' is not a number, or out of range", optarg);
    }
    if (optind == argc) return cli_usage("faces", "expected a file");
    if (set.draw && (argc - optind != 1 || !strcmp(argv[optind], "-")))
        return cli_usage("faces", "--draw takes one file, and not standard input");
    if (set.stream.max_faces > 256) set.stream.max_faces = 256;
    return run(&set, argv + optind, argc - optind);
}
