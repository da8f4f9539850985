#include "data/synth_motion.h"

#include <math.h>

#include "base/rng.h"

#define TAU 6.283185307179586

/* Purposes of the random numbers of one person: each has its own stream. */
enum { PHASES = 1, BLINKS, SYLLABLES, PHRASES, GLANCES, HEART };

static double draw(uint64_t key, int purpose, int64_t i)
{
    return um_rng_uniform_at(um_rng_at(key, (uint64_t)purpose), (uint64_t)(i + 1024));
}

/* Two incommensurable slow sinusoids with the person's own phases and pace, about -1..1. */
static double sway(uint64_t key, int which, double hz, double t)
{
    double pace = 0.8 + 0.4 * draw(key, PHASES, 4 * which);
    double a = TAU * draw(key, PHASES, 4 * which + 1), b = TAU * draw(key, PHASES, 4 * which + 2);

    return 0.62 * sin(TAU * hz * pace * t + a) + 0.38 * sin(TAU * hz * pace * 2.31 * t + b);
}

static double ease(double x)
{
    x = x < 0 ? 0 : x > 1 ? 1 : x;
    return x * x * (3 - 2 * x);
}

/* Raised cosine of half width `d` seconds around 0. */
static double bump(double t, double d)
{
    return fabs(t) < d ? 0.5 + 0.5 * cos(TAU / 2 * t / d) : 0.0;
}

/* One blink a slot: lids close in 0.09 s, stay shut for 0.04 s, open in 0.16 s. */
static double blink_at(uint64_t key, double rate, double t)
{
    if (rate <= 0) return 0.0;
    double slot = 60.0 / rate, shut = 0.0;
    int64_t k0 = (int64_t)floor(t / slot);

    for (int64_t k = k0 - 1; k <= k0; k++) {
        double at = ((double)k + 0.1 + 0.8 * draw(key, BLINKS, k)) * slot;
        double b = ease((t - at) / 0.09) * (1 - ease((t - at - 0.13) / 0.16));
        if (b > shut) shut = b;
    }
    return shut;
}

/* Syllables of 0.21 s, of random strength, inside of phrases of 2.6 s with pauses between. */
static double mouth_at(uint64_t key, double t)
{
    const double phrase = 2.6, syllable = 0.21;
    int64_t p = (int64_t)floor(t / phrase), k0 = (int64_t)floor(t / syllable);
    double in = t / phrase - (double)p, open = 0.0;

    if (draw(key, PHRASES, p) > 0.8) return 0.0;
    double gate = ease(in / 0.06) * (1 - ease((in - 0.86) / 0.06));
    for (int64_t k = k0 - 1; k <= k0 + 1; k++) {
        double at = ((double)k + 0.5) * syllable;
        open += pow(draw(key, SYLLABLES, 2 * k), 1.3) * bump(t - at, 0.16);
    }
    return gate * (open < 1 ? open : 1);
}

static double slot_value(uint64_t key, int purpose, int64_t stride, int64_t offset, double t,
                         double slot, double settle)
{
    int64_t k = (int64_t)floor(t / slot);
    double from = 2 * draw(key, purpose, (k - 1) * stride + offset) - 1;
    double to = 2 * draw(key, purpose, k * stride + offset) - 1;

    return from + (to - from) * ease((t - (double)k * slot) / settle);
}

um_synth_state um_synth_motion_at(const um_synth_options *options, const um_synth_look *look,
                                  double t)
{
    const double degree = TAU / 360;
    uint64_t key = look->key;
    double m = options->motion, talk = options->talk;
    double open = talk > 0 ? talk * mouth_at(key, t) : 0.0;
    um_synth_state s = {.present =
                            t >= options->appear && (options->vanish <= 0 || t < options->vanish)};

    s.yaw = (float)(m * 12.5 * degree * sway(key, 0, 0.10, t));
    s.pitch = (float)(m * degree * (6.0 * sway(key, 1, 0.13, t) + 1.0 * open));
    s.roll = (float)(m * 5.0 * degree * sway(key, 2, 0.09, t));
    s.x = (float)(m * 1.6 * sway(key, 3, 0.08, t));
    s.y = (float)(m * 0.9 * sway(key, 4, 0.11, t));
    s.px_per_cm = (float)(1 + m * 0.04 * sway(key, 5, 0.07, t));
    s.blink = (float)blink_at(key, options->blink_rate, t);
    s.mouth = (float)open;
    s.wide = (float)(talk * 0.8 * slot_value(key, SYLLABLES, 2, 1, t, 0.21, 0.15));
    s.brow = (float)(talk * 0.5 * slot_value(key, PHRASES, 4, 3, t, 1.3, 0.3));
    double glance = options->blink_rate > 0 || m > 0 ? 1.0 : 0.0;
    s.gaze_x =
        (float)(glance * 0.16 * slot_value(key, GLANCES, 2, 0, t, 1.1, 0.05) - 0.5 * (double)s.yaw);
    s.gaze_y = (float)(glance * 0.07 * slot_value(key, GLANCES, 2, 1, t, 1.1, 0.05) -
                       0.3 * (double)s.pitch);
    return s;
}

/*
 * The rate swings with breathing (0.25 Hz) and more slowly (0.1 Hz); its integral is the phase. The
 * second harmonic makes the steep rise and the dicrotic shoulder of a volume pulse.
 */
double um_synth_heart_at(const um_synth_look *look, double bpm, double variation, double t)
{
    double hz = bpm / 60, breath = 0.22 + 0.06 * draw(look->key, HEART, 0), slow = 0.1;
    double a = TAU * draw(look->key, HEART, 1), b = TAU * draw(look->key, HEART, 2);
    double swing = 0.7 * sin(TAU * breath * t + a) / (TAU * breath) +
                   0.3 * sin(TAU * slow * t + b) / (TAU * slow);
    double phase = TAU * (draw(look->key, HEART, 3) + hz * (t + variation * swing));

    if (bpm <= 0) return 0.0;
    return 0.86 * (sin(phase) + 0.28 * sin(2 * phase + 0.9));
}

um_synth_light um_synth_light_at(const um_synth_options *options, double t)
{
    uint64_t key = um_rng_new(options->seed, "synth.light").key;
    double d = options->light_drift;
    double azimuth = (draw(key, 9, 0) - 0.5) * 1.4 + d * 0.12 * sway(key, 0, 0.05, t);
    double height = 0.45 + 0.3 * draw(key, 9, 1) + d * 0.06 * sway(key, 1, 0.04, t);
    um_synth_light light = {.gain = (float)(0.84 + d * 0.035 * sway(key, 2, 0.06, t))};

    light.key[0] = (float)(sin(azimuth) * cos(height));
    light.key[1] = (float)-sin(height);
    light.key[2] = (float)(cos(azimuth) * cos(height));
    return light;
}
