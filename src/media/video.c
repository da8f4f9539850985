#include "media/video.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "media/decoder.h"
#include "media/pace.h"

/* A start nearer than this (seconds) is reached by decoding, not by seeking. */
#define MIN_SEEK 2.0

struct um_video {
    um_decoder *decoder;
    um_video_info info;
    um_video_options options;
    um_clock clock;
    um_pace pace;
    /* Two frames in a row; `until` is the end of the later one. Either may be NULL. */
    um_frame *held, *ahead;
    double held_time, ahead_time, until;
    bool ended;
    int64_t index; /* of the next frame handed out */
};

/** Decodes one frame into `ahead`, or finds the end. */
static umcl_status look_ahead(um_video *v)
{
    double duration;
    AVFrame *av;
    umcl_status st;

    UM_TRY(um_decoder_next(v->decoder, &av));
    if (!av) {
        v->ended = true;
        return UMCL_OK;
    }
    v->ahead_time = um_clock_next(&v->clock, um_decoder_time(v->decoder, av));
    duration = um_decoder_duration(v->decoder, av);
    /* Of the last frame, containers often do not know it. */
    if (duration < v->clock.nominal / 2 || duration > UM_PACE_MAX_GAP) duration = v->clock.nominal;
    v->until = v->ahead_time + duration;
    st = um_frame_wrap(&v->ahead, av, um_decoder_orientation(v->decoder, av));
    av_frame_free(&av);
    return st;
}

static void advance(um_video *v)
{
    um_frame_unref(v->held);
    v->held = v->ahead;
    v->held_time = v->ahead_time;
    v->ahead = NULL;
}

/** Forgets what was decoded and decodes the first frame of another place. */
static umcl_status enter(um_video *v)
{
    um_frame_unref(v->ahead);
    v->ahead = NULL;
    v->ended = false;
    um_clock_restart(&v->clock);
    return look_ahead(v);
}

/** Jumps near to the start, if that is far and the file lets us. */
static umcl_status go_to_start(um_video *v)
{
    double start = v->options.start;

    if (start < MIN_SEEK || v->info.is_picture || !v->clock.has_origin ||
        !um_decoder_is_seekable(v->decoder))
        return UMCL_OK;
    if (um_decoder_seek(v->decoder, v->clock.origin + start)) {
        UM_TRY(enter(v));
        if (!v->ended && v->ahead_time <= start) return UMCL_OK;
    }
    /* No index, or one that lies: read it all from the front. */
    UM_TRY(um_decoder_restart(v->decoder));
    return enter(v);
}

static umcl_status check_options(const um_video_options *o)
{
    if (!(o->fps >= 0 && o->fps <= 1000))
        return um_fail(UMCL_ERR_INVALID, "fps: expected 0..1000, found %g", o->fps);
    if (!(o->start >= 0 && isfinite(o->start)))
        return um_fail(UMCL_ERR_INVALID, "start: expected 0 s or more, found %g", o->start);
    if (!(o->duration >= 0 && isfinite(o->duration)))
        return um_fail(UMCL_ERR_INVALID, "duration: expected 0 s or more, found %g", o->duration);
    return UMCL_OK;
}

umcl_status um_video_open(um_video **out, const char *path, const um_video_options *options)
{
    um_video *v = NULL;
    umcl_status st;

    *out = NULL;
    UM_TRY(check_options(options));
    UM_TRY(um_calloc(&v, 1, sizeof *v));
    v->options = *options;
    UM_CHECK(um_decoder_open(&v->decoder, path, options->threads));
    um_decoder_info(v->decoder, &v->info);
    v->clock.nominal = v->info.fps >= 1 && v->info.fps <= 1000 ? 1 / v->info.fps : 1 / 30.0;
    v->pace = (um_pace){.fps = options->fps, .start = options->start, .end = INFINITY};
    if (options->duration > 0) v->pace.end = options->start + options->duration;
    UM_CHECK(look_ahead(v));
    if (!v->ahead) {
        st = um_fail(UMCL_ERR_FORMAT,
                     "%s: expected a video, no frame of its %s stream can be decoded", path,
                     v->info.codec);
        goto done;
    }
    v->info.width = um_frame_width(v->ahead);
    v->info.height = um_frame_height(v->ahead);
    UM_CHECK(go_to_start(v));
    *out = v;
    v = NULL;
done:
    um_video_close(v);
    return st;
}

void um_video_close(um_video *v)
{
    if (!v) return;
    um_frame_unref(v->held);
    um_frame_unref(v->ahead);
    um_decoder_close(v->decoder);
    free(v);
}

const um_video_info *um_video_get_info(const um_video *v)
{
    return &v->info;
}

int64_t um_video_skipped(const um_video *v)
{
    return um_decoder_skipped(v->decoder);
}

/** Frames as they come: `ahead` is handed out. */
static umcl_status next_as_is(um_video *v, um_frame **out)
{
    for (;;) {
        if (!v->ahead && !v->ended) UM_TRY(look_ahead(v));
        if (!v->ahead || v->ahead_time >= v->pace.end) return UMCL_OK;
        advance(v);
        if (v->held_time >= v->pace.start - 1e-6)
            return um_frame_again(out, v->held, v->held_time, v->index++);
    }
}

static umcl_status next_paced(um_video *v, um_frame **out)
{
    for (;;) {
        um_pace_choice choice;
        double t;

        if (!v->ahead && !v->ended) UM_TRY(look_ahead(v));
        if (!v->held) {
            if (!v->ahead) return UMCL_OK;
            advance(v);
            continue;
        }
        choice = v->ahead ? um_pace_choose(&v->pace, v->held_time, v->ahead_time)
                          : um_pace_choose_last(&v->pace, v->held_time, v->until);
        if (choice == UM_PACE_END) return UMCL_OK;
        if (choice == UM_PACE_ADVANCE) {
            advance(v);
            continue;
        }
        t = um_pace_time(&v->pace);
        v->pace.i++;
        return um_frame_again(out, v->held, t, v->index++);
    }
}

umcl_status um_video_next(um_video *v, um_frame **out)
{
    *out = NULL;
    if (v->info.is_picture) {
        if (!v->ahead) return UMCL_OK;
        advance(v);
        return um_frame_again(out, v->held, 0, v->index++);
    }
    return v->options.fps > 0 ? next_paced(v, out) : next_as_is(v, out);
}
