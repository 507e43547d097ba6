/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_jobs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/spawn.h"
#include "net/probe_icmp.h"

#define JOBS_MAX   16 /* they mostly wait */
#define RESULT_MAX (256U << 10)

/* ---- who may begin ---- */

enum nature {
	QUIET = 1, /* a few packets */
	EXACT = 2, /* a few, and others would disturb it */
	BUSY = 4, /* many, or nobody knows how many */
	ALONE = 8,
};

static const unsigned natures[] = {
	[TOPO_TEST_PING] = QUIET,     [TOPO_TEST_PINGALL] = BUSY, [TOPO_TEST_RTT] = EXACT,
	[TOPO_TEST_LOSS] = EXACT,     [TOPO_TEST_TTL] = QUIET,	  [TOPO_TEST_TCP_RATE] = ALONE,
	[TOPO_TEST_UDP_RATE] = ALONE, [TOPO_TEST_EXEC] = BUSY,	  [TOPO_TEST_HTTP] = BUSY,
	[TOPO_TEST_ROUTE] = QUIET,    [TOPO_TEST_NEIGH] = EXACT,  [TOPO_TEST_PMTU] = QUIET,
	[TOPO_TEST_TRACE] = QUIET,
};

static bool disturbs(const struct topo_test *a, const struct topo_test *b)
{
	unsigned both = natures[a->type] | natures[b->type];

	if (both & ALONE || (both & EXACT && both & BUSY))
		return true;
	/* neighbour tables are one for all, and pairs are as fast as the processor is */
	return a->type == TOPO_TEST_PINGALL && b->type == TOPO_TEST_PINGALL;
}

static bool in_order(const struct topo_test *first, const struct topo_test *t)
{
	if (first->wait_given && !t->wait_given)
		return true;
	return first->type == TOPO_TEST_EXEC && t->type == TOPO_TEST_EXEC && first->node == t->node;
}

bool lab_jobs_may_begin(const struct topo_test *const *t, const enum lab_job_state *state, size_t n,
			size_t i)
{
	size_t running = 0;

	for (size_t k = 0; k < n; k++) {
		if (k == i)
			continue;
		if (k < i && state[k] != JOB_DONE && in_order(t[k], t[i]))
			return false;
		if (state[k] != JOB_RUNNING)
			continue;
		running++;
		if (disturbs(t[k], t[i]))
			return false;
	}
	return running < JOBS_MAX;
}

/* ---- processes ---- */

struct slot {
	size_t job;
	int pidfd, out; /* -1: free; out: what it says, -1: all was said */
	uint64_t began;
	char *text;
	size_t len;
};

struct jobs {
	const struct lab_jobs *in;
	enum lab_job_state *state;
	struct slot slot[JOBS_MAX];
	size_t running, left;
};

/*
 * The caller may be killed at any time: then its processes are asked to end, as by
 * Ctrl-C, so that they can end what they began in nodes.
 */
static _Noreturn void job_main(const struct lab_jobs *j, size_t i, pid_t caller, int out)
{
	sigset_t none;
	char *text;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() != caller)
		_exit(1);
	text = j->run(i, j->ctx);
	_exit(!text || fd_write_all(out, text, strlen(text)) < 0);
}

static int begin(struct jobs *j, struct slot *s, size_t i, struct err *e)
{
	const struct spawn how = { .cgroup_fd = -1 };
	const pid_t self = getpid();
	int pipe_fd[2];
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(e, errno, "pipe");
	pid = spawn_clone(&how, &s->pidfd, e);
	if (pid == 0) {
		fcntl(pipe_fd[1], F_SETFL, 0);
		job_main(j->in, i, self, pipe_fd[1]);
	}
	fd_close(pipe_fd[1]);
	if (pid < 0) {
		fd_close(pipe_fd[0]);
		s->pidfd = -1;
		return (int)pid;
	}
	s->out = pipe_fd[0];
	s->job = i;
	s->began = probe_now();
	j->state[i] = JOB_RUNNING;
	j->running++;
	return 0;
}

