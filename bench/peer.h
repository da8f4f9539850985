/*
 * PyTorch beside us: a script of bench/peers in a process of its own, which answers one command at
 * a time, so that both see the same machine.
 */
#ifndef UM_BENCH_PEER_H
#define UM_BENCH_PEER_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef UMCL_BENCH_SOURCE
#define UMCL_BENCH_SOURCE "bench"
#endif

typedef struct peer {
    FILE *to, *from;
    pid_t pid;
} peer;

static void peer_close(peer *p)
{
    if (p->to) fclose(p->to);
    if (p->from) fclose(p->from);
    if (p->pid > 0) waitpid(p->pid, NULL, 0);
    *p = (peer){0};
}

static void peer_run(const char *script, int threads, int in, int out)
{
    char path[512], count[16];

    snprintf(path, sizeof path, "%s/peers/%s", UMCL_BENCH_SOURCE, script);
    snprintf(count, sizeof count, "%d", threads);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execl("/usr/bin/python3", "python3", path, count, (char *)NULL);
    _exit(127);
}

/** False: /usr/bin/python3 is not there, or has no PyTorch. */
static bool peer_open(peer *p, const char *script, int threads)
{
    int in[2], out[2];
    char line[128];

    *p = (peer){0};
    if (pipe(in) != 0) return false;
    if (pipe(out) != 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    p->pid = fork();
    if (p->pid == 0) {
        close(in[1]);
        close(out[0]);
        peer_run(script, threads, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    p->to = fdopen(in[1], "w");
    p->from = fdopen(out[0], "r");
    if (p->pid < 0 || !fgets(line, sizeof line, p->from) || strncmp(line, "ready ", 6) != 0) {
        peer_close(p);
        return false;
    }
    printf("beside PyTorch %s", line + 6);
    return true;
}

/** Its answer's first number, by default seconds; `rest` [64] gets what follows, NULL: nothing. */
static double peer_ask_more(peer *p, const char *command, char *rest)
{
    char line[64] = "", *end;
    double value;

    fprintf(p->to, "%s\n", command);
    fflush(p->to);
    value = fgets(line, sizeof line, p->from) ? strtod(line, &end) : 0;
    if (rest) snprintf(rest, 64, "%s", value > 0 ? end : "");
    return value;
}

static inline double peer_ask(peer *p, const char *command)
{
    return peer_ask_more(p, command, NULL);
}

#endif
