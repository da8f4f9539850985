#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli.h"
#include "face/crop.h"
#include "face/face_nets.h"
#include "face/stream.h"
#include "media/video.h"
#include "pseudo_sheet.h"

#define MAX_FRAMES 160
#define MAX_SAMPLES 24

static const char help[] =
    "usage: umcl pseudo-fake [OPTIONS] -o OUT FILE\n"
    "\n"
    "Shows what training makes of a real face: pairs of a real crop and a fake that was blended\n"
    "from two versions of it, with the mask between them. FILE is a picture (its largest face) or "
    "a\n"
    "video (its first face, at most 160 frames of it).\n"
    "\n"
    "  -o, --output OUT     .png or .jpg: a sheet of cells real | mask | fake; of a video each "
    "row\n"
    "                       is one sample at four moments. .mp4 (of a video): all samples, moving\n"
    "  --samples N          pairs to make, 1..24 (default 8)\n"
    "  --seed N             other pairs (default 1)\n"
    "  --strength X         of the differences, 0..3 (default 1)\n"
    "  --region NAME        face, inner, lower, mouth or eyes+nose alone\n"
    "  --augment            both halves augmented alike, as training shows them\n"
    "  --start S            begin S seconds into the video\n"
    "  -h, --help           this text\n"
    "\n"
    "The captions name the region, how far it was blended in, and the version that was changed: "
    "in\n"
    "or outside of the mask. Training draws them at random as this command does.\n"
    "\n"
    "example: umcl pseudo-fake -o sheet.png face.jpg\n"
    "\n"
    "Exit codes: 0 done, 1 a file could not be read or has no face, 2 usage.\n";

typedef struct settings {
    const char *output;
    int samples, seed;
    bool augment;
    um_pseudo_options pseudo;
    um_video_options video;
} settings;

/* The face that is being cut out of the file. */
typedef struct cutting {
    um_face_clip clip; /* room for MAX_FRAMES, clip.n are taken */
    bool is_picture, ended;
    int track; /* 0: none yet */
    float area;
} cutting;

static umcl_status on_frame(void *user, const um_track_frame *f)
{
    cutting *c = user;
    float area = um_box_area(f->box), zoom = UM_CROP_SIDE / um_box_width(f->crop_box);
    um_image to;

    if (c->is_picture && area > c->area) { /* a picture's faces are tracks of one frame */
        c->clip.n = 0;
        c->track = f->track;
        c->area = area;
    }
    if (!c->track) c->track = f->track;
    if (f->track != c->track || c->clip.n == MAX_FRAMES) return UMCL_OK;
    to = um_face_clip_crop(&c->clip, c->clip.n);
    memcpy(to.data, f->crop->data, to.stride * (size_t)to.height);
    for (int i = 0; i < UM_N_LANDMARKS; i++) {
        float *p = c->clip.landmarks[c->clip.n].p[i];
        p[0] = (f->calibrated.p[i][0] - f->crop_box.x0) * zoom;
        p[1] = (f->calibrated.p[i][1] - f->crop_box.y0) * zoom;
    }
    c->clip.n++;
    return UMCL_OK;
}

static umcl_status on_end(void *user, int track, um_track_end why)
{
    cutting *c = user;

    (void)why;
    c->ended = c->ended || track == c->track;
    return UMCL_OK;
}

static umcl_status follow(cutting *c, um_video *video, um_face_nets *nets)
{
    const um_face_models models = um_face_nets_models(nets);
    const um_face_stream_options options = UM_FACE_STREAM_OPTIONS_INIT;
    const um_face_sink sink = {c, on_frame, on_end, NULL};
    um_face_stream *stream = NULL;
    um_frame *frame = NULL;
    umcl_status st;

    UM_CHECK(um_face_stream_new(&stream, &models, &options, &sink));
    while (!c->ended && c->clip.n < MAX_FRAMES) {
        UM_CHECK(um_video_next(video, &frame));
        if (!frame) break;
        UM_CHECK(um_face_stream_push(stream, frame));
        um_frame_unref(frame);
        frame = NULL;
    }
    st = um_face_stream_finish(stream);
done:
    um_frame_unref(frame);
    um_face_stream_free(stream);
    return st;
}

/* Cuts the face out of the file. */
static umcl_status cut_out(cutting *c, const settings *set, const char *path)
{
    um_face_nets_options options = UM_FACE_NETS_VIDEO;
    um_face_nets *nets = NULL;
    um_video *video = NULL;
    umcl_status st;

    UM_CHECK(um_video_open(&video, path, &set->video));
    c->is_picture = um_video_get_info(video)->is_picture;
    if (c->is_picture) options = UM_FACE_NETS_PICTURE;
    UM_CHECK(um_face_nets_open(&nets, &options));
    UM_CHECK(um_face_clip_new(&c->clip, c->is_picture ? 1 : MAX_FRAMES, UM_CROP_SIDE, false));
    c->clip.n = 0;
    UM_CHECK(follow(c, video, nets));
    if (c->clip.n == 0) st = um_fail(UMCL_ERR_NOT_FOUND, "%s: no face was found", path);
done:
    um_face_nets_free(nets);
    um_video_close(video);
    return st;
}

