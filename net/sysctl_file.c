/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/sysctl_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"

#define DIR_SYSCTL "/run/sysctl.d"
/* Files are applied in the order of their names, wherever they are. */
#define FILE_NAME "zz-ctnet.conf"

/* 1: it is; 0: it is not, or process 1 is nobody that we could look at; -errno */
static int is_first_namespace(void)
{
	struct stat own, first;

	if (stat("/proc/self/ns/net", &own) < 0)
		return -errno;
	if (stat("/proc/1/ns/net", &first) < 0)
		return errno == EACCES || errno == EPERM || errno == ENOENT ? 0 : -errno;
	return own.st_ino == first.st_ino && own.st_dev == first.st_dev;
}

static int open_dir(void)
{
	int fd;

	if (mkdir(DIR_SYSCTL, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(DIR_SYSCTL, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_file_write(const struct strv *lines)
{
	_cleanup_close_ int dir = -1;
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *f;
	int r = is_first_namespace();

	if (r <= 0)
		return r;
	dir = open_dir();
	if (dir < 0)
		return dir;
	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	fputs("# Of ctnet, while it has networks that need it, see ctnet(8).\n", f);
	for (size_t i = 0; i < lines->n; i++)
		fprintf(f, "%s\n", lines->v[i]);
	if (fclose(f) != 0)
		return -ENOMEM;
	return file_replace_at(dir, FILE_NAME, text, len, 0644, false);
}

int sysctl_file_remove(void)
{
	int r = is_first_namespace();

	if (r <= 0)
		return r;
	return unlink(DIR_SYSCTL "/" FILE_NAME) < 0 && errno != ENOENT ? -errno : 0;
}
