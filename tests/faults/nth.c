// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nth [OPTION...] MODE COMMAND [ARG...] - one system call of a program fails, or is
 * its last
 *
 *	list			tells each point, a line each: PROCESS:N COMM CALL ABOUT
 *	fail POINT ERRNO	that one is not made and gives ERRNO (EMFILE, 24; auto: what
 *				it could plausibly give)
 *	kill POINT		whoever comes to it dies by SIGKILL, before it is made
 *	killall POINT		and all the others too, at the same moment
 *	enosys CALL[,CALL...]	these are ENOSYS for all of them, always
 *
 *	-o FILE	where points are told, and what happened (default: stderr): the line of
 *		the point that was reached, none if it was not, and "hangs ..." for each
 *		process at the end of the time
 *	-p FILE	the program, where COMMAND only starts it, once or more (default: COMMAND's)
 *	-t SECONDS	after which all are killed, with status 124 (default: 30)
 *	-w	until all processes of it have ended, those in the background too
 *
 * Theory of operation. The program and what it makes are traced (ptrace(2)) as long as
 * they run its file: the Nth point is the Nth system call of a process which can fail,
 * and whose PROCESS is its place in the family, so that a point means the same in each
 * run. Who executes something else is let go. Behind the point nobody is stopped at his
 * system calls any more. The status is the program's own, 128 + N after signal N.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "tests/faults/call.h"
#include "tests/faults/regs.h"
#include "tests/faults/tell.h"
#include "tests/faults/tracee.h"

enum { HANGS = 124, CALLS = 1024 };
enum mode { LIST, FAIL, KILL, KILLALL, NOSYS };

struct nth {
	enum mode mode;
	const char *point; /* PROCESS:N */
	int num; /* errno; 0: auto */
	bool missing[CALLS];
	FILE *out;
	int seconds;
	bool wait;
	bool starts; /* COMMAND only starts the program */
	struct tracees all;
	pid_t first;
	int status; /* of the first; -1: it runs */
	bool reached; /* the point */
	bool over; /* the time */
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(120);
}

static long trace(int request, const struct tracee *t, long data)
{
	/* whoever is killed meanwhile is told by waitpid(2) */
	return ptrace((enum __ptrace_request)request, t->pid, 0L, data);
}

/* ---- at a system call ---- */

static void kill_all(const struct nth *n)
{
	for (const struct tracee *t = n->all.first; t; t = t->next)
		if (!t->gone)
			kill(t->pid, SIGKILL);
}

/*
 * What is released is released although it fails, as by the kernel itself. A break that
 * cannot be moved stays where it is, which is what brk(2) says then.
 */
static void fail(const struct nth *n, struct tracee *t, const struct call *c, int num,
		 uint64_t argument)
{
	if (!strcmp(c->name, "brk")) {
		regs_first_argument(t->pid, 0);
		t->argument = argument;
		return;
	}
	if (!c->done)
		regs_skip(t->pid);
	t->result = -(n->num ? n->num : num);
}

static bool is_point(const struct nth *n, const struct tracee *t)
{
	char here[96];

	snprintf(here, sizeof(here), "%s:%u", t->path, t->points);
	return !strcmp(here, n->point);
}

/*
 * The kernel makes some calls again by itself, as often as it likes: a write to ip_forward,
 * for one, while somebody else changes a link. That is one call.
 */
static bool is_same(struct tracee *t, uint64_t nr)
{
	bool same = t->again && t->call == nr;

	t->again = false;
	t->call = nr;
	return same;
}

static void leave(struct tracee *t, long result)
{
	enum { RESTARTSYS = 512, RESTART_RESTARTBLOCK = 516 }; /* linux/errno.h, not for users */

	tracee_returns(t);
	t->again = result <= -RESTARTSYS && result >= -RESTART_RESTARTBLOCK;
	if (t->result)
		regs_result(t->pid, t->result);
	/* the caller believes that it keeps what was in its registers */
	if (t->argument)
		regs_first_argument(t->pid, t->argument);
	t->result = 0;
	t->argument = 0;
}

static void entry(struct nth *n, struct tracee *t, const struct __ptrace_syscall_info *info)
{
	uint64_t args[6];
	const struct call *c;
	int num;

	memcpy(args, info->entry.args, sizeof(args));
	if (is_same(t, info->entry.nr) || !t->counted || n->reached ||
	    !tracee_counts(t, info->instruction_pointer))
		return;
	c = call_of((int)info->entry.nr);
	if (n->mode == NOSYS) {
		if (info->entry.nr < CALLS && n->missing[info->entry.nr]) {
			regs_skip(t->pid);
			t->result = -ENOSYS;
		}
		return;
	}
	num = call_plausible(c, args);
	if (!num)
		return;
	t->points++;
	if (n->mode != LIST && !is_point(n, t))
		return;
	tell_point(n->out, t, c, args);
	n->reached = n->mode != LIST;
	if (n->mode == FAIL)
		fail(n, t, c, num, args[0]);
	else if (n->mode == KILL)
		kill(t->pid, SIGKILL);
	else if (n->mode == KILLALL)
		kill_all(n);
}

static void at_call(struct nth *n, struct tracee *t)
{
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		entry(n, t, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(t, info.exit.rval);
}

/* ---- at a stop ---- */

static bool lets_go(const struct nth *n)
{
	return n->status >= 0 && !n->wait && !n->over;
}

/* From a stop; a call that is to fail is first seen to its end. */
static void resume(const struct nth *n, struct tracee *t, int sig)
{
	if (t->result || t->argument)
		trace(PTRACE_SYSCALL, t, sig);
	else if (lets_go(n))
		trace(PTRACE_DETACH, t, sig);
	else
		trace(n->reached ? PTRACE_CONT : PTRACE_SYSCALL, t, sig);
}

static void made(struct nth *n, struct tracee *t)
{
	unsigned long pid = 0;
	struct tracee *child;

	if (ptrace(PTRACE_GETEVENTMSG, t->pid, 0, &pid) < 0)
		return;
	child = tracee_add(&n->all, t, (pid_t)pid);
	if (child->gone)
		tracee_remove(&n->all, child->pid);
	else if (child->stopped)
		resume(n, child, 0);
}

static bool is_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static void at_stop(struct nth *n, struct tracee *t, int status)
{
	const int sig = WSTOPSIG(status);
	const bool was_counted = t->counted;

	switch (status >> 16) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		made(n, t);
		break;
	case PTRACE_EVENT_EXEC:
		if (tracee_exec(&n->all, t) || (n->starts && !was_counted))
			break;
		trace(PTRACE_DETACH, t, 0);
		tracee_remove(&n->all, t->pid);
		return;
	case PTRACE_EVENT_STOP:
		if (is_stop(sig) && !lets_go(n)) {
			trace(PTRACE_LISTEN, t, 0);
			return;
		}
		break;
	default:
		if (sig != (SIGTRAP | 0x80)) {
			resume(n, t, sig);
			return;
		}
		at_call(n, t);
	}
	resume(n, t, 0);
}

static void ended(struct nth *n, struct tracee *t, int status)
{
	if (!t->path[0]) {
		t->gone = true; /* its maker still has to say so */
		return;
	}
	if (t->pid == n->first) {
		n->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		for (const struct tracee *o = n->all.first; o && lets_go(n); o = o->next)
			trace(PTRACE_INTERRUPT, o, 0);
	}
	tracee_remove(&n->all, t->pid);
}

static void happened(struct nth *n, pid_t pid, int status)
{
	struct tracee *t = tracee_find(&n->all, pid);

	if (!t)
		t = tracee_add(&n->all, NULL, pid);
	if (!WIFSTOPPED(status))
		ended(n, t, status);
	else if (!t->path[0] && !lets_go(n))
		t->stopped = true;
	else
		at_stop(n, t, status);
}

/* ---- all of it ---- */

static void wake(int sig)
{
}

static void over(struct nth *n)
{
	n->over = true;
	for (const struct tracee *t = n->all.first; t; t = t->next)
		if (!t->gone)
			tell_hang(n->out, t);
	kill_all(n);
}

/* Again and again: one might come just before the call that it is to interrupt. */
static void set_clock(void)
{
	const struct sigaction act = { .sa_handler = wake };
	const struct itimerval often = { { 0, 100000 }, { 0, 100000 } };

	if (sigaction(SIGALRM, &act, NULL) < 0 || setitimer(ITIMER_REAL, &often, NULL) < 0)
		die("setitimer");
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static int follow(struct nth *n)
{
	const time_t end = now() + n->seconds;
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == ECHILD)
			return n->over ? HANGS : n->status;
		if (pid > 0)
			happened(n, pid, status);
		if (!n->over && now() >= end)
			over(n);
	}
}

