#include "pseudo_sheet.h"

#include <stdio.h>

#define COLUMNS 4
#define CAPTION 12 /* pixels above a cell */

static void say_change(char *out, size_t size, const um_degrade *d)
{
    if (d->blur > 0)
        snprintf(out, size, "blur %.1f", (double)d->blur);
    else if (d->sharpen > 0)
        snprintf(out, size, "sharp %.1f", (double)d->sharpen);
    else if (d->coarse > 1)
        snprintf(out, size, "coarse %.1f", (double)d->coarse);
    else if (d->quality)
        snprintf(out, size, "jpeg %d", d->quality);
    else
        snprintf(out, size, "colour");
}

void pseudo_caption(char *out, size_t size, const um_pseudo *p, bool moving)
{
    char change[24], flicker[24] = "", pulse[24] = "";

    say_change(change, sizeof change, &p->change);
    if (moving && p->flicker > 0)
        snprintf(flicker, sizeof flicker, ", flicker %.1f", (double)p->flicker);
    if (moving) snprintf(pulse, sizeof pulse, ", pulse %s", um_pulse_kind_name(p->pulse.kind));
    snprintf(out, size, "%s x%.2f, %s %s%s%s", um_mask_region_name(p->mask.region),
             (double)p->mask.ratio, p->change_outside ? "out" : "in", change, flicker, pulse);
}

int pseudo_sheet_columns(void)
{
    return COLUMNS;
}

umcl_status pseudo_sheet_new(um_image *sheet, int cells, int side)
{
    int columns = cells < COLUMNS ? cells : COLUMNS, rows = (cells + COLUMNS - 1) / COLUMNS;

    return um_image_new(sheet, columns * 3 * side, rows * (side + CAPTION), 3);
}

/* A mask is shown in grey. */
static void paste(um_image *sheet, int x0, int y0, const um_image *tile)
{
    for (int y = 0; y < tile->height; y++)
        for (int x = 0; x < tile->width; x++) {
            const uint8_t *from =
                tile->data + (size_t)y * tile->stride + (size_t)(x * tile->channels);
            uint8_t *to = sheet->data + (size_t)(y0 + y) * sheet->stride + (size_t)(3 * (x0 + x));
            for (int c = 0; c < 3; c++) to[c] = from[tile->channels == 3 ? c : 0];
        }
}

void pseudo_sheet_draw(um_image *sheet, int cell, const pseudo_sample *sample, size_t frame)
{
    int side = sample->real.side;
    int x = cell % COLUMNS * 3 * side, y = cell / COLUMNS * (side + CAPTION) + CAPTION;
    um_image real = um_face_clip_crop(&sample->real, frame);
    um_image mask = um_face_clip_mask(&sample->fake, frame);
    um_image fake = um_face_clip_crop(&sample->fake, frame);

    paste(sheet, x, y, &real);
    paste(sheet, x + side, y, &mask);
    paste(sheet, x + 2 * side, y, &fake);
    um_draw_text(sheet, x + 2, y - CAPTION + 3, 1, 0xFFFFFF, sample->caption);
}
