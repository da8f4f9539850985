/*
 * `umcl detect` on 1280 x 720 video of 30 frames a second, on two cores: how many times faster
 * than real time, the peak memory on a short and on a long video, and where the time goes.
 *
 * The clip, one talking person, is rendered here. The long video is the same clip again and again:
 * a bare H.264 stream may be concatenated. --minutes M sets its length (5), 0 leaves it out.
 * Slow machines get figures, not failures.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <umcl/umcl.h>
#include <unistd.h>

#include "base/parallel.h"
#include "base/paths.h"
#include "base/status.h"
#include "base/str.h"
#include "clock.h"
#include "data/synth.h"
#include "detect/detector.h"
#include "detect/track_windows.h"
#include "face/face_nets.h"
#include "media/video.h"

enum { CLIP_SECONDS = 10, FPS = 30, RUNS = 5, CORES = 2 };
#define TARGET_SPEED 2.5 /* times real time, with all four modalities */
#define TARGET_MB 500.0

/* What a process of its own hands back. */
typedef struct result {
    double seconds; /* all of the work, models loaded included */
    double video;   /* seconds of video */
    double score;
    /* Phases of the main thread: seconds by the clock for decoding, else of CPU. */
    double decode, decode_alone, detect, landmarks, judge, push;
    int64_t frames, detections, faces, windows;
} result;

typedef umcl_status (*task)(const char *path, result *out);

/* Peak memory is counted by process. The parent stays small: a child starts with its pages. */
static bool run_apart(task work, const char *path, result *out, struct rusage *usage)
{
    int fd[2], status;
    bool whole;
    pid_t pid;

    *out = (result){0};
    if (pipe(fd) != 0) return false;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        umcl_status st = work(path, out);

        if (st != UMCL_OK) fprintf(stderr, "bench_detect: %s\n", umcl_last_error());
        _exit(st != UMCL_OK || write(fd[1], out, sizeof *out) != (ssize_t)sizeof *out);
    }
    close(fd[1]);
    whole = pid > 0 && read(fd[0], out, sizeof *out) == (ssize_t)sizeof *out;
    close(fd[0]);
    return pid > 0 && wait4(pid, &status, 0, usage) == pid && status == 0 && whole;
}

static umcl_status render(const char *path, result *out)
{
    um_synth_options scene = UM_SYNTH_OPTIONS_INIT;
    um_video_writer_options o = {.width = 1280, .height = 720, .fps = FPS, .crf = 18};
    um_video_writer *video = NULL, *finished;
    um_synth *synth = NULL;
    um_image picture = {0};
    double start = bench_now();
    umcl_status st;

    scene.width = o.width;
    scene.height = o.height;
    um_threads_set(0);
    UM_CHECK(um_synth_new(&synth, &scene));
    UM_CHECK(um_image_new(&picture, o.width, o.height, 3));
    UM_CHECK(um_video_writer_open(&video, path, &o));
    for (int i = 0; i < CLIP_SECONDS * FPS; i++) {
        UM_CHECK(um_synth_frame(synth, i, &picture));
        UM_CHECK(um_video_writer_add(video, &picture));
    }
    finished = video;
    video = NULL;
    UM_CHECK(um_video_writer_finish(finished));
    out->seconds = bench_now() - start;
done:
    um_video_writer_abort(video);
    um_image_clear(&picture);
    um_synth_free(synth);
    return st;
}

/* What `umcl detect FILE` does. */
static umcl_status detect(const char *path, result *out)
{
    const umcl_detector_options options = UMCL_DETECTOR_OPTIONS_INIT;
    umcl_detector *det = NULL;
    umcl_report report;
    double start = bench_now();
    umcl_status st;

    UM_CHECK(umcl_detector_new(&det, &options));
    UM_CHECK(umcl_detector_score(&report, det, path, NULL));
    out->seconds = bench_now() - start;
    out->video = report.duration;
    out->score = report.score;
    if (report.outcome != UMCL_OUTCOME_OK)
        st = um_fail(UMCL_ERR_INTERNAL, "expected a score, found %s",
                     umcl_outcome_name(report.outcome));
    umcl_report_clear(&report);
done:
    umcl_detector_free(det);
    return st;
}

/* The same from its parts, each under a clock. */
typedef struct parts {
    um_face_models models;
    um_judge *judge;
    um_track_windows windows;
    result *out;
} parts;

