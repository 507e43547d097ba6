// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/tell.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "tests/faults/call.h"
#include "tests/faults/tracee.h"

/* Up to the end of its page, since the next one may not be there. */
static void string_at(const struct tracee *t, uint64_t at, char *buf, size_t size)
{
	const size_t page = 4096 - at % 4096;
	struct iovec here = { buf, size - 1 < page ? size - 1 : page };
	struct iovec there = { (void *)(uintptr_t)at, here.iov_len };
	ssize_t n = process_vm_readv(t->pid, &here, 1, &there, 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* Without the number that a socket or pipe has only this time. */
static void file_of(const struct tracee *t, uint64_t fd, char *buf, size_t size)
{
	char path[48];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%" PRIu64, (int)t->pid, fd);
	n = readlink(path, buf, size - 1);
	buf[n < 0 ? 0 : n] = '\0';
	buf[strcspn(buf, "[")] = '\0';
}

static void about(const struct tracee *t, const struct call *c, const uint64_t args[6], char *buf,
		  size_t size)
{
	buf[0] = '\0';
	if (c->about >= '0' && c->about <= '5')
		string_at(t, args[c->about - '0'], buf, size);
	else if (c->about == 'f')
		file_of(t, args[0], buf, size);
	else if (args[0] <= UINT32_MAX)
		snprintf(buf, size, "0x%" PRIx64, args[0]);
}

void tell_point(FILE *out, const struct tracee *t, const struct call *c, const uint64_t args[6])
{
	char comm[32], what[256];

	tracee_comm(t, comm);
	about(t, c, args, what, sizeof(what));
	fprintf(out, "%s:%u %s %s", t->path, t->points, comm, c->name);
	if (!strcmp(c->name, "ioctl") || !strcmp(c->name, "fcntl"))
		fprintf(out, " 0x%" PRIx64, args[1]);
	fprintf(out, "%s%s\n", what[0] ? " " : "", what);
	fflush(out);
}

void tell_hang(FILE *out, const struct tracee *t)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[40], line[32] = "", comm[32], *end;
	long nr;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)t->pid);
	f = fopen(path, "re");
	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	nr = strtol(line, &end, 10);
	tracee_comm(t, comm);
	fprintf(out, "hangs %s %s %s\n", t->path, comm, end == line ? "?" : call_of((int)nr)->name);
}