static umcl_status make_sample(pseudo_sample *s, const um_face_clip *clip, const settings *set,
                               int number)
{
    um_augment_options augment = UM_AUGMENT_OPTIONS_INIT;
    um_rng rng = um_rng_new((uint64_t)set->seed, "pseudo-fake"), peek;
    um_pseudo p;

    rng.key = um_rng_at(rng.key, (uint64_t)number);
    peek = rng;
    p = um_pseudo_draw(&set->pseudo, &peek); /* as the pair will be */
    pseudo_caption(s->caption, sizeof s->caption, &p, clip->n > 1);
    if (clip->n > 1) augment.h264 = 0.7f;
    UM_TRY(um_face_clip_new(&s->real, clip->n, clip->side, false));
    UM_TRY(um_face_clip_new(&s->fake, clip->n, clip->side, true));
    return um_pseudo_pair(&s->real, &s->fake, clip, &set->pseudo, set->augment ? &augment : NULL,
                          &rng);
}

/* A sample a cell, or of a video a sample a row. */
static umcl_status write_sheet(const settings *set, const pseudo_sample *samples)
{
    size_t n = samples->real.n;
    int moments = n > 1 ? pseudo_sheet_columns() : 1;
    um_image sheet = {0};
    umcl_status st;

    UM_CHECK(pseudo_sheet_new(&sheet, set->samples * moments, UM_CROP_SIDE));
    for (int i = 0; i < set->samples; i++)
        for (int k = 0; k < moments; k++)
            pseudo_sheet_draw(&sheet, i * moments + k, &samples[i],
                              (size_t)k * (n - 1) / (size_t)(moments > 1 ? moments - 1 : 1));
    st = um_image_write(&sheet, set->output);
done:
    um_image_clear(&sheet);
    return st;
}

static umcl_status write_video(const settings *set, const pseudo_sample *samples)
{
    um_video_writer_options options = {.fps = (double)UM_CLIP_FPS, .crf = 14};
    um_video_writer *w = NULL;
    um_image sheet = {0};
    umcl_status st;

    UM_CHECK(pseudo_sheet_new(&sheet, set->samples, UM_CROP_SIDE));
    options.width = sheet.width;
    options.height = sheet.height;
    UM_CHECK(um_video_writer_open(&w, set->output, &options));
    for (size_t f = 0; f < samples->real.n; f++) {
        for (int i = 0; i < set->samples; i++) pseudo_sheet_draw(&sheet, i, &samples[i], f);
        UM_CHECK(um_video_writer_add(w, &sheet));
    }
    st = um_video_writer_finish(w);
    w = NULL;
done:
    um_video_writer_abort(w);
    um_image_clear(&sheet);
    return st;
}

static umcl_status run(const settings *set, const char *path)
{
    pseudo_sample *samples = calloc((size_t)set->samples, sizeof *samples);
    bool moving = um_str_ends(set->output, ".mp4");
    cutting c = {0};
    umcl_status st;

    if (!samples) return um_fail(UMCL_ERR_NOMEM, "out of memory");
    UM_CHECK(cut_out(&c, set, path));
    if (moving && c.is_picture) {
        st = um_fail(UMCL_ERR_INVALID, "%s: a picture does not make a video", path);
        goto done;
    }
    for (int i = 0; i < set->samples; i++) {
        UM_CHECK(make_sample(&samples[i], &c.clip, set, i));
        printf("%d: %s\n", i + 1, samples[i].caption);
    }
    st = moving ? write_video(set, samples) : write_sheet(set, samples);
done:
    for (int i = 0; i < set->samples; i++) {
        um_face_clip_clear(&samples[i].real);
        um_face_clip_clear(&samples[i].fake);
    }
    free(samples);
    um_face_clip_clear(&c.clip);
    return st;
}

static bool only_region(um_pseudo_options *o, const char *name)
{
    bool known = false;

    for (int i = 0; i < UM_MASK_REGION_COUNT; i++) {
        o->region[i] = !strcmp(name, um_mask_region_name((um_mask_region)i));
        known = known || o->region[i] > 0;
    }
    return known;
}

static bool read_option(settings *set, int c)
{
    double strength;

    switch (c) {
    case 'o': set->output = optarg; return true;
    case 'a': set->augment = true; return true;
    case 'n': return cli_int(&set->samples, optarg, 1, MAX_SAMPLES);
    case 's': return cli_int(&set->seed, optarg, 0, 1 << 30);
    case 't': return cli_real(&set->video.start, optarg, 0, 1e9);
    case 'r': return only_region(&set->pseudo, optarg);
    case 'x':
        if (!cli_real(&strength, optarg, 0, 3)) return false;
        set->pseudo.strength = (float)strength;
        return true;
    default: return false;
    }
}

int cmd_pseudo_fake(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"samples", required_argument, NULL, 'n'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"strength", required_argument, NULL, 'x'},
                                            {"region", required_argument, NULL, 'r'},
                                            {"augment", no_argument, NULL, 'a'},
                                            {"start", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    settings set = {
        .samples = 8, .seed = 1, .pseudo = UM_PSEUDO_OPTIONS_INIT, .video = UM_VIDEO_OPTIONS_INIT};
    int c;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (c == 'h') {
            fputs(help, stdout);
            return EXIT_DONE;
        }
        if (c == '?') return cli_usage("pseudo-fake", "unknown option");
        if (!read_option(&set, c)) return cli_usage("pseudo-fake", "'%s' will not do", optarg);
    }
    if (!set.output) return cli_usage("pseudo-fake", "expected -o OUT");
    if (argc - optind != 1) return cli_usage("pseudo-fake", "expected one file");
    return run(&set, argv[optind]) == UMCL_OK ? EXIT_DONE : cli_fail("pseudo-fake");
}
