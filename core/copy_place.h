/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy_place - the two paths of a copy, looked up: a directory that is held and
 * one name in it. Private to core/copy.c.
 */
#ifndef CT_CORE_COPY_PLACE_H
#define CT_CORE_COPY_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct copy_end;
struct err;

struct copy_place {
	int dir_fd, fd; /* fd: what is there, O_PATH; -1: nothing */
	struct stat st; /* of fd */
	char name[NAME_MAX + 1]; /* in dir_fd; "." when the path ends in no name of its own */
	char given[NAME_MAX + 1]; /* the name in the path, before links were followed */
	bool contents; /* the path ends in "/.", or there is no name */
	bool slash; /* in "/" or "/.": only a directory will do */
};

/* clang-format off */
#define COPY_PLACE_INIT { .dir_fd = -1, .fd = -1 }
/* clang-format on */

/* follow: also a link at the end, which with a slash behind it is so anyway. */
int copy_place_find(const struct copy_end *end, bool follow, struct copy_place *ret, struct err *e);
void copy_place_close(struct copy_place *p);

#endif
