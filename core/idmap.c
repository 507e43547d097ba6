/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "core/base/err.h"

#define LINE_MAX_ID 36 /* three numbers of ten digits, blanks, a newline */

static bool meet(uint32_t a, uint32_t n_a, uint32_t b, uint32_t n_b)
{
	return (uint64_t)a < (uint64_t)b + n_b && (uint64_t)b < (uint64_t)a + n_a;
}

static int check_pair(const struct id_map *a, const struct id_map *b, struct err *e)
{
	bool inside = meet(a->inside, a->count, b->inside, b->count);

	if (!inside && !meet(a->outside, a->count, b->outside, b->count))
		return 0;
	return err_set(e, -EINVAL, "%u:%u:%u and %u:%u:%u overlap in the ids %s", a->inside,
		       a->outside, a->count, b->inside, b->outside, b->count,
		       inside ? "of the container" : "of the host");
}

int idmap_check(const struct id_map *maps, size_t n, struct err *e)
{
	if (n > IDMAP_LINES)
		return err_set(e, -E2BIG, "%zu ranges are more than the kernel's %d", n,
			       IDMAP_LINES);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			int r = check_pair(&maps[k], &maps[i], e);

			if (r < 0)
				return r;
		}
	if (idmap_has(maps, n, 0))
		return 0;
	err_hint(e, "add a range that begins with 0");
	return err_set(e, -EINVAL, "the container's id 0 has no place outside");
}

bool idmap_has(const struct id_map *maps, size_t n, uint32_t inside)
{
	for (size_t i = 0; i < n; i++)
		if (meet(maps[i].inside, maps[i].count, inside, 1))
			return true;
	return false;
}

char *idmap_text(const struct id_map *maps, size_t n)
{
	size_t size = n * LINE_MAX_ID + 1, at = 0;
	char *text = malloc(size);

	if (text)
		text[0] = '\0';
	for (size_t i = 0; text && i < n; i++)
		at += (size_t)snprintf(text + at, size - at, "%u %u %u\n", maps[i].inside,
				       maps[i].outside, maps[i].count);
	return text;
}

int idmap_mount(int mnt_fd, int userns_fd, bool recursive)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns_fd };

	return mount_setattr(mnt_fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &a,
			     sizeof(a)) < 0
		       ? -errno
		       : 0;
}