static void start(struct nth *n, char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	struct tracee *t;
	int go[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		die("pipe2");
	n->first = fork();
	if (n->first < 0)
		die("fork");
	if (n->first == 0) {
		char c;

		close(go[1]);
		if (read(go[0], &c, 1) == 1)
			execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	t = tracee_add(&n->all, NULL, n->first);
	snprintf(t->path, sizeof(t->path), "0");
	if (trace(PTRACE_SEIZE, t, options) < 0)
		die("ptrace");
	if (write(go[1], "", 1) != 1)
		die("write");
	close(go[0]);
	close(go[1]);
}

static _Noreturn void usage(void)
{
	fputs("usage: nth [-o FILE] [-p FILE] [-t SECONDS] [-w] list | fail POINT ERRNO |\n"
	      "       kill POINT | killall POINT | enosys CALL[,CALL...]  COMMAND [ARG...]\n",
	      stderr);
	exit(120);
}

static void take_calls(struct nth *n, char *words)
{
	for (char *word; (word = strsep(&words, ","));) {
		int nr = call_number(word);

		if (nr < 0 || nr >= CALLS) {
			fprintf(stderr, "nth: no system call: %s\n", word);
			exit(120);
		}
		n->missing[nr] = true;
	}
}

/* How many words it takes, behind its own. */
static int take_mode(struct nth *n, char **words, int count)
{
	static const struct {
		const char *name;
		enum mode mode;
		int words;
	} modes[] = {
		{ "list", LIST, 0 },	   { "fail", FAIL, 2 },	   { "kill", KILL, 1 },
		{ "killall", KILLALL, 1 }, { "enosys", NOSYS, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes) && count; i++) {
		if (strcmp(words[0], modes[i].name))
			continue;
		if (count <= modes[i].words + 1)
			usage();
		n->mode = modes[i].mode;
		n->point = words[1];
		if (n->mode == FAIL && strcmp(words[2], "auto") && !(n->num = call_errno(words[2])))
			usage();
		if (n->mode == NOSYS)
			take_calls(n, words[1]);
		return modes[i].words;
	}
	usage();
}

static void take_program(struct nth *n, const char *file)
{
	if (!tracee_program(&n->all, file))
		die(file);
	n->starts = true;
}

int main(int argc, char **argv)
{
	struct nth n = { .out = stderr, .seconds = 30, .status = -1 };
	int opt;

	while ((opt = getopt(argc, argv, "+o:p:t:w")) >= 0) {
		if (opt == 'o')
			n.out = fopen(optarg, "we");
		else if (opt == 'p')
			take_program(&n, optarg);
		else if (opt == 't')
			n.seconds = (int)strtol(optarg, NULL, 10);
		else if (opt == 'w')
			n.wait = true;
		else
			usage();
	}
	if (!n.out)
		die("-o");
	optind += 1 + take_mode(&n, argv + optind, argc - optind);
	set_clock();
	start(&n, argv + optind);
	return follow(&n);
}
