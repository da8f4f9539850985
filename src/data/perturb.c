#include "data/perturb.h"

#include <stdio.h>
#include <string.h>

typedef struct entry {
    const char *name, *text, *unit; /* printf's, for a value */
    double value[UM_PERTURB_LEVELS];
} entry;

static const entry entries[UM_N_PERTURBS] = {
    [UM_PERTURB_H264_CRF] = {"h264_crf",
                             "H.264, constant rate factor",
                             "CRF %g",
                             {23, 30, 35, 40, 45}},
    [UM_PERTURB_H264_RATE] = {"h264_rate",
                              "H.264, bits a pixel",
                              "%g bit/px",
                              {0.1, 0.05, 0.025, 0.0125, 0.00625}},
    [UM_PERTURB_HEVC] = {"hevc", "HEVC, constant rate factor", "CRF %g", {26, 32, 38, 43, 48}},
    [UM_PERTURB_VP9] = {"vp9", "VP9, constant rate factor", "CRF %g", {32, 40, 48, 56, 62}},
    [UM_PERTURB_AV1] = {"av1", "AV1, constant rate factor", "CRF %g", {32, 40, 48, 56, 62}},
    [UM_PERTURB_JPEG] = {"jpeg", "JPEG, frame by frame", "quality %g", {80, 60, 40, 20, 10}},
    [UM_PERTURB_RESIZE] = {"resize", "made smaller and large again", "1/%g", {1.5, 2, 3, 4, 6}},
    [UM_PERTURB_BLUR] = {"blur", "Gaussian blur", "%g px", {0.5, 1, 2, 3, 5}},
    [UM_PERTURB_NOISE] = {"noise", "noise, new in each frame", "%g levels", {3, 6, 12, 24, 40}},
    [UM_PERTURB_GAMMA] = {"gamma", "darker by gamma", "gamma %g", {1.25, 1.5, 2, 2.5, 3}},
    [UM_PERTURB_FRAME_DROP] = {"frame_drop",
                               "frames lost, the one before stays",
                               "%g %%",
                               {5, 10, 20, 40, 60}},
    [UM_PERTURB_FRAME_RATE] = {"frame_rate",
                               "fewer frames a second",
                               "%g fps",
                               {24, 20, 15, 10, 5}},
    [UM_PERTURB_CROP] = {"crop", "borders cut off", "%g %%", {5, 10, 20, 30, 40}},
    [UM_PERTURB_PLATFORM] = {"platform",
                             "twice scaled and H.264",
                             "2 x %g %%",
                             {95, 90, 80, 70, 60}},
    [UM_PERTURB_OCCLUSION] = {"occlusion", "small grey squares", "%g %%", {2, 5, 10, 20, 30}},
};

static const int platform_crf[UM_PERTURB_LEVELS] = {23, 26, 29, 32, 35};

const char *um_perturb_name(um_perturb_kind kind)
{
    return entries[kind].name;
}

const char *um_perturb_text(um_perturb_kind kind)
{
    return entries[kind].text;
}

bool um_perturb_find(um_perturb_kind *out, const char *name, size_t n)
{
    for (int k = 0; k < UM_N_PERTURBS; k++)
        if (strlen(entries[k].name) == n && !memcmp(entries[k].name, name, n)) {
            *out = (um_perturb_kind)k;
            return true;
        }
    return false;
}

um_perturb um_perturb_at(um_perturb_kind kind, int level)
{
    um_perturb p = {.kind = kind, .value = entries[kind].value[level - 1]};

    if (kind == UM_PERTURB_PLATFORM) p.crf = platform_crf[level - 1];
    return p;
}

void um_perturb_label(char out[32], const um_perturb *p)
{
    int n = snprintf(out, 32, entries[p->kind].unit, p->value);

    if (p->crf && n > 0 && n < 32) snprintf(out + n, 32 - (size_t)n, ", CRF %d", p->crf);
}

um_codec um_perturb_codec(um_perturb_kind kind)
{
    switch (kind) {
    case UM_PERTURB_HEVC: return UM_CODEC_HEVC;
    case UM_PERTURB_VP9: return UM_CODEC_VP9;
    case UM_PERTURB_AV1: return UM_CODEC_AV1;
    default: return UM_CODEC_H264;
    }
}

bool um_perturb_encodes(um_perturb_kind kind)
{
    return kind <= UM_PERTURB_AV1 || kind == UM_PERTURB_PLATFORM;
}

const char *um_perturb_lacks(um_perturb_kind kind)
{
    um_codec codec = um_perturb_codec(kind);

    return um_perturb_encodes(kind) && !um_codec_available(codec) ? um_codec_encoder(codec) : NULL;
}
