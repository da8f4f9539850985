/* Pixel formats, ranges, matrices and orientations: all must show the same picture. */
#include "../test.h"

#include <libavutil/intreadwrite.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "media/av.h"
#include "support_media.h"

static AVFrame *new_frame(enum AVPixelFormat format, int width, int height)
{
    AVFrame *f = av_frame_alloc();

    f->format = format;
    f->width = width;
    f->height = height;
    assert_true(av_frame_get_buffer(f, 0) >= 0);
    return f;
}

/** The bars in any format, by FFmpeg's own converter. */
static AVFrame *bars_in(enum AVPixelFormat format, int width, int height)
{
    um_image bars = media_bars(width, height);
    const uint8_t *data[1] = {bars.data};
    int stride[1] = {(int)bars.stride};
    AVFrame *f = new_frame(format, width, height);
    struct SwsContext *sws =
        sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, format,
                       SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, NULL, NULL, NULL);

    assert_non_null(sws);
    sws_scale(sws, data, stride, 0, height, f->data, f->linesize);
    sws_freeContext(sws);
    um_image_clear(&bars);
    return f;
}

static int worst_grey(const um_image *im)
{
    int worst = 0;

    for (int i = 0; i < 6; i++) {
        int x = (2 * (i % 3) + 1) * im->width / 6, y = (2 * (i / 3) + 1) * im->height / 4;
        const uint8_t *p = im->data + (size_t)y * im->stride + 3 * (size_t)x;
        uint32_t c = media_bar_colours[i];
        double luma = 0.299 * (c >> 16) + 0.587 * (c >> 8 & 255) + 0.114 * (c & 255);
        for (int k = 0; k < 3; k++) {
            int d = abs((int)p[k] - (int)(luma + 0.5));
            if (d > worst) worst = d;
        }
    }
    return worst;
}

static void test_every_pixel_format(void **state)
{
    const AVPixFmtDescriptor *desc = NULL;
    int n = 0;

    (void)state;
    av_log_set_level(AV_LOG_QUIET);
    while ((desc = av_pix_fmt_desc_next(desc))) {
        enum AVPixelFormat format = av_pix_fmt_desc_get_id(desc);
        bool coarse = desc->comp[0].depth < 8 || (desc->flags & AV_PIX_FMT_FLAG_PAL);
        um_frame *frame;
        um_image im;
        AVFrame *av;
        int error;
        if (!sws_isSupportedOutput(format) || (desc->flags & AV_PIX_FMT_FLAG_BITSTREAM)) continue;
        av = bars_in(format, 96, 64);
        assert_ok(um_frame_wrap(&frame, av, (um_orientation){0}));
        assert_ok(um_image_new(&im, 96, 64, 3));
        assert_ok(um_frame_crop(frame, WHOLE(&im), &im));
        error = desc->nb_components < 3 && !(desc->flags & AV_PIX_FMT_FLAG_PAL)
                    ? worst_grey(&im)
                    : media_bars_error(&im);
        /* Formats of very few bits are dithered: no single pixel says much. */
        if (error > (desc->comp[0].depth < 4 ? 255 : coarse ? 70 : 3))
            fail_msg("%s: off by %d", desc->name, error);
        um_image_clear(&im);
        um_frame_unref(frame);
        av_frame_free(&av);
        n++;
    }
    assert_true(n > 100);
}

/* Coded Y, Cb, Cr of pure red, green and blue, from the recommendations' own equations. */
static const struct {
    enum AVColorSpace space;
    enum AVColorRange range;
    uint8_t yuv[3][3];
} coded[] = {
    {AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, {{81, 90, 240}, {145, 54, 34}, {41, 240, 110}}},
    {AVCOL_SPC_UNSPECIFIED,
     AVCOL_RANGE_UNSPECIFIED,
     {{81, 90, 240}, {145, 54, 34}, {41, 240, 110}}},
    {AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, {{63, 102, 240}, {173, 42, 26}, {32, 240, 118}}},
    {AVCOL_SPC_BT470BG, AVCOL_RANGE_JPEG, {{76, 85, 255}, {150, 44, 21}, {29, 255, 107}}},
    {AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, {{74, 97, 240}, {164, 47, 25}, {29, 240, 119}}},
    {AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, {{54, 99, 255}, {182, 30, 12}, {18, 255, 116}}},
};

