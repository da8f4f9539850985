/* When a face has a heart rate: windows that were read, and agree. */
#include "../test.h"

#include <math.h>
#include <stdlib.h>

#include "detect/track_pulse.h"

/* The rate of a track whose windows were read as `bpm`, 0: not read. */
static um_heart_rate rate_of(const double *bpm, size_t n)
{
    um_track_pulse t;
    um_heart_rate out;

    assert_ok(um_track_pulse_start(&t, 1));
    t.windows = calloc(n + 1, sizeof *t.windows);
    t.n_windows = n;
    for (size_t i = 0; i < n; i++)
        t.windows[i].rate = (um_heart_rate){bpm[i] > 0, bpm[i], bpm[i] > 0 ? 6 : -2};
    out = um_track_pulse_rate(&t);
    um_track_pulse_clear(&t);
    assert_null(t.windows);
    return out;
}

static void windows_must_agree(void **state)
{
    um_heart_rate r;

    (void)state;
    r = rate_of((double[]){70, 72, 74}, 3);
    assert_true(r.reading && r.bpm == 72 && r.snr_db == 6);
    r = rate_of((double[]){70, 0, 74, 0}, 4); /* half of them, around the median of two */
    assert_true(r.reading && r.bpm == 72 && r.snr_db == 6);
    r = rate_of((double[]){70, 0, 0}, 3);
    assert_true(!r.reading && r.bpm == 0 && fabs(r.snr_db - 2.0 / 3) < 1e-9);
    r = rate_of((double[]){45, 55, 65, 75, 90}, 5); /* all read, none agrees */
    assert_false(r.reading);
    r = rate_of((double[]){45, 71, 72, 73, 0}, 5);
    assert_true(r.reading && r.bpm == 71.5);
    r = rate_of(NULL, 0);
    assert_true(!r.reading && isnan(r.snr_db));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_must_agree)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
