/* Input that is damaged, cut short, of the wrong kind, or no file at all. */
#include "../test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support_media.h"

static const um_video_options options = {.fps = 30};

static void refuse(umcl_status code, const char *part, const char *path)
{
    um_video *v = (um_video *)1;
    um_image im;

    assert_fails(code, part, um_video_open(&v, path, &options));
    assert_null(v);
    assert_non_null(strstr(umcl_last_error(), path));
    assert_fails(code, part, um_image_read(&im, path));
    assert_null(im.data);
}

/** Reads whatever there is; how it ends does not matter, that it ends does. */
static int survive(const char *path)
{
    um_video *v;
    um_frame *f;
    um_image im;
    int n = 0;

    if (um_video_open(&v, path, &options) != UMCL_OK) {
        assert_true(umcl_last_error()[0] != '\0');
        return -1;
    }
    assert_ok(um_image_new(&im, 16, 16, 3));
    while (um_video_next(v, &f) == UMCL_OK && f) {
        assert_ok(um_frame_crop(f, (um_box){-5, -5, 40, 40}, &im));
        um_frame_unref(f);
        n++;
    }
    um_image_clear(&im);
    um_video_close(v);
    return n;
}

static void write_text(const char *path, int lines)
{
    FILE *f = fopen(path, "w");

    for (int i = 0; i < lines; i++) fprintf(f, "This is line %d, and no video.\n", i);
    fclose(f);
}

static void test_no_video(void **state)
{
    media_stream sound = {.codec = "pcm_s16le", .audio_only = 1};
    media_stream aac = {.codec = "aac", .audio_only = 1};

    (void)state;
    refuse(UMCL_ERR_NOT_FOUND, "No such file", media_path("absent.mp4"));
    refuse(UMCL_ERR_IO, "directory", media_path(""));
    assert_ok(um_file_write(media_path("empty.mp4"), "", 0));
    refuse(UMCL_ERR_FORMAT, "empty", media_path("empty.mp4"));
    for (int lines = 1; lines < 5000; lines *= 7) {
        write_text(media_path("text.mp4"), lines);
        refuse(UMCL_ERR_FORMAT, "expected a video", media_path("text.mp4"));
    }
    media_write_stream(media_path("sound.wav"), &sound);
    refuse(UMCL_ERR_FORMAT, "expected a video stream", media_path("sound.wav"));
    media_write_stream(media_path("sound.mp4"), &aac);
    refuse(UMCL_ERR_FORMAT, "expected a video stream", media_path("sound.mp4"));
}

/* A name is only ever a name: no URL, no pattern, no list. */
static void test_names_are_names(void **state)
{
    um_image im = media_bars(24, 24), back;
    static const char *const names[] = {"a%03d.png", "http:x.png", "pipe:0.png", "-x.png",
                                        "concat:a.png"};
    static const char list[] = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\na.ts\n";

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_ok(um_image_write(&im, media_path(names[i])));
        assert_ok(um_image_read(&back, media_path(names[i])));
        um_image_clear(&back);
    }
    um_image_clear(&im);
    assert_ok(um_file_write(media_path("l.m3u8"), list, sizeof list - 1));
    refuse(UMCL_ERR_FORMAT, "expected a video", media_path("l.m3u8"));
    assert_ok(um_file_write(media_path("c.txt"), "ffconcat version 1.0\nfile a.mp4\n", 33));
    refuse(UMCL_ERR_FORMAT, "expected a video", media_path("c.txt"));
}

static void write_clip(const char *path)
{
    um_video_writer_options o = {.fps = 30, .crf = 20};

    media_write_bars(path, 128, 96, 90, &o);
}

static void test_cut_short(void **state)
{
    int n;

    (void)state;
    write_clip(media_path("whole.mp4"));
    write_clip(media_path("whole.mkv"));
    assert_int_equal(survive(media_path("whole.mp4")), 90);
    for (int keep = 99; keep > 0; keep -= 14) {
        media_damage(media_path("cut.mp4"), media_path("whole.mp4"), keep, 0);
        survive(media_path("cut.mp4"));
        media_damage(media_path("cut.mkv"), media_path("whole.mkv"), keep, 0);
        n = survive(media_path("cut.mkv"));
        assert_true(n <= 90);
    }
    /* The index comes first, so that most of such a file still plays. */
    media_damage(media_path("cut.mp4"), media_path("whole.mp4"), 85, 0);
    assert_in_range(survive(media_path("cut.mp4")), 30, 89);
    media_damage(media_path("cut.mp4"), media_path("whole.mp4"), 3, 0);
    refuse(UMCL_ERR_FORMAT, "expected a video", media_path("cut.mp4"));
}

