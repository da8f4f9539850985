/*
 * umcl: judges whether the faces in a video are real or fake.
 *
 *     umcl_detector_options opt = UMCL_DETECTOR_OPTIONS_INIT;
 *     umcl_detector *det;
 *     if (umcl_detector_new(&det, &opt) != UMCL_OK) { puts(umcl_last_error()); return 1; }
 *     umcl_report report;
 *     if (umcl_detector_score(&report, det, "clip.mp4", NULL) == UMCL_OK) {
 *         if (report.outcome == UMCL_OUTCOME_OK) printf("P(fake) = %.3f\n", report.score);
 *         else puts(umcl_outcome_name(report.outcome));
 *         umcl_report_clear(&report);
 *     }
 *     umcl_detector_free(det);
 *
 * A score is evidence, not proof. Where there is nothing to score, the outcome says why; a score is
 * never invented.
 *
 * Threads: a detector serves one thread at a time; different detectors are independent.
 */
#ifndef UMCL_UMCL_H
#define UMCL_UMCL_H

#include <stddef.h>
#include <stdint.h>

#include <umcl/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Library version, e.g. "0.1.0". Static storage. */
UMCL_API const char *umcl_version(void);

/** Why there is, or is not, a score. */
typedef enum umcl_outcome {
    UMCL_OUTCOME_OK = 0,         /* scored */
    UMCL_OUTCOME_NO_FACE = 1,    /* no face was found in any frame looked at */
    UMCL_OUTCOME_TOO_SHORT = 2,  /* no face stays for as long as the model needs */
    UMCL_OUTCOME_UNREADABLE = 3, /* not a video, damaged beyond use, or no picture in it */
    UMCL_OUTCOME_LOW_QUALITY = 4 /* faces are too small or too uncertain to be judged */
} umcl_outcome;

/** "ok", "no_face", "too_short", "unreadable", "low_quality". Static storage. */
UMCL_API const char *umcl_outcome_name(umcl_outcome outcome);

typedef enum umcl_verdict {
    UMCL_VERDICT_NONE = 0, /* no decision: no score, or one inside the model's band of doubt */
    UMCL_VERDICT_REAL = 1,
    UMCL_VERDICT_FAKE = 2
} umcl_verdict;

/** "no_decision", "real", "fake". Static storage. */
UMCL_API const char *umcl_verdict_name(umcl_verdict verdict);

typedef struct umcl_window {
    double start, end; /* seconds from the start of the file */
    double score;      /* P(fake), 0..1 */
} umcl_window;

/** One face, followed through the video. */
typedef struct umcl_track {
    int id;
    double start, end; /* seconds */
    double face_px;    /* mean width of the landmarks in pixels */
    double face_score; /* mean of the face detector's, 0..1 */
    double score;      /* P(fake), 0..1; NaN where the track was not judged */
    double heart_rate; /* beats a minute; NaN: no reading. Evidence to look at, never proof */
    double pulse_snr;  /* its signal-to-noise ratio in dB; NaN: the model looks for no pulse */
    umcl_outcome outcome;
    size_t n_windows;
    umcl_window *windows;
} umcl_track;

typedef struct umcl_report {
    umcl_outcome outcome;
    umcl_verdict verdict;
    double score;      /* P(fake) of the most suspicious track; NaN: none */
    double score_low;  /* 90 % bootstrap interval over that track's windows; NaN where */
    double score_high; /* there are fewer than three windows */
    int width, height; /* of the displayed picture; 0 if unreadable */
    double duration;   /* seconds of video looked at */
    int64_t n_frames;  /* at 30 frames a second */
    int64_t n_skipped; /* damaged packets and frames */
    size_t n_tracks;
    umcl_track *tracks;
    size_t n_warnings;
    char **warnings; /* sentences */
    char *reason;    /* one sentence: why this verdict; never NULL after success */
} umcl_report;

/** Releases what a report holds and zeroes it. NULL and zeroed reports are accepted. */
UMCL_API void umcl_report_clear(umcl_report *report);

typedef struct umcl_detector umcl_detector;

typedef struct umcl_detector_options {
    uint32_t version;         /* UMCL_DETECTOR_OPTIONS_VERSION */
    const char *model;        /* detector model file; NULL: the one that ships */
    const char *face_model;   /* face detector; NULL: the one that ships */
    const char *points_model; /* landmark network; NULL: the one that ships */
    int threads;              /* 0: one per core; at most 1024 */
} umcl_detector_options;

#define UMCL_DETECTOR_OPTIONS_VERSION 1
#define UMCL_DETECTOR_OPTIONS_INIT                                                                 \
    {                                                                                              \
        UMCL_DETECTOR_OPTIONS_VERSION, NULL, NULL, NULL, 0                                         \
    }

/**
 * Loads the models.
 *
 * @param out     the detector, the caller's: umcl_detector_free(); NULL on failure
 * @param options borrowed for the call; NULL: defaults
 * @return UMCL_ERR_INVALID (options outside of their range), UMCL_ERR_NOT_FOUND, UMCL_ERR_FORMAT,
 *         UMCL_ERR_SHAPE, UMCL_ERR_MISMATCH (a model of another kind or recipe), UMCL_ERR_NOMEM
 */
UMCL_API umcl_status umcl_detector_new(umcl_detector **out, const umcl_detector_options *options);
UMCL_API void umcl_detector_free(umcl_detector *det);

/** What the loaded model is. Strings are borrowed from the detector. */
typedef struct umcl_model_info {
    const char *kind;        /* "umcl", "lrnet" */
    const char *version;     /* of the model file */
    const char *hash;        /* SHA-256 of its tensors, hexadecimal */
    const char *crop_recipe; /* how faces and landmarks are prepared for it */
    double threshold;        /* a score at or above: fake */
    double doubt_low;        /* scores inside (doubt_low, doubt_high): no decision */
    double doubt_high;
} umcl_model_info;

UMCL_API umcl_model_info umcl_detector_model(const umcl_detector *det);

typedef struct umcl_score_options {
    uint32_t version; /* UMCL_SCORE_OPTIONS_VERSION */
    double start;     /* seconds to skip */
    double duration;  /* seconds to look at; 0: all */
    int stride;       /* frames from window to window; 0: the model's default */
    /* Called several times a second with the share done (0..1, negative: unknown) and the seconds
     * of video done; a return other than 0 cancels. NULL: none. */
    int (*progress)(void *user, double share, double seconds);
    void *user;
} umcl_score_options;

#define UMCL_SCORE_OPTIONS_VERSION 1
#define UMCL_SCORE_OPTIONS_INIT                                                                    \
    {                                                                                              \
        UMCL_SCORE_OPTIONS_VERSION, 0.0, 0.0, 0, NULL, NULL                                        \
    }

/**
 * Scores one video, or standard input for "-".
 *
 * A file that cannot be judged is a success whose outcome says why; `reason` has the sentence.
 *
 * @param out     filled on success, zeroed on failure; release with umcl_report_clear()
 * @param det     borrowed
 * @param path    borrowed, UTF-8
 * @param options borrowed; NULL: defaults
 * @return UMCL_ERR_INVALID, UMCL_ERR_CANCELLED, UMCL_ERR_NOMEM, UMCL_ERR_INTERNAL
 */
UMCL_API umcl_status umcl_detector_score(umcl_report *out, umcl_detector *det, const char *path,
                                         const umcl_score_options *options);

#ifdef __cplusplus
}
#endif
#endif
