/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of its own for a group of tests: top by name, dir by descriptor.
 */
#ifndef TESTS_BASE_TMP_H
#define TESTS_BASE_TMP_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/dir.h"

static char top[] = "/tmp/base.XXXXXX";
static int dir = -1;

static int setup(void **state)
{
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	close(dir);
	return dir_remove_at(AT_FDCWD, top);
}

#endif
