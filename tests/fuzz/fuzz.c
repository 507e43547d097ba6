/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/fd.h"
#include "core/base/str.h"

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_check(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

char *fuzz_part(char **at)
{
	char *part = *at, *end = strstr(part, "%%\n");

	/* only at the begin of a line */
	while (end && end != part && end[-1] != '\n')
		end = strstr(end + 1, "%%\n");
	*at = end ? end + strlen("%%\n") : part + strlen(part);
	if (end)
		*end = '\0';
	return part;
}

static char top[256];
static int top_fd = -1;

static void remove_top(void)
{
	dir_remove_at(AT_FDCWD, top);
}

int fuzz_dir(void)
{
	const char *const places[] = { getenv("TMPDIR"), "/dev/shm", "/tmp" };
	bool made = false;

	if (top_fd >= 0)
		return top_fd;
	for (size_t i = 0; !made && i < ARRAY_SIZE(places); i++)
		made = places[i] && str_fmt(top, sizeof(top), "%s/fuzz.XXXXXX", places[i]) >= 0 &&
		       mkdtemp(top);
	fuzz_check(made);
	top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_check(top_fd >= 0 && atexit(remove_top) == 0);
	return top_fd;
}

static void make_parents(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[128];

	if (!slash)
		return;
	fuzz_check(str_fmt(dir, sizeof(dir), "%.*s", (int)(slash - path), path) >= 0);
	if (faccessat(fuzz_dir(), dir, F_OK, 0) < 0)
		fuzz_check(dir_make_at(fuzz_dir(), dir, 0700) >= 0);
}

void fuzz_file(const char *path, const void *data, size_t size)
{
	int fd;

	make_parents(path);
	fd = openat(fuzz_dir(), path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fuzz_check(fd >= 0 && fd_write_all(fd, data, size) == 0);
	close(fd);
}

void fuzz_link(const char *path, const char *target)
{
	make_parents(path);
	unlinkat(fuzz_dir(), path, 0);
	/* one that no file system takes is not there, as any that was refused */
	if (*target)
		(void)!symlinkat(target, fuzz_dir(), path);
}