static void test_matrices_and_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof coded / sizeof *coded; i++) {
        for (int colour = 0; colour < 3; colour++) {
            AVFrame *av = new_frame(AV_PIX_FMT_YUV444P, 8, 8);
            um_frame *frame;
            um_image im;
            av->colorspace = coded[i].space;
            av->color_range = coded[i].range;
            for (int c = 0; c < 3; c++)
                for (int y = 0; y < 8; y++)
                    memset(av->data[c] + y * av->linesize[c], coded[i].yuv[colour][c], 8);
            assert_ok(um_frame_wrap(&frame, av, (um_orientation){0}));
            assert_ok(um_image_new(&im, 4, 4, 3));
            assert_ok(um_frame_crop(frame, (um_box){0, 0, 8, 8}, &im));
            for (int c = 0; c < 3; c++)
                assert_in_range(im.data[c], c == colour ? 253 : 0, c == colour ? 255 : 2);
            um_image_clear(&im);
            um_frame_unref(frame);
            av_frame_free(&av);
        }
    }
}

/* Ten-bit 4:0:0 through a real codec's tag: black and white of the limited range. */
static void test_limited_grey(void **state)
{
    AVFrame *av = new_frame(AV_PIX_FMT_GRAY10LE, 2, 1);
    um_frame *frame;
    um_image im;

    (void)state;
    av->color_range = AVCOL_RANGE_MPEG;
    AV_WL16(av->data[0], 64);
    AV_WL16(av->data[0] + 2, 940);
    assert_ok(um_frame_wrap(&frame, av, (um_orientation){0}));
    assert_ok(um_image_new(&im, 2, 1, 1));
    assert_ok(um_frame_crop(frame, WHOLE(&im), &im));
    assert_int_equal(im.data[0], 0);
    assert_int_equal(im.data[1], 255);
    um_image_clear(&im);
    um_frame_unref(frame);
    av_frame_free(&av);
}

/** A grey 3 x 2 picture: 10 20 30 / 40 50 60. */
static um_image six_pixels(void)
{
    um_image im;

    assert_ok(um_image_new(&im, 3, 2, 1));
    for (int i = 0; i < 6; i++) im.data[i] = (uint8_t)(10 * (i + 1));
    return im;
}

static void check_pixels(const um_image *im, const int *expect, int tolerance)
{
    for (int i = 0; i < im->width * im->height; i++) {
        const uint8_t *p = im->data + (size_t)(i / im->width) * im->stride +
                           (size_t)(i % im->width) * (size_t)im->channels;
        assert_in_range(p[0], expect[i] - tolerance, expect[i] + tolerance);
    }
}

/* What EXIF's eight values make of 10 20 30 / 40 50 60. */
static const int turned[9][6] = {
    [1] = {10, 20, 30, 40, 50, 60}, [2] = {30, 20, 10, 60, 50, 40}, [3] = {60, 50, 40, 30, 20, 10},
    [4] = {40, 50, 60, 10, 20, 30}, [5] = {10, 40, 20, 50, 30, 60}, [6] = {40, 10, 50, 20, 60, 30},
    [7] = {60, 30, 50, 20, 40, 10}, [8] = {30, 60, 20, 50, 10, 40},
};

static void test_orientations(void **state)
{
    (void)state;
    for (int tag = 1; tag <= 8; tag++) {
        AVFrame *av = new_frame(AV_PIX_FMT_GRAY8, 3, 2);
        um_image im = six_pixels(), out;
        um_frame *frame;
        for (int y = 0; y < 2; y++) memcpy(av->data[0] + y * av->linesize[0], im.data + 3 * y, 3);
        assert_ok(um_frame_wrap(&frame, av, um_orientation_from_exif(tag)));
        assert_int_equal(um_frame_width(frame), tag < 5 ? 3 : 2);
        assert_ok(um_image_new(&out, um_frame_width(frame), um_frame_height(frame), 3));
        assert_ok(um_frame_crop(frame, WHOLE(&out), &out));
        check_pixels(&out, turned[tag], 0);
        um_image_clear(&out);
        /* The lower right displayed pixel alone. */
        assert_ok(um_image_new(&out, 1, 1, 1));
        assert_ok(um_frame_crop(
            frame,
            (um_box){(float)um_frame_width(frame) - 1, (float)um_frame_height(frame) - 1,
                     (float)um_frame_width(frame), (float)um_frame_height(frame)},
            &out));
        assert_int_equal(out.data[0], turned[tag][5]);
        um_image_clear(&im);
        um_image_clear(&out);
        um_frame_unref(frame);
        av_frame_free(&av);
    }
}

