/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * analyser - put in front of every file that clang-tidy reads. It sees one
 * file at a time, so it does not know that err_set() and -errno are never
 * zero, and takes every `if (r < 0)` after them for a branch that may not be
 * taken.
 */
#ifndef CT_CHECKS_ANALYSER_H
#define CT_CHECKS_ANALYSER_H

#include <errno.h>

#include "core/base/err.h"

static inline int *analyser_errno(void)
{
	int *location = __errno_location();

	if (*location <= 0)
		__builtin_unreachable();
	return location;
}
#undef errno
#define errno (*analyser_errno())

#define err_set(e, num, ...) (err_set(e, num, __VA_ARGS__), -1)
#define err_sys(e, num, ...) (err_sys(e, num, __VA_ARGS__), -1)
#define err_wrap(e, r, ...)  (err_wrap(e, r, __VA_ARGS__), (r))

#endif
