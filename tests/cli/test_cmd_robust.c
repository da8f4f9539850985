/*
 * umcl robust from outside: two rendered clips, few changes; what is told, what is kept from run to
 * run, and what is refused. The labels mean nothing, so no figure is held to a value.
 */
#include "support_cli.h"
#include "support_models.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/file.h"
#include "data/perturb_extract.h"

#define ROBUST                                                                                     \
    "robust " SHIPPED("lrnet") " --labels labels.csv --videos set --split all --threads 1 "
#define FEW "--only jpeg,h264_crf,frame_rate --levels 2 "

static void write_text(const char *path, const char *text)
{
    cli_write(path, text, strlen(text));
}

static int prepare(void **state)
{
    if (cli_setup(state) != 0) return -1;
    mkdir("set", 0700);
    mkdir("tmp", 0700);
    setenv("TMPDIR", "tmp", 1);
    for (int i = 1; i <= 2; i++)
        cli_ends(0,
                 "synth -q -o set/c%d.mp4 --width 160 --height 120 --fps 10 --seconds 2.2 "
                 "--seed %d",
                 i, i);
    write_text("labels.csv", "name,label,split\nc1,real,val\nc2,fake,test\n");
    return 0;
}

static void read_text(char **text, const char *path)
{
    size_t n;

    assert_ok(um_file_read(text, &n, path, 1 << 24));
}

/* The folder of the one model's scores. */
static const char *scores_folder(void)
{
    static char path[256];
    um_dir dir;

    assert_ok(um_dir_read(&dir, "out/scores"));
    assert_int_equal(dir.count, 1);
    snprintf(path, sizeof path, "out/scores/%s", dir.names[0]);
    um_dir_clear(&dir);
    return path;
}

static const char *score_file(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s.csv", scores_folder(), name);
    return path;
}

static void tells_what_it_measures(void **state)
{
    json_t *doc, *model, *kinds;
    char *csv;
    um_dir left;

    (void)state;
    cli_ends(0, ROBUST FEW "--out out --plots plots --json");
    assert_says(cli_err(), "umcl robust: 2 videos as they are took ");
    assert_says(cli_err(), "; 3 changes of 2 will take ");
    doc = cli_json();
    assert_string_equal(json_string_value(json_object_get(doc, "schema")), "umcl.robust/1");
    assert_int_equal(json_integer_value(json_object_get(doc, "changes")), 3);
    model = json_array_get(json_object_get(doc, "models"), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(model, "clean"), "n")), 2);
    kinds = json_object_get(model, "perturbations");
    assert_int_equal(json_array_size(kinds), 3);
    for (size_t k = 0; k < 3; k++) {
        json_t *strengths = json_object_get(json_array_get(kinds, k), "strengths");

        assert_int_equal(json_array_size(strengths), 1);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(strengths, 0), "level")),
                         2);
    }
    json_decref(doc);

    read_text(&csv, "out/robust.csv");
    assert_int_equal(cli_count(csv, "\n"), 1 + 1 + 3 + 1);
    assert_says(csv, "\nlrnet,clean,0,as they are,2,1,");
    assert_says(csv, "\nlrnet,h264_crf,2,CRF 30,");
    assert_says(csv, "\nlrnet,frame_rate,2,20 fps,");
    assert_says(csv, "\nlrnet,mean,,,,,,,");
    free(csv);
    assert_true(um_is_file("plots/jpeg.svg") && um_is_file("plots/robust.png"));
    assert_true(um_is_file("plots/curves.svg") && um_is_file("plots/curves.png"));
    assert_ok(um_dir_read(&left, "tmp"));
    assert_int_equal(left.count, 0);
    um_dir_clear(&left);
}

