#include "../test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/paths.h"
#include "face/face_nets.h"
#include "media/video.h"

/* Runs `umcl pseudo-fake ARGS`; its outputs go to pseudo.out and pseudo.err. */
static int run(const char *args)
{
    char command[2048];

    snprintf(command, sizeof command, "'%s' pseudo-fake %s >pseudo.out 2>pseudo.err",
             UMCL_TEST_PROGRAM, args);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool says(const char *file, const char *part)
{
    char text[8192] = "";
    FILE *f = fopen(file, "r");

    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    return strstr(text, part) != NULL;
}

static void help_teaches(void **state)
{
    (void)state;
    assert_int_equal(run("--help"), 0);
    assert_true(says("pseudo.out", "usage: umcl pseudo-fake"));
    assert_true(says("pseudo.out", "Exit codes:"));
}

static void usage_errors_are_named(void **state)
{
    (void)state;
    assert_int_equal(run("a.jpg"), 2);
    assert_true(says("pseudo.err", "expected -o OUT"));
    assert_int_equal(run("-o a.png"), 2);
    assert_true(says("pseudo.err", "expected one file"));
    assert_int_equal(run("-o a.png --samples 25 a.jpg"), 2);
    assert_true(says("pseudo.err", "'25' will not do"));
    assert_int_equal(run("-o a.png --region chin a.jpg"), 2);
    assert_true(says("pseudo.err", "'chin' will not do"));
    assert_int_equal(run("-o a.png --strength -1 a.jpg"), 2);
    assert_int_equal(run("-o a.png --nonsense a.jpg"), 2);
    assert_int_equal(run("-o a.png no_such_file.jpg"), 1);
    assert_true(says("pseudo.err", "no_such_file.jpg"));
}

static void need_nets(void)
{
    um_str detector = UM_STR_INIT;
    bool found = um_find_data(&detector, UM_FACE_DETECTOR_MODEL) == UMCL_OK;

    um_str_clear(&detector);
    if (!found) {
        print_message("skipped: no face detector\n");
        skip();
    }
}

/* Writes a rendered face. */
static void render(const char *args)
{
    char command[1024];

    snprintf(command, sizeof command, "'%s' synth -q %s >pseudo.out", UMCL_TEST_PROGRAM, args);
    assert_int_equal(system(command), 0);
}

static void a_picture_becomes_a_sheet(void **state)
{
    um_image im;

    (void)state;
    need_nets();
    render("-o pseudo_face.png --width 320 --height 240");
    assert_int_equal(run("-o pseudo_sheet.png --samples 6 --region mouth pseudo_face.png"), 0);
    assert_true(says("pseudo.out", "6: mouth x"));
    assert_ok(um_image_read(&im, "pseudo_sheet.png"));
    assert_int_equal(im.width, 4 * 3 * 128);
    assert_int_equal(im.height, 2 * 140);
    um_image_clear(&im);
    assert_int_equal(run("-o pseudo_sheet.mp4 pseudo_face.png"), 1);
    assert_true(says("pseudo.err", "a picture does not make a video"));
    render("-o pseudo_face.png --no-face --width 320 --height 240");
    assert_int_equal(run("-o pseudo_none.png pseudo_face.png"), 1);
    assert_true(says("pseudo.err", "no face was found"));
    remove("pseudo_face.png");
    remove("pseudo_sheet.png");
}

static void a_video_becomes_a_sheet_or_a_video(void **state)
{
    um_video_options vo = UM_VIDEO_OPTIONS_INIT;
    um_video *video;
    um_image im;

    (void)state;
    need_nets();
    render("-o pseudo_face.mp4 --width 320 --height 240 --seconds 0.7");
    assert_int_equal(run("-o pseudo_sheet.png --samples 2 --augment pseudo_face.mp4"), 0);
    assert_true(says("pseudo.out", ", pulse "));
    assert_ok(um_image_read(&im, "pseudo_sheet.png"));
    assert_int_equal(im.height, 2 * 140); /* a row of four moments each */
    um_image_clear(&im);
    assert_int_equal(run("-o pseudo_sheet.mp4 --samples 2 pseudo_face.mp4"), 0);
    assert_ok(um_video_open(&video, "pseudo_sheet.mp4", &vo));
    assert_int_equal(um_video_get_info(video)->width, 2 * 3 * 128);
    assert_true(um_video_get_info(video)->duration > 0.5);
    um_video_close(video);
    remove("pseudo_face.mp4");
    remove("pseudo_sheet.png");
    remove("pseudo_sheet.mp4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_teaches),
        cmocka_unit_test(usage_errors_are_named),
        cmocka_unit_test(a_picture_becomes_a_sheet),
        cmocka_unit_test(a_video_becomes_a_sheet_or_a_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
