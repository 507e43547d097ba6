/* SPDX-License-Identifier: GPL-2.0-or-later */
/* die - how the floor programs fail: at once, saying where. */
#ifndef CT_BENCH_DIE_H
#define CT_BENCH_DIE_H

#include <stdio.h>
#include <stdlib.h>

static inline void die(const char *what)
{
	perror(what);
	_Exit(125);
}

#endif