static void test_flipped_bytes(void **state)
{
    static const char *const kinds[] = {"f.mp4", "f.mkv", "f.avi", "f.ts", "f.mjpeg"};
    static const char *const codecs[] = {"libx264", "ffv1", "mpeg4", "mpeg2video", "mjpeg"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        media_stream s = {.codec = codecs[i],
                          .format = i == 4 ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P,
                          .width = 64,
                          .height = 48,
                          .n = 30};
        char bad[16];
        int n;
        media_write_stream(media_path(kinds[i]), &s);
        n = survive(media_path(kinds[i]));
        if (n != 36) fail_msg("%s: %d frames", kinds[i], n);
        snprintf(bad, sizeof bad, "bad-%s", kinds[i]);
        for (int every = 7; every < 3000; every = every * 3 + 1) {
            media_damage(media_path(bad), media_path(kinds[i]), 100, every);
            survive(media_path(bad));
        }
    }
}

static void test_damage_is_counted(void **state)
{
    media_stream s = {
        .codec = "libx264", .format = AV_PIX_FMT_YUV420P, .width = 64, .height = 48, .n = 50};
    um_video *v;
    um_frame *f;
    int n = 0;

    (void)state;
    media_write_stream(media_path("d.mkv"), &s);
    media_damage(media_path("dd.mkv"), media_path("d.mkv"), 100, 1500);
    assert_ok(um_video_open(&v, media_path("dd.mkv"), &options));
    for (;;) {
        assert_ok(um_video_next(v, &f));
        if (!f) break;
        um_frame_unref(f);
        n++;
    }
    assert_true(n > 10);
    assert_true(um_video_skipped(v) > 0);
    um_video_close(v);
}

static void test_tiny_and_odd(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 9}, {7, 1}, {17, 3}, {3, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        media_stream s = {.codec = "ffv1",
                          .format = AV_PIX_FMT_YUV420P,
                          .width = sizes[i][0],
                          .height = sizes[i][1],
                          .n = 3};
        um_image im;
        media_write_stream(media_path("t.mkv"), &s);
        assert_int_equal(survive(media_path("t.mkv")), 4);
        assert_ok(um_image_read(&im, media_path("t.mkv")));
        assert_int_equal(im.width, sizes[i][0]);
        assert_int_equal(im.height, sizes[i][1]);
        um_image_clear(&im);
    }
}

/* Two sizes in one stream: each frame simply has its own. */
static void test_size_changes(void **state)
{
    media_stream a = {
        .codec = "mjpeg", .format = AV_PIX_FMT_YUVJ420P, .width = 64, .height = 48, .n = 5};
    media_stream b = a;
    char *first, *second, *both;
    size_t n1, n2;
    int wide = 0, narrow = 0;
    um_video *v;
    um_frame *f;

    (void)state;
    b.width = 128;
    media_write_stream(media_path("1.mjpeg"), &a);
    media_write_stream(media_path("2.mjpeg"), &b);
    assert_ok(um_file_read(&first, &n1, media_path("1.mjpeg"), 1 << 20));
    assert_ok(um_file_read(&second, &n2, media_path("2.mjpeg"), 1 << 20));
    both = malloc(n1 + n2);
    memcpy(both, first, n1);
    memcpy(both + n1, second, n2);
    assert_ok(um_file_write(media_path("3.mjpeg"), both, n1 + n2));
    assert_ok(um_video_open(&v, media_path("3.mjpeg"), &(um_video_options){.fps = 0}));
    for (;;) {
        assert_ok(um_video_next(v, &f));
        if (!f) break;
        if (um_frame_width(f) == 128)
            wide++;
        else
            narrow++;
        um_frame_unref(f);
    }
    assert_int_equal(wide, 5);
    assert_int_equal(narrow, 5);
    um_video_close(v);
    free(first);
    free(second);
    free(both);
}

typedef struct pump {
    char from[512], to[512];
} pump;

/** Pours a file into a FIFO, in small pieces. */
static void *pour(void *arg)
{
    const pump *p = arg;
    char *bytes;
    size_t n;
    int fd = open(p->to, O_WRONLY);

    if (um_file_read(&bytes, &n, p->from, 1 << 24) != UMCL_OK) return NULL;
    for (size_t at = 0; fd >= 0 && at < n;) {
        ssize_t put = write(fd, bytes + at, n - at > 1000 ? 1000 : n - at);
        if (put <= 0) break;
        at += (size_t)put;
    }
    if (fd >= 0) close(fd);
    free(bytes);
    return NULL;
}