/* The second run takes what the first has kept, and makes the rest. */
static void goes_on_where_it_was(void **state)
{
    char *before, *text, *at;

    (void)state;
    read_text(&before, "out/robust.csv");
    cli_ends(0, ROBUST FEW "--out out --csv");
    assert_string_equal(cli_out(), before);
    assert_string_equal(cli_err(), ""); /* nothing was left to do */
    free(before);

    read_text(&text, score_file("jpeg-2"));
    at = strstr(text, "\nc2,");
    assert_non_null(at);
    at[1] = '\0'; /* as after an interrupt: c2 is missing */
    write_text(score_file("jpeg-2"), text);
    cli_ends(0, "robust " SHIPPED(
                    "lrnet") " --labels labels.csv --videos set --split val --threads 1 " FEW
                             "--out out --csv");
    assert_says(cli_out(), "lrnet,clean,0,as they are,1,0,,,,,,\n");
    cli_ends(0, ROBUST FEW "--out out --csv");
    read_text(&before, score_file("jpeg-2"));
    assert_int_equal(cli_count(before, "\n"), 4);
    assert_memory_equal(before, text, strlen(text)); /* c1 stays as it was */
    free(before);
    free(text);
}

/* Scores of another seed or strength, and damaged ones, are made anew. */
static void takes_no_other_scores(void **state)
{
    char *good, *again;

    (void)state;
    read_text(&good, score_file("jpeg-2"));
    write_text(score_file("jpeg-2"), "\"another\",\nvideo,score,reason\nc1,0.9,\nc2,0.1,\n");
    cli_ends(0, ROBUST "--only jpeg --levels 2 --out out");
    read_text(&again, score_file("jpeg-2"));
    assert_string_equal(again, good);
    free(again);

    again = strstr(strstr(good, "\nvideo"), "\nc1,") + 4;
    memcpy(again, "nan", 3); /* no score */
    write_text(score_file("jpeg-2"), good);
    cli_ends(0, ROBUST "--only jpeg --levels 2 --out out");
    read_text(&again, score_file("jpeg-2"));
    assert_says(again, "\nc1,0.");
    free(again);
    free(good);
}

static void names_what_it_cannot_read(void **state)
{
    (void)state;
    write_text("set/c3.mp4", "no video");
    write_text("three.csv", "name,label\nc1,real\nc2,fake\nc3,real\nc4,fake\n");
    cli_ends(1, "robust " SHIPPED(
                    "lrnet") " --labels three.csv --videos set --split all --threads 1 --only jpeg "
                             "--levels 2 --out out");
    assert_int_equal(cli_count(cli_err(), "c3.mp4"), 1); /* not once for every change */
    assert_int_equal(cli_count(cli_err(), "no video of this name: c4"), 1);
    assert_says(cli_out(), "quality 60 ");
    assert_says(cli_out(), "mean relative AUC over 1 change\n");
    assert_says(cli_out(), "mean relative AUC, perturbations by models\n");
    remove("set/c3.mp4");
}

static void refuses_bad_usage(void **state)
{
    (void)state;
    cli_ends(2, "robust --videos set");
    assert_says(cli_err(), "expected --labels");
    cli_ends(2, ROBUST "--only blur,haze");
    assert_says(cli_err(), "expected names of perturbations (--help lists them), found 'haze'");
    cli_ends(2, ROBUST "--only blur,");
    cli_ends(2, ROBUST "--levels 1,6");
    assert_says(cli_err(), "--levels: expected numbers of 1 to 5, found '1,6'");
    cli_ends(2, ROBUST "--levels ''");
    cli_ends(2, ROBUST "--csv --json");
    cli_ends(2, ROBUST "--seed -1");
    cli_ends(2, ROBUST "--threads 0");
    cli_ends(1, "robust --labels labels.csv --videos absent --split all");
    assert_says(cli_err(), "umcl robust: absent: expected a folder of videos");
    cli_ends(1, ROBUST "absent.safetensors");
    write_text("file", "");
    cli_ends(1, ROBUST "--out file/below");
}

static bool never(void *user)
{
    (void)user;
    return false;
}

