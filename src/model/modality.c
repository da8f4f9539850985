#include "model/modality.h"

#include "model/clip_text.h"
#include "model/lrnet.h"
#include "model/physformer.h"
#include "model/texture.h"

static const um_modality_info infos[UM_N_MODALITIES] = {
    [UM_PULSE] = {'p', "pulse", UM_PHYSFORMER_BODY, UM_PHYSFORMER_FEATURE, 1},
    [UM_LANDMARKS] = {'l', "landmarks", UM_LRNET_FEATURE, UM_LRNET_FEATURE, 0},
    [UM_TEXT] = {'t', "text", UM_CLIP_WIDTH, UM_CLIP_WIDTH, 0},
    [UM_TEXTURE] = {'x', "texture", UM_TEXTURE_FEATURE, UM_TEXTURE_FEATURE,
                    UM_WINDOW / UM_TEXTURE_FRAMES},
};

const um_modality_info *um_modality_get(um_modality_kind kind)
{
    return &infos[kind];
}

umcl_status um_modalities_parse(um_modalities *out, const char *letters)
{
    um_modalities set = 0;

    for (const char *c = letters; *c; c++) {
        int kind = 0;

        while (kind < UM_N_MODALITIES && infos[kind].letter != *c) kind++;
        if (kind == UM_N_MODALITIES)
            return um_fail(UMCL_ERR_INVALID,
                           "modalities: expected letters of p (pulse), l (landmarks), t (text), x "
                           "(texture), found '%c' in '%s'",
                           *c, letters);
        if (um_has(set, (um_modality_kind)kind))
            return um_fail(UMCL_ERR_INVALID, "modalities: '%c' stands twice in '%s'", *c, letters);
        set |= 1u << kind;
    }
    if (!(set & ~(1u << UM_TEXT)))
        return um_fail(UMCL_ERR_INVALID,
                       "modalities: expected one that looks at the video (p, l or x), found '%s'",
                       letters);
    *out = set;
    return UMCL_OK;
}

void um_modalities_text(char out[UM_N_MODALITIES + 1], um_modalities set)
{
    for (int kind = 0; kind < UM_N_MODALITIES; kind++)
        if (um_has(set, (um_modality_kind)kind)) *out++ = infos[kind].letter;
    *out = '\0';
}

int um_modalities_crop_step(um_modalities set)
{
    int least = 0;

    for (int kind = 0; kind < UM_N_MODALITIES; kind++) {
        int step = um_has(set, (um_modality_kind)kind) ? infos[kind].crop_step : 0;

        if (step && (!least || step < least)) least = step;
    }
    return least;
}

int um_modalities_window(um_modalities set)
{
    return um_modalities_crop_step(set) ? UM_WINDOW : UM_WINDOW_LANDMARKS;
}
