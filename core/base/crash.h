/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash - points at which tests end the program by SIGKILL, to see what it
 * leaves. Only in builds with CT_CRASH_POINTS (the sanitized twin); elsewhere
 * they cost nothing.
 *
 * With CT_CRASH_LOG=FILE in the environment the name of each point is appended
 * there, so that a test knows how many there are; with CT_CRASH_AT=N beside it
 * the process that writes the Nth line dies at once.
 */
#ifndef CT_BASE_CRASH_H
#define CT_BASE_CRASH_H

#ifdef CT_CRASH_POINTS
/* what: "attach: link"; call it where a change of the kernel or of the state is complete. */
void crash_point(const char *what, const char *step);
#else
static inline void crash_point(const char *what, const char *step)
{
	(void)what;
	(void)step;
}
#endif

#endif
