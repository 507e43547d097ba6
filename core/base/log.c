/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static struct {
	const char *prog;
	bool trace, quiet;
	struct timespec start;
} log_state = { .prog = "ct" };

void log_setup(const char *prog, bool trace, bool quiet)
{
	log_state.prog = prog;
	log_state.trace = trace;
	log_state.quiet = quiet;
	clock_gettime(CLOCK_MONOTONIC, &log_state.start);
}

bool log_tracing(void)
{
	return log_state.trace;
}

void log_trace(const char *fmt, ...)
{
	struct timespec now;
	char line[2048];
	double ms;
	va_list ap;

	if (!log_state.trace)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (double)(now.tv_sec - log_state.start.tv_sec) * 1e3 +
	     (double)(now.tv_nsec - log_state.start.tv_nsec) / 1e6;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "[%9.3f ms] %s\n", ms, line);
}

void log_note(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (log_state.quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* it may quote what a container chose */
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	fprintf(stderr, "%s: note: %s\n", log_state.prog, line);
}
