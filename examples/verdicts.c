/*
 * Judges videos with the library alone:
 *
 *     cc verdicts.c $(pkg-config --cflags --libs umcl) -o verdicts && ./verdicts clip.mp4
 */
#include <stdio.h>

#include <umcl/umcl.h>

static void print_report(const char *path, const umcl_report *report)
{
    printf("%s: %s", path, umcl_verdict_name(report->verdict));
    if (report->outcome == UMCL_OUTCOME_OK)
        printf(", P(fake) = %.3f\n", report->score);
    else
        printf(" (%s: %s)\n", umcl_outcome_name(report->outcome), report->reason);
    for (size_t i = 0; i < report->n_tracks; i++)
        printf("  face %d, %.1f to %.1f s\n", report->tracks[i].id, report->tracks[i].start,
               report->tracks[i].end);
}

int main(int argc, char **argv)
{
    umcl_detector *detector;
    int failed = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: verdicts VIDEO...\n");
        return 2;
    }
    if (umcl_detector_new(&detector, NULL) != UMCL_OK) {
        fprintf(stderr, "verdicts: %s\n", umcl_last_error());
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        umcl_report report;

        if (umcl_detector_score(&report, detector, argv[i], NULL) == UMCL_OK) {
            print_report(argv[i], &report);
            umcl_report_clear(&report);
        } else {
            fprintf(stderr, "%s: %s\n", argv[i], umcl_last_error());
            failed = 1;
        }
    }
    umcl_detector_free(detector);
    return failed;
}
