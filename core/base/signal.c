/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/signal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"

/* Names other than the one that the C library has first. */
static const struct {
	const char *name;
	int sig;
} others[] = {
	{ "IOT", SIGABRT },
	{ "CLD", SIGCHLD },
	{ "POLL", SIGIO },
};

/* The i-th signal that has a name; the real-time ones are counted. */
static const char *name_at(const void *ctx, size_t i)
{
	(void)ctx;
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && i-- == 0)
			return name;
	}
	return NULL;
}

static int by_name(const char *name)
{
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *abbrev = sigabbrev_np(sig);

		if (abbrev && !strcasecmp(abbrev, name))
			return sig;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcasecmp(others[i].name, name))
			return others[i].sig;
	return 0;
}

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n: the C library keeps some below for itself. */
static int by_distance(const char *name)
{
	uint32_t n = 0, room = (uint32_t)(SIGRTMAX - SIGRTMIN);
	bool max = !strncasecmp(name, "RTMAX", 5);

	if (!max && strncasecmp(name, "RTMIN", 5) != 0)
		return 0;
	name += 5;
	if (*name && (*name != (max ? '-' : '+') || parse_u32(name + 1, 0, room, &n, NULL) < 0))
		return 0;
	return max ? SIGRTMAX - (int)n : SIGRTMIN + (int)n;
}

int signal_parse(const char *word, int *ret, struct err *e)
{
	const char *name = strncasecmp(word, "SIG", 3) ? word : word + 3, *near;
	uint32_t n;
	int sig;

	if (*word >= '0' && *word <= '9') {
		int r = parse_u32(word, 1, (uint32_t)SIGRTMAX, &n, e);

		if (r >= 0)
			*ret = (int)n;
		return r;
	}
	sig = by_name(name);
	if (!sig)
		sig = by_distance(name);
	if (sig) {
		*ret = sig;
		return 0;
	}
	near = str_nearest(name, name_at, NULL);
	if (near)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "a name or a number of signal(7): TERM, SIGHUP, 9");
	return err_set(e, EINVAL, "'%s' is no signal", word);
}

const char *signal_name(int sig, char buf[SIGNAL_STRLEN])
{
	const char *abbrev = sigabbrev_np(sig);

	if (abbrev)
		snprintf(buf, SIGNAL_STRLEN, "SIG%s", abbrev);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		snprintf(buf, SIGNAL_STRLEN, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(buf, SIGNAL_STRLEN, "%d", sig);
	return buf;
}