static umcl_status timed_detect(void *ctx, const um_face **faces, size_t *n_faces,
                                const um_frame *frame, const um_box *hints, size_t n_hints)
{
    parts *p = ctx;
    double start = bench_cpu();
    umcl_status st = p->models.detect(p->models.ctx, faces, n_faces, frame, hints, n_hints);

    p->out->detect += bench_cpu() - start;
    p->out->detections++;
    return st;
}

static umcl_status timed_landmarks(void *ctx, um_landmarks *to, float *trust, const um_frame *frame,
                                   const um_box *boxes, size_t n)
{
    parts *p = ctx;
    double start = bench_cpu();
    umcl_status st = p->models.landmarks(p->models.ctx, to, trust, frame, boxes, n);

    p->out->landmarks += bench_cpu() - start;
    p->out->faces += (int64_t)n;
    return st;
}

static umcl_status timed_judge(void *ctx, const um_track_frame *f)
{
    parts *p = ctx;
    double start = bench_cpu();
    umcl_status st =
        um_track_windows_add(&p->windows, p->judge, f, um_judge_get_info(p->judge)->stride);

    p->out->judge += bench_cpu() - start;
    return st;
}

/* Frame by frame to `stream`, or nowhere. */
static umcl_status play(const char *path, int threads, um_face_stream *stream, double *decode,
                        result *out)
{
    um_video_options options = UM_VIDEO_OPTIONS_INIT;
    um_video *video = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    options.threads = threads;
    UM_CHECK(um_video_open(&video, path, &options));
    for (;;) {
        double start = bench_now();

        UM_CHECK(um_video_next(video, &frame));
        *decode += bench_now() - start;
        if (!frame) break;
        if (stream) {
            start = bench_cpu();
            UM_CHECK(um_face_stream_push(stream, frame));
            out->push += bench_cpu() - start;
            out->frames++;
        }
        um_frame_unref(frame);
        frame = NULL;
    }
done:
    um_frame_unref(frame);
    um_video_close(video);
    return st;
}

static umcl_status phases(const char *path, result *out)
{
    const um_face_nets_options nets_options = UM_FACE_NETS_VIDEO;
    um_face_stream_options stream_options = UM_FACE_STREAM_OPTIONS_INIT;
    parts p = {.out = out};
    const um_face_models models = {&p, timed_detect, timed_landmarks};
    const um_face_sink sink = {&p, timed_judge, NULL, NULL};
    um_face_stream *stream = NULL;
    um_face_nets *nets = NULL;
    um_str judge = UM_STR_INIT;
    umcl_status st;

    um_threads_set(0);
    UM_CHECK(um_find_data(&judge, UM_DETECTOR_MODEL));
    UM_CHECK(um_judge_open(&p.judge, judge.text));
    stream_options.crops = um_judge_get_info(p.judge)->crop_step > 0;
    UM_CHECK(um_track_windows_start(&p.windows, um_judge_get_info(p.judge), 1));
    UM_CHECK(um_face_nets_open(&nets, &nets_options));
    p.models = um_face_nets_models(nets);
    UM_CHECK(um_face_stream_new(&stream, &models, &stream_options, &sink));
    UM_CHECK(play(path, 0, stream, &out->decode, out));
    UM_CHECK(um_face_stream_finish(stream));
    out->windows = (int64_t)p.windows.n_windows;
    st = play(path, 1, NULL, &out->decode_alone, out);
done:
    um_face_stream_free(stream);
    um_face_nets_free(nets);
    um_judge_free(p.judge);
    um_track_windows_clear(&p.windows);
    um_str_clear(&judge);
    return st;
}

static void print_phases(const result *r)
{
    double ms = 1e3 / (double)r->frames, other = r->push - r->detect - r->landmarks - r->judge;

    printf("\nwhere a frame's time goes, ms of the main thread (waiting by the clock, else its "
           "CPU):\n");
    printf("  waiting for the decoder %6.2f   (decoding alone, one thread: %.2f)\n", r->decode * ms,
           r->decode_alone * ms);
    printf("  face detector           %6.2f   (%.2f a run, every %.1f frames)\n", r->detect * ms,
           1e3 * r->detect / (double)r->detections, (double)r->frames / (double)r->detections);
    printf("  landmarks               %6.2f   (%.2f a face)\n", r->landmarks * ms,
           1e3 * r->landmarks / (double)r->faces);
    printf("  shots, flow, tracking   %6.2f\n", other * ms);
    printf("  judging                 %6.2f   (%.2f a window)\n", r->judge * ms,
           1e3 * r->judge / (double)r->windows);
}

static double megabytes(const struct rusage *u)
{
    return (double)u->ru_maxrss / 1024;
}