/* Root of the mean square, pixels. */
static double difference(const um_stored_track *a, const um_stored_track *b)
{
    double sum = 0;

    for (size_t i = 0; i < a->n_frames; i++)
        for (int k = 0; k < UM_N_LANDMARKS; k++)
            for (int c = 0; c < 2; c++) {
                double d = (double)a->landmarks[i].p[k][c] - (double)b->landmarks[i].p[k][c];
                sum += d * d;
            }
    return sqrt(sum / (double)(a->n_frames * UM_N_LANDMARKS));
}

/* A perturbation that does nothing leaves the tracks of the video itself. */
static void nothing_done_nothing_changed(void **state)
{
    const um_perturb none = {.kind = UM_PERTURB_BLUR}, blur = um_perturb_at(UM_PERTURB_BLUR, 3);
    const um_perturb codec = um_perturb_at(UM_PERTURB_PLATFORM, 1);
    um_perturb_job job = {.perturb = &none, .scratch = "tmp"};
    const um_face_nets_options options = UM_FACE_NETS_VIDEO;
    const um_extract_options extract = {.threads = 1};
    const um_perturb rate = {.kind = UM_PERTURB_FRAME_RATE, .value = UM_PERTURB_FPS};
    um_stored_video plain, same, blurred, kept;
    um_face_nets *nets;
    um_dir left;

    (void)state;
    assert_ok(um_face_nets_open(&nets, &options));
    assert_ok(um_mkdirs("tracks"));
    assert_ok(um_extract("set/c1.mp4", "tracks", "plain", nets, &extract));
    assert_ok(um_perturb_extract(&job, "set/c1.mp4", "tracks", "same", nets, &extract));
    job.perturb = &blur;
    assert_ok(um_perturb_extract(&job, "set/c1.mp4", "tracks", "blurred", nets, &extract));
    assert_ok(um_store_read(&plain, "tracks", "plain"));
    assert_ok(um_store_read(&same, "tracks", "same"));
    assert_ok(um_store_read(&blurred, "tracks", "blurred"));
    assert_int_equal(plain.n_tracks, 1);
    assert_int_equal(same.n_tracks, 1);
    assert_int_equal(same.tracks[0].n_frames, plain.tracks[0].n_frames);
    assert_memory_equal(same.tracks[0].times, plain.tracks[0].times,
                        plain.tracks[0].n_frames * sizeof(float));
    /* Planes become R, G, B on the way: landmarks tremble by the rounding. */
    assert_true(difference(&plain.tracks[0], &same.tracks[0]) < 0.2);
    assert_int_equal(blurred.tracks[0].n_frames, plain.tracks[0].n_frames);
    assert_true(difference(&plain.tracks[0], &blurred.tracks[0]) > 0.2);
    job.perturb = &rate;
    assert_ok(um_perturb_extract(&job, "set/c1.mp4", "tracks", "rate", nets, &extract));
    assert_ok(um_store_read(&kept, "tracks", "rate"));
    assert_int_equal(kept.tracks[0].n_frames, plain.tracks[0].n_frames);
    assert_true(difference(&plain.tracks[0], &kept.tracks[0]) == 0);

    job.go_on = never;
    assert_fails(UMCL_ERR_CANCELLED, "stopped",
                 um_perturb_extract(&job, "set/c1.mp4", "tracks", "x", nets, &extract));
    job.perturb = &codec;
    assert_fails(UMCL_ERR_CANCELLED, "stopped",
                 um_perturb_extract(&job, "set/c1.mp4", "tracks", "x", nets, &extract));
    assert_ok(um_dir_read(&left, "tmp"));
    assert_int_equal(left.count, 0);
    um_dir_clear(&left);
    assert_false(um_is_dir("tracks/x"));
    um_stored_video_clear(&plain);
    um_stored_video_clear(&same);
    um_stored_video_clear(&blurred);
    um_stored_video_clear(&kept);
    um_face_nets_free(nets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_it_measures),       cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(takes_no_other_scores),        cmocka_unit_test(names_what_it_cannot_read),
        cmocka_unit_test(nothing_done_nothing_changed), cmocka_unit_test(refuses_bad_usage),
    };

    return cmocka_run_group_tests(tests, prepare, cli_teardown);
}
