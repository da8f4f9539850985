#include "data/perturb_extract.h"

#include <unistd.h>

#include "base/str.h"

/* Frames on their way from the decoder to the face nets. */
typedef struct changer {
    const um_perturb_job *job;
    size_t next;     /* number of the frame that comes */
    um_frame *shown; /* the last one that was not a repetition, as it was shown */
} changer;

static umcl_status perturb_frame(um_frame **out, const um_frame *frame, const um_perturb_job *job,
                                 size_t number)
{
    int width = um_frame_width(frame), height = um_frame_height(frame);
    um_image rgb = {0};
    umcl_status st;

    UM_CHECK(um_image_new(&rgb, width, height, 3));
    UM_CHECK(um_frame_crop(frame, (um_box){0, 0, (float)width, (float)height}, &rgb));
    UM_CHECK(um_perturb_picture(&rgb, job->perturb, job->key, number));
    st = um_frame_from_image(out, &rgb, um_frame_time(frame));
done:
    um_image_clear(&rgb);
    return st;
}

/* Pictures that stay as they are keep the decoder's planes: nothing is rounded to R, G, B. */
static bool keeps_pictures(um_perturb_kind kind)
{
    return kind == UM_PERTURB_FRAME_DROP || kind == UM_PERTURB_FRAME_RATE;
}

/* A frame that is shown again has the time of the one that it stands for. */
static umcl_status change(void *user, um_frame **frame)
{
    changer *c = user;
    const um_perturb_job *job = c->job;
    size_t now = c->next++;
    um_frame *out;

    if (job->go_on && !job->go_on(job->user)) return um_fail(UMCL_ERR_CANCELLED, "stopped");
    if (um_perturb_frame(job->perturb, job->key, now) < now && c->shown) {
        UM_TRY(um_frame_again(&out, c->shown, um_frame_time(*frame), um_frame_index(*frame)));
    } else {
        if (keeps_pictures(job->perturb->kind))
            out = um_frame_ref(*frame);
        else
            UM_TRY(perturb_frame(&out, *frame, job, now));
        um_frame_unref(c->shown);
        c->shown = um_frame_ref(out);
    }
    um_frame_unref(*frame);
    *frame = out;
    return UMCL_OK;
}

static umcl_status by_picture(const um_perturb_job *job, const char *video, const char *cache,
                              const char *name, um_face_nets *nets,
                              const um_extract_options *options)
{
    um_extract_options with = *options;
    changer c = {.job = job};
    umcl_status st;

    with.change = change;
    with.user = &c;
    st = um_extract(video, cache, name, nets, &with);
    um_frame_unref(c.shown);
    return st;
}

static um_recoding recoding_of(const um_perturb *p)
{
    um_recoding how = {.codec = um_perturb_codec(p->kind), .side = 1};

    if (p->kind == UM_PERTURB_PLATFORM) {
        how.crf = p->crf;
        how.side = p->value / 100;
    } else if (p->kind == UM_PERTURB_H264_RATE) {
        how.bits = p->value;
    } else {
        how.crf = (int)p->value;
    }
    return how;
}

static umcl_status by_codec(const um_perturb_job *job, const char *video, const char *cache,
                            const char *name, um_face_nets *nets, const um_extract_options *options)
{
    const um_recoding how = recoding_of(job->perturb);
    um_str first = UM_STR_INIT, second = UM_STR_INIT;
    const char *last;
    umcl_status st;

    um_str_printf(&first, "%s/first.mp4", job->scratch);
    um_str_printf(&second, "%s/second.mp4", job->scratch);
    UM_CHECK(um_str_status(&first));
    UM_CHECK(um_str_status(&second));
    last = first.text;
    UM_CHECK(um_recode(video, first.text, &how, job->go_on, job->user));
    if (job->perturb->kind == UM_PERTURB_PLATFORM) {
        UM_CHECK(um_recode(first.text, second.text, &how, job->go_on, job->user));
        last = second.text;
    }
    st = um_extract(last, cache, name, nets, options);
done:
    if (first.text) unlink(first.text);
    if (second.text) unlink(second.text);
    um_str_clear(&first);
    um_str_clear(&second);
    return st;
}

umcl_status um_perturb_extract(const um_perturb_job *job, const char *video, const char *cache,
                               const char *name, um_face_nets *nets,
                               const um_extract_options *options)
{
    return um_perturb_encodes(job->perturb->kind)
               ? by_codec(job, video, cache, name, nets, options)
               : by_picture(job, video, cache, name, nets, options);
}