static int count_through_fifo(const char *file)
{
    pthread_t thread;
    pump p;
    int n;

    strcpy(p.from, media_path(file));
    strcpy(p.to, media_path("fifo"));
    assert_int_equal(mkfifo(p.to, 0600), 0);
    assert_int_equal(pthread_create(&thread, NULL, pour, &p), 0);
    n = survive(p.to);
    pthread_join(thread, NULL);
    unlink(p.to);
    return n;
}

static void test_pipes(void **state)
{
    media_stream s = {
        .codec = "mpeg4", .format = AV_PIX_FMT_YUV420P, .width = 64, .height = 48, .n = 50};
    int kept = dup(0), fd;

    (void)state;
    write_clip(media_path("p.mp4")); /* the index first */
    assert_int_equal(count_through_fifo("p.mp4"), 90);
    write_clip(media_path("p.mkv"));
    assert_int_equal(count_through_fifo("p.mkv"), 90);
    media_write_stream(media_path("q.mp4"), &s); /* the index last */
    assert_int_equal(count_through_fifo("q.mp4"), 60);
    media_write_stream(media_path("q.ts"), &(media_stream){.codec = "mpeg2video",
                                                           .format = AV_PIX_FMT_YUV420P,
                                                           .width = 64,
                                                           .height = 48,
                                                           .n = 50});
    assert_int_equal(count_through_fifo("q.ts"), 60);

    fd = open(media_path("q.mp4"), O_RDONLY);
    assert_true(fd >= 0 && dup2(fd, 0) == 0);
    assert_int_equal(media_count("-", &options), 60);
    close(fd);
    if (kept >= 0) dup2(kept, 0);
    if (kept >= 0) close(kept);
}

#ifndef __SANITIZE_ADDRESS__
/** Resident memory in MB. */
static double resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0, all;

    if (f) {
        if (fscanf(f, "%ld %ld", &all, &pages) != 2) pages = 0;
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}
#endif

static void test_memory_is_bounded(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    (void)state;
    skip(); /* the sanitizer keeps freed memory on purpose */
#else
    media_stream s = {
        .codec = "mpeg4", .format = AV_PIX_FMT_YUV420P, .width = 320, .height = 240, .n = 2000};
    um_video *v;
    um_frame *f;
    double early = 0;
    int n = 0;

    (void)state;
    media_write_stream(media_path("m.mkv"), &s);
    assert_ok(um_video_open(&v, media_path("m.mkv"), &options));
    for (;;) {
        assert_ok(um_video_next(v, &f));
        if (!f) break;
        um_frame_unref(f);
        if (++n == 200) early = resident();
    }
    assert_int_equal(n, 2400);
    assert_true(resident() - early < 10); /* 2000 frames are 230 MB */
    um_video_close(v);
#endif
}

static void test_writer_refuses(void **state)
{
    um_video_writer_options o = {.width = 64, .height = 48, .fps = 30, .crf = 20};
    um_image im = media_bars(32, 32);
    um_video_writer *w;

    (void)state;
    assert_fails(UMCL_ERR_INVALID, "ending", um_video_writer_open(&w, media_path("noend"), &o));
    assert_fails(UMCL_ERR_INVALID, "container", um_video_writer_open(&w, media_path("a.xyz"), &o));
    assert_fails(UMCL_ERR_IO, "create", um_video_writer_open(&w, media_path("no/dir.mp4"), &o));
    assert_fails(UMCL_ERR_INVALID, "ending", um_image_write(&im, media_path("a.gif")));
    assert_fails(UMCL_ERR_NOT_FOUND, "no/a.png", um_image_write(&im, media_path("no/a.png")));
    o.width = 63;
    assert_fails(UMCL_ERR_INVALID, "even", um_video_writer_open(&w, media_path("a.mp4"), &o));
    o.width = 64;
    assert_ok(um_video_writer_open(&w, media_path("a.mp4"), &o));
    assert_fails(UMCL_ERR_SHAPE, "64 x 48", um_video_writer_add(w, &im));
    um_video_writer_abort(w);
    assert_false(um_is_file(media_path("a.mp4")));
    um_video_writer_abort(NULL);
    um_video_close(NULL);
    um_frame_unref(NULL);
    um_image_clear(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_video),          cmocka_unit_test(test_names_are_names),
        cmocka_unit_test(test_cut_short),         cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_damage_is_counted), cmocka_unit_test(test_tiny_and_odd),
        cmocka_unit_test(test_size_changes),      cmocka_unit_test(test_pipes),
        cmocka_unit_test(test_memory_is_bounded), cmocka_unit_test(test_writer_refuses),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
