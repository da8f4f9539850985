#include "support_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

/* Seconds that a run may work, on all cores together, and last: a busy machine makes it last long,
   and ctest's own limit is 600. */
#define MOST_WORK 300
#define MOST_TIME 540

static char folder[] = "cli_XXXXXX";
static um_str printed[2]; /* standard output and standard error of the last run */

int cli_setup(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

int cli_teardown(void **state)
{
    (void)state;
    um_str_clear(&printed[0]);
    um_str_clear(&printed[1]);
    if (chdir("..") != 0) return -1;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Becomes the program. `err`: what is to be standard error. */
static void become(const char *command, int err)
{
    const struct rlimit work = {MOST_WORK, MOST_WORK + 10};
    int out = open("cli.out", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    unsetenv("UMCL_MODELS");
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
    setrlimit(RLIMIT_CPU, &work);
    alarm(MOST_TIME);
    if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Everything that comes out of a file or, until its other end is closed, a terminal. */
static void take(um_str *text, int fd)
{
    char part[4096];
    ssize_t n;

    um_str_clear(text);
    um_str_append(text, "");
    while ((n = read(fd, part, sizeof part)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) um_str_append_n(text, part, (size_t)n);
    assert_int_equal(um_str_status(text), UMCL_OK);
}

/* Standard error of the program, and where it is read from: a file's both ends or a terminal's. */
static void open_err(int fd[2], bool terminal)
{
    fd[0] = terminal ? posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
                     : open("cli.err", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (terminal && fd[0] < 0) { /* a bare chroot has none */
        print_message("skipped: no terminal to be had\n");
        skip();
    }
    assert_true(fd[0] >= 0);
    if (terminal && (grantpt(fd[0]) != 0 || unlockpt(fd[0]) != 0)) fail();
    fd[1] = open(terminal ? ptsname(fd[0]) : "cli.err", O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(fd[1] >= 0);
}

/* The shell's exit codes: 126, not a program that it may start; 127, not there. */
static bool was_not_run(int status)
{
    return WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127);
}

static int run(bool terminal, const char *args, va_list ap)
{
    char text[4096], command[8192];
    int err[2], status, out;
    pid_t child;

    assert_true(vsnprintf(text, sizeof text, args, ap) < (int)sizeof text);
    snprintf(command, sizeof command, "exec </dev/null '%s' %s", UMCL_TEST_PROGRAM, text);
    open_err(err, terminal);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) become(command, err[1]);
    close(err[1]);
    if (terminal) take(&printed[1], err[0]); /* a full terminal would stop the program */
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!terminal) take(&printed[1], err[0]);
    close(err[0]);
    out = open("cli.out", O_RDONLY | O_CLOEXEC);
    take(&printed[0], out);
    close(out);
    if (was_not_run(status))
        fail_msg("umcl %s: could not be started; is it being built anew?\n%s", text, cli_err());
    if (strstr(cli_err(), "Sanitizer") || strstr(cli_err(), "runtime error:"))
        fail_msg("umcl %s:\n%s", text, cli_err());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *cli_ending(int code)
{
    static char text[64];

    if (code > 128)
        snprintf(text, sizeof text, "signal %d (%s)", code - 128, strsignal(code - 128));
    else
        snprintf(text, sizeof text, "exit code %d", code);
    return text;
}

int cli(const char *args, ...)
{
    va_list ap;
    int code;

    va_start(ap, args);
    code = run(false, args, ap);
    va_end(ap);
    return code;
}

int cli_on_terminal(const char *args, ...)
{
    va_list ap;
    int code;

    va_start(ap, args);
    code = run(true, args, ap);
    va_end(ap);
    return code;
}

const char *cli_out(void)
{
    return printed[0].text;
}

const char *cli_err(void)
{
    return printed[1].text;
}

json_t *cli_json(void)
{
    json_error_t error;
    json_t *doc = json_loads(cli_out(), 0, &error);

    if (!doc) fail_msg("no JSON: %s, line %d:\n%s", error.text, error.line, cli_out());
    return doc;
}

void cli_write(const char *path, const void *bytes, size_t n)
{
    assert_ok(um_file_write(path, bytes, n));
}

char *cli_text(const char *path)
{
    char *text;
    size_t n;

    assert_ok(um_file_read(&text, &n, path, 1 << 24));
    return text;
}

int cli_count(const char *text, const char *part)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) n++;
    return n;
}

void cli_render_set(int n, double seconds)
{
    mkdir("set", 0700);
    for (int i = 1; i <= n; i++)
        cli_ends(0,
                 "synth -q -o set/c%d.mp4 --width 160 --height 120 --fps 10 --seconds %g --seed %d",
                 i, seconds, i);
}
