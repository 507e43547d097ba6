/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command is run as `ct exec` runs one, with the same privileges and limits
 * as the container, by a child of the monitor, which goes on with its own loop.
 */
#include "core/health.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/run.h"
#include "core/spawn.h"
#include "core/state.h"

#define SECOND 1000000000ULL
/* Beyond the timeout, for a runner that cannot enforce it. */
#define GRACE (5 * SECOND)

static uint64_t now_ns(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

static uint64_t or_else(uint64_t v, uint64_t fallback)
{
	return v ? v : fallback;
}

static bool is_asked(const struct health *h)
{
	return h->spec && h->spec->argv;
}

void health_start(struct health *h)
{
	h->probe = -1;
	h->failures = 0;
	if (!is_asked(h))
		return;
	h->started = now_ns();
	h->next = h->started + or_else(h->spec->interval, 30 * SECOND);
}

int health_wait_for(const struct health *h, int *timeout)
{
	uint64_t now, due = h->probe >= 0 ? h->give_up : h->next;
	int left;

	if (!is_asked(h) || !h->started)
		return -1;
	now = now_ns();
	if (due <= now)
		left = 0;
	else
		left = due - now > 3600 * SECOND ? 3600000 : (int)((due - now) / 1000000) + 1;
	if (*timeout < 0 || left < *timeout)
		*timeout = left;
	return h->probe;
}

/* The child: nothing of the monitor's but the state root. */
static _Noreturn void probe_main(const struct health *h)
{
	struct ct_exec x = { .argv = h->spec->argv,
			     .tty = TTY_NO,
			     .timeout = or_else(h->spec->timeout, 30 * SECOND) };
	struct err e = ERR_INIT;
	int null, r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ct-health");
	if (h->root_fd != 3 && dup2(h->root_fd, 3) < 0)
		_exit(125);
	if (close_range(4, ~0U, 0) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) < 0)
		_exit(125);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			_exit(125);
	r = ct_exec_in(3, h->info, &x, &e);
	_exit(r < 0 ? 125 : r);
}

static void probe(struct health *h)
{
	struct spawn how = { .cgroup_fd = -1 };
	pid_t pid = spawn_clone(&how, &h->probe, NULL);

	if (pid == 0)
		probe_main(h);
	if (pid < 0)
		h->next = now_ns() + or_else(h->spec->interval, 30 * SECOND);
	else
		h->give_up = now_ns() + or_else(h->spec->timeout, 30 * SECOND) + GRACE;
}

static const char *judge(struct health *h, int status)
{
	if (status == 0) {
		h->failures = 0;
		return "healthy";
	}
	/* as long as it starts up, a failure says nothing */
	if (!strcmp(h->info->health, "starting") && now_ns() < h->started + h->spec->start_period)
		return h->info->health;
	h->failures++;
	return h->failures >= or_else(h->spec->retries, 3) ? "unhealthy" : h->info->health;
}

static bool probe_ended(struct health *h)
{
	int status = spawn_wait(h->probe);
	const char *is = judge(h, status);
	bool changed = strcmp(is, h->info->health) != 0;

	fd_close(take_fd(&h->probe));
	h->next = now_ns() + or_else(h->spec->interval, 30 * SECOND);
	if (changed)
		str_fmt(h->info->health, sizeof(h->info->health), "%s", is);
	return changed;
}

bool health_turn(struct health *h)
{
	struct pollfd p = { .fd = h->probe, .events = POLLIN };

	if (!is_asked(h) || !h->started)
		return false;
	if (h->probe >= 0 && poll(&p, 1, 0) > 0)
		return probe_ended(h);
	if (h->probe >= 0 && now_ns() >= h->give_up)
		pidfd_send_signal(h->probe, SIGKILL, NULL, 0);
	else if (h->probe < 0 && now_ns() >= h->next)
		probe(h);
	return false;
}

void health_stop(struct health *h)
{
	if (h->started && h->probe >= 0) {
		pidfd_send_signal(h->probe, SIGKILL, NULL, 0);
		spawn_wait(h->probe);
		fd_close(take_fd(&h->probe));
	}
	h->started = 0;
	if (is_asked(h))
		h->info->health[0] = '\0';
}