static int begin_all(struct jobs *j, struct err *e)
{
	struct slot *s = j->slot;
	int r = 0;

	for (size_t i = 0; i < j->in->n && j->running < JOBS_MAX && r >= 0; i++) {
		if (j->state[i] != JOB_WAITING ||
		    !lab_jobs_may_begin(j->in->tests, j->state, j->in->n, i))
			continue;
		while (s->pidfd >= 0)
			s = s + 1 < j->slot + JOBS_MAX ? s + 1 : j->slot;
		r = begin(j, s, i, e);
	}
	return r;
}

static void hear(struct slot *s)
{
	char buf[16384], *more;
	ssize_t n;

	while ((n = read(s->out, buf, sizeof(buf))) > 0) {
		more = s->len + (size_t)n < RESULT_MAX ? realloc(s->text, s->len + (size_t)n + 1)
						       : NULL;
		if (!more)
			continue;
		s->text = more;
		memcpy(s->text + s->len, buf, (size_t)n);
		s->len += (size_t)n;
		s->text[s->len] = '\0';
	}
	if (n == 0 || errno != EAGAIN)
		fd_close(take_fd(&s->out));
}

static void finish(struct jobs *j, struct slot *s)
{
	int status;

	while (s->out >= 0 && s->pidfd >= 0) {
		struct pollfd p = { s->out, POLLIN, 0 };

		/* what it left in the pipe; nobody else has the other end for long */
		if (poll(&p, 1, 1000) <= 0)
			break;
		hear(s);
	}
	fd_close(take_fd(&s->out));
	status = spawn_wait(s->pidfd);
	fd_close(take_fd(&s->pidfd));
	j->state[s->job] = JOB_DONE;
	j->running--;
	j->left--;
	j->in->done(s->job, status ? NULL : s->text, probe_now() - s->began, j->in->ctx);
	free(s->text);
	s->text = NULL;
	s->len = 0;
}

/* Ended gently: they end what they have in nodes. Those that do not are killed. */
static void end_all(struct jobs *j)
{
	const uint64_t until = probe_now() + 3 * PROBE_S;

	for (size_t i = 0; i < JOBS_MAX; i++)
		if (j->slot[i].pidfd >= 0)
			pidfd_send_signal(j->slot[i].pidfd, SIGTERM, NULL, 0);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct slot *s = &j->slot[i];

		if (s->pidfd < 0)
			continue;
		if (probe_wait(s->pidfd, POLLIN, until) <= 0)
			pidfd_send_signal(s->pidfd, SIGKILL, NULL, 0);
		spawn_wait(s->pidfd);
		fd_close(take_fd(&s->pidfd));
		fd_close(take_fd(&s->out));
		free(s->text);
		s->text = NULL;
	}
}

/* 1: there was an interrupt */
static int wait_for(struct jobs *j, struct err *e)
{
	struct pollfd p[2 * JOBS_MAX + 1], *interrupt = p, *job = p + 1;

	*interrupt = (struct pollfd){ j->in->interrupt_fd, POLLIN, 0 };
	for (size_t i = 0; i < JOBS_MAX; i++) {
		job[2 * i] = (struct pollfd){ j->slot[i].pidfd, POLLIN, 0 };
		job[2 * i + 1] = (struct pollfd){ j->slot[i].out, POLLIN, 0 };
	}
	if (poll(p, ARRAY_SIZE(p), -1) < 0)
		return errno == EINTR ? 0 : err_sys(e, errno, "wait for tests");
	if (interrupt->revents)
		return 1;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (job[2 * i + 1].revents)
			hear(&j->slot[i]);
		if (job[2 * i].revents)
			finish(j, &j->slot[i]);
	}
	return 0;
}

int lab_jobs_run(const struct lab_jobs *in, struct err *e)
{
	_cleanup_free_ enum lab_job_state *state = calloc(in->n + 1, sizeof(*state));
	struct jobs j = { .in = in, .state = state, .left = in->n };
	int r = 0;

	if (!state)
		return err_sys(e, ENOMEM, "tests");
	for (size_t i = 0; i < JOBS_MAX; i++)
		j.slot[i].pidfd = j.slot[i].out = -1;
	while (j.left && r == 0) {
		r = begin_all(&j, e);
		r = r < 0 ? r : wait_for(&j, e);
	}
	end_all(&j);
	return r > 0 ? -EINTR : r;
}