/** Puts an EXIF block with this orientation into a JPEG. */
static void add_exif(const char *path, int tag)
{
    static const uint8_t exif[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                                   42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                                   1,    0,    0, 0,  0,   0,   0,   0,   0,    0, 0,   0};
    char *bytes, *with;
    size_t n;

    assert_ok(um_file_read(&bytes, &n, path, 1 << 20));
    with = malloc(n + sizeof exif);
    memcpy(with, bytes, 2);
    memcpy(with + 2, exif, sizeof exif);
    with[2 + 28] = (char)tag;
    memcpy(with + 2 + sizeof exif, bytes + 2, n - 2);
    assert_ok(um_file_write(path, with, n + sizeof exif));
    free(bytes);
    free(with);
}

static void test_exif(void **state)
{
    (void)state;
    for (int tag = 1; tag <= 8; tag++) {
        um_image six = six_pixels(), big, back, small;
        assert_ok(um_image_new(&big, 48, 32, 1));
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 48; x++) big.data[y * 48 + x] = six.data[(y / 16) * 3 + x / 16];
        assert_ok(um_image_write(&big, media_path("e.jpg")));
        add_exif(media_path("e.jpg"), tag);
        assert_ok(um_image_read(&back, media_path("e.jpg")));
        assert_int_equal(back.width, tag < 5 ? 48 : 32);
        assert_ok(um_image_new(&small, back.width / 16, back.height / 16, 3));
        assert_ok(um_image_resample(&small, &back, WHOLE(&back)));
        check_pixels(&small, turned[tag], 2);
        um_image_clear(&six);
        um_image_clear(&big);
        um_image_clear(&back);
        um_image_clear(&small);
    }
}

static void test_rotated_video(void **state)
{
    /* Degrees clockwise, as EXIF's values. */
    static const int tags[4] = {1, 6, 3, 8};

    (void)state;
    for (int i = 0; i < 4; i++) {
        um_video_writer_options o = {
            .width = 96, .height = 64, .fps = 30, .crf = 5, .rotation = 90 * i};
        um_image six = six_pixels(), big, small;
        um_video_writer *w;
        um_video *v;
        um_frame *f;
        assert_ok(um_image_new(&big, 96, 64, 3));
        for (int k = 0; k < 96 * 64 * 3; k++)
            big.data[k] = six.data[(k / 3 / 96 / 32) * 3 + k / 3 % 96 / 32];
        assert_ok(um_video_writer_open(&w, media_path("o.mp4"), &o));
        assert_ok(um_video_writer_add(w, &big));
        assert_ok(um_video_writer_finish(w));
        assert_ok(um_video_open(&v, media_path("o.mp4"), &UM_VIDEO_OPTIONS_INIT));
        assert_int_equal(um_video_get_info(v)->width, i % 2 ? 64 : 96);
        assert_ok(um_video_next(v, &f));
        assert_ok(um_image_new(&small, i % 2 ? 2 : 3, i % 2 ? 3 : 2, 3));
        assert_ok(um_frame_crop(
            f, (um_box){0, 0, (float)um_frame_width(f), (float)um_frame_height(f)}, &small));
        check_pixels(&small, turned[tags[i]], 2);
        um_frame_unref(f);
        um_video_close(v);
        um_image_clear(&six);
        um_image_clear(&big);
        um_image_clear(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pixel_format),
        cmocka_unit_test(test_matrices_and_ranges),
        cmocka_unit_test(test_limited_grey),
        cmocka_unit_test(test_orientations),
        cmocka_unit_test(test_exif),
        cmocka_unit_test(test_rotated_video),
    };

    return cmocka_run_group_tests(tests, media_setup, media_teardown);
}