static double cpu_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static void print_row(const result *r, double seconds, double cpu, double mb)
{
    printf("%7.0f s of video  %8.2f s   %5.1f x real time   %8.2f s of CPU   %4.0f MB\n", r->video,
           seconds, r->video / seconds, cpu, mb);
}

static void print_target(double speed, double mb)
{
    printf(
        "        targets: %.1f x real time is %.2f of the %.1f asked for; %.0f MB is %.2f of the "
        "%.0f allowed\n",
        speed, speed / TARGET_SPEED, TARGET_SPEED, mb, mb / TARGET_MB, TARGET_MB);
}

static bool measure(const char *path, int runs)
{
    double seconds[RUNS], cpu[RUNS], mb = 0, typical;
    struct rusage usage;
    result r;

    for (int i = 0; i < runs; i++) {
        if (!run_apart(detect, path, &r, &usage)) return false;
        seconds[i] = r.seconds;
        cpu[i] = cpu_seconds(&usage);
        if (megabytes(&usage) > mb) mb = megabytes(&usage);
    }
    typical = bench_median(seconds, runs);
    print_row(&r, typical, bench_median(cpu, runs), mb);
    print_target(r.video / typical, mb);
    return true;
}

/* `to` becomes `times` copies of `from`. */
static bool repeat(const char *to, const char *from, int times)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    static char block[1 << 16];
    bool ok = in && out;
    size_t n;

    for (int i = 0; ok && i < times; i++) {
        rewind(in);
        while (ok && (n = fread(block, 1, sizeof block, in)) > 0)
            ok = fwrite(block, 1, n, out) == n;
        ok = ok && !ferror(in);
    }
    if (in) fclose(in);
    if (out && fclose(out) != 0) ok = false;
    return ok;
}

static void keep_two_cores(void)
{
    cpu_set_t all, some;
    int kept = 0;

    if (sched_getaffinity(0, sizeof all, &all) != 0) return;
    CPU_ZERO(&some);
    for (int i = 0; i < CPU_SETSIZE && kept < CORES; i++)
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &some);
            kept++;
        }
    sched_setaffinity(0, sizeof some, &some);
}

static bool bench(const char *clip, const char *loop, double minutes)
{
    struct rusage usage;
    result r;

    if (!run_apart(render, clip, &r, &usage)) return false;
    printf("1280 x 720, %d frames a second, one person (rendered in %.0f s); %d cores; median of "
           "%d runs\n\n",
           FPS, r.seconds, CORES, RUNS);
    if (!measure(clip, RUNS)) return false;
    if (minutes > 0) {
        int times = (int)(minutes * 60 / CLIP_SECONDS + 0.5);

        if (!repeat(loop, clip, times > 1 ? times : 1) || !measure(loop, 1)) return false;
    }
    if (!run_apart(phases, clip, &r, &usage)) return false;
    print_phases(&r);
    return true;
}

/* Everything is written into `folder`, which is removed again. */
static bool bench_in(const char *folder, double minutes)
{
    um_str clip = UM_STR_INIT, loop = UM_STR_INIT;
    bool ok;

    um_str_printf(&clip, "%s/clip.h264", folder);
    um_str_printf(&loop, "%s/loop.h264", folder);
    ok = um_str_status(&clip) == UMCL_OK && um_str_status(&loop) == UMCL_OK;
    if (ok) {
        ok = bench(clip.text, loop.text, minutes);
        unlink(clip.text);
        unlink(loop.text);
    }
    rmdir(folder);
    um_str_clear(&clip);
    um_str_clear(&loop);
    return ok;
}

int main(int argc, char **argv)
{
    const char *temp = getenv("TMPDIR");
    bool known = argc == 1 || (argc == 3 && strcmp(argv[1], "--minutes") == 0), ok;
    double minutes = known && argc == 3 ? strtod(argv[2], NULL) : 5;
    um_str folder = UM_STR_INIT;

    if (!known || !(minutes >= 0 && minutes <= 600)) {
        fputs("usage: bench_detect [--minutes 0..600]\n", stderr);
        return 2;
    }
    keep_two_cores();
    um_str_printf(&folder, "%s/umcl-bench-XXXXXX", temp && *temp ? temp : "/tmp");
    if (um_str_status(&folder) != UMCL_OK || !mkdtemp(folder.text)) {
        perror("bench_detect: temporary folder");
        return 1;
    }
    ok = bench_in(folder.text, minutes);
    um_str_clear(&folder);
    return ok ? 0 : 1;
}
