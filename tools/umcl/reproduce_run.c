/* Running the steps that are not done, each as a child process of this very program. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "cli.h"
#include "reproduce.h"

#define NOT_STARTED 127 /* exit code of a child that has not become the command */

/* The child that runs; whoever ends the run ends it too, so that no two work on one file. */
static volatile pid_t running;

static void end_child(int signal)
{
    if (running > 0) kill(running, SIGTERM);
    _exit(128 + signal);
}

static void catch_signals(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGALRM};
    struct sigaction action = {.sa_handler = end_child};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static umcl_status make_folder_of(rp_protocol *p, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash > path ? um_mkdirs(rp_text(p, "%.*s", (int)(slash - path), path))
                                 : UMCL_OK;
}

static umcl_status write_record(rp_protocol *p, const rp_step *s, bool done)
{
    json_t *command = json_array(), *record;
    char *text;
    umcl_status st;

    for (size_t i = 0; i < s->argc; i++) json_array_append_new(command, json_string(s->argv[i]));
    record = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:b, s:o}", "schema", "umcl.step/1",
                       "name", s->name, "command", command, "makes", s->makes, "program",
                       UMCL_VERSION, "key", s->key, "threads", p->set->threads, "done", done,
                       "seconds", done ? json_real(s->seconds) : json_null());
    text = record ? json_dumps(record, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(record);
    if (!text)
        return um_fail(UMCL_ERR_INVALID, "%s: a path that is not UTF-8 cannot be recorded",
                       s->name);
    st = um_file_write(rp_record_path(p, s), text, strlen(text));
    free(text);
    return st;
}

/* Whether this very step was begun and has left something to go on from. */
static bool can_resume(rp_protocol *p, const rp_step *s, const char *last)
{
    json_t *record = json_load_file(rp_record_path(p, s), 0, NULL);
    const char *key = json_string_value(json_object_get(record, "key"));
    bool same = key && !strcmp(key, s->key) && json_is_false(json_object_get(record, "done"));

    json_decref(record);
    return s->resumes && same && um_is_file(last);
}

static bool opens_as(int fd, const char *path, int flags)
{
    int opened = open(path, flags, 0666);

    return opened >= 0 && dup2(opened, fd) >= 0;
}

/*
 * In the child, after fork: whoever kills the parent, even by SIGKILL, ends this one too. Returns
 * only where it cannot become the command.
 */
static void become(char *const *argv, pid_t parent, const char *log, const char *out)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    if (opens_as(0, "/dev/null", O_RDONLY) && opens_as(2, log, flags) &&
        (out ? opens_as(1, out, flags) : dup2(2, 1) >= 0))
        execv("/proc/self/exe", argv);
}

/* Runs the command and waits: its exit code, or 128 + the signal that ended it. */
static umcl_status spawn(int *code, rp_protocol *p, rp_step *s, bool resume, const char *out)
{
    char *argv[RP_MAX_ARGS + 6] = {"umcl"}, threads[16];
    const char *log = rp_log_path(p, s);
    const pid_t parent = getpid();
    int status = 0;
    size_t n = 1;
    pid_t child;

    for (size_t i = 0; i < s->argc; i++) argv[n++] = (char *)s->argv[i];
    if (resume) argv[n++] = "--resume";
    if (p->set->threads && (s->kind == RP_SYNTH || s->kind == RP_TRAIN || s->kind == RP_EVAL ||
                            s->kind == RP_EXTRACT)) {
        snprintf(threads, sizeof threads, "%d", p->set->threads);
        argv[n++] = s->kind == RP_EXTRACT ? "--jobs" : "--threads";
        argv[n] = threads;
    }
    child = fork();
    if (child == 0) {
        become(argv, parent, log, out);
        _exit(NOT_STARTED);
    }
    if (child < 0)
        return um_fail(UMCL_ERR_IO, "%s: cannot be started: %s", s->name, strerror(errno));
    running = child;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return um_fail(UMCL_ERR_IO, "%s: cannot be waited for: %s", s->name, strerror(errno));
    running = 0;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return *code != NOT_STARTED
               ? UMCL_OK
               : um_fail(UMCL_ERR_IO, "%s: cannot be started, or %s written", s->name, log);
}

/* Some videos that cannot be read need not stop the others. */
static bool is_good(const rp_protocol *p, const rp_step *s, int code)
{
    return code == EXIT_DONE ||
           (code == EXIT_SOME_FAILED && s->kind == RP_EXTRACT && p->set->keep_going);
}

static umcl_status run_step(rp_protocol *p, rp_step *s)
{
    const char *part = s->prints ? rp_text(p, "%s.part", s->makes) : NULL;
    const char *last = rp_text(p, "%s.last", s->makes);
    bool resume = can_resume(p, s, last);
    double began = now();
    int code = 0;

    if (s->resumes && !resume) remove(last);
    UM_TRY(make_folder_of(p, s->makes));
    UM_TRY(write_record(p, s, false));
    UM_TRY(spawn(&code, p, s, resume, part));
    if (!is_good(p, s, code))
        return um_fail(UMCL_ERR_IO, "%s ended with %s %d; the command: %s; its log: %s", s->name,
                       code >= 128 ? "signal" : "exit code", code >= 128 ? code - 128 : code,
                       rp_command(p, s), rp_log_path(p, s));
    if (part && rename(part, s->makes) != 0)
        return um_fail(UMCL_ERR_IO, "%s: cannot be written: %s", s->makes, strerror(errno));
    if (!um_is_file(s->makes) && !um_is_dir(s->makes))
        return um_fail(UMCL_ERR_IO, "%s: expected it from %s; its log: %s", s->makes, s->name,
                       rp_log_path(p, s));
    s->seconds = round(10 * (now() - began)) / 10;
    s->done = true;
    return write_record(p, s, true);
}

static umcl_status write_files(rp_protocol *p)
{
    for (size_t i = 0; i < p->n_files; i++) {
        const rp_file *f = &p->files[i];
        char *old = NULL;
        size_t n;
        bool same = um_file_read(&old, &n, f->path, 1 << 24) == UMCL_OK && !strcmp(old, f->text);

        free(old);
        if (same) continue;
        UM_TRY(make_folder_of(p, f->path));
        UM_TRY(um_file_write(f->path, f->text, strlen(f->text)));
    }
    return UMCL_OK;
}

umcl_status rp_run(rp_protocol *p, size_t *ran)
{
    *ran = 0;
    UM_TRY(um_mkdirs(rp_text(p, "%s/steps", p->set->out)));
    UM_TRY(um_mkdirs(rp_text(p, "%s/logs", p->set->out)));
    UM_TRY(um_mkdirs(rp_text(p, "%s/encodings", p->set->out)));
    UM_TRY(um_mkdirs(rp_text(p, "%s/takes", p->set->out)));
    UM_TRY(write_files(p));
    catch_signals();
    for (size_t i = 0; i < p->count; i++) {
        rp_step *s = p->steps[i];

        if (s->done) continue;
        if (!p->set->quiet) fprintf(stderr, "[%zu/%zu] %s\n", i + 1, p->count, s->name);
        UM_TRY(run_step(p, s));
        (*ran)++;
    }
    return UMCL_OK;
}
