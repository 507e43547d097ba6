// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/tracee.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"

struct tracee *tracee_find(const struct tracees *all, pid_t pid)
{
	struct tracee *t = all->first;

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

struct tracee *tracee_add(struct tracees *all, struct tracee *maker, pid_t pid)
{
	struct tracee *t = tracee_find(all, pid);

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			abort();
		t->pid = pid;
		t->next = all->first;
		all->first = t;
	}
	if (!maker)
		return t;
	snprintf(t->path, sizeof(t->path), "%.50s.%u", maker->path, ++maker->children);
	t->counted = maker->counted;
	memcpy(t->ranges, maker->ranges, sizeof(t->ranges));
	t->n_ranges = maker->n_ranges;
	return t;
}

void tracee_remove(struct tracees *all, pid_t pid)
{
	struct tracee **at = &all->first, *gone;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	gone = *at;
	if (!gone)
		return;
	*at = gone->next;
	free(gone);
}

bool tracee_program(struct tracees *all, const char *file)
{
	struct stat st;

	if (stat(file, &st) < 0)
		return false;
	all->dev = st.st_dev;
	all->ino = st.st_ino;
	return true;
}

/* A static program has only its own file in memory when it begins. */
static bool is_static(const struct tracee *t)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[40], line[4352];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)t->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "/ld-"))
			return false;
	return f != NULL;
}

bool tracee_exec(struct tracees *all, struct tracee *t)
{
	char path[40];
	struct stat st;

	t->n_ranges = 0;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)t->pid);
	if (stat(path, &st) < 0)
		return false;
	if (!all->ino) {
		all->dev = st.st_dev;
		all->ino = st.st_ino;
	}
	t->counted = st.st_dev == all->dev && st.st_ino == all->ino;
	t->loading = t->counted && is_static(t);
	return t->counted;
}

/* The last thing before main() is that relocated data become read-only. */
void tracee_returns(struct tracee *t)
{
	if (t->call == SYS_mprotect)
		t->loading = false;
}

static bool is_counted(const char *file)
{
	static const char *const others[] = { "ld-linux", "ld-musl", "libasan", "libubsan",
					      "[vdso]" };
	const char *slash = strrchr(file, '/');

	if (slash)
		file = slash + 1;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strncmp(file, others[i], strlen(others[i])))
			return false;
	return true;
}

static struct tracee_range range_of(const struct tracee *t, uint64_t ip)
{
	struct tracee_range found = { ip, ip + 1, true };
	_cleanup_fclose_ FILE *f = NULL;
	char line[4352], *end;

	snprintf(line, sizeof(line), "/proc/%d/maps", (int)t->pid);
	f = fopen(line, "re");
	while (f && fgets(line, sizeof(line), f)) {
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = *end == '-' ? strtoull(end + 1, &end, 16) : 0;
		char *file;

		if (ip < from || ip >= to)
			continue;
		line[strcspn(line, "\n")] = '\0';
		file = strrchr(line, ' ');
		return (struct tracee_range){ from, to, is_counted(file ? file + 1 : "") };
	}
	return found;
}

bool tracee_counts(struct tracee *t, uint64_t ip)
{
	struct tracee_range r;

	if (t->loading)
		return false;
	for (size_t i = 0; i < t->n_ranges; i++)
		if (ip >= t->ranges[i].from && ip < t->ranges[i].to)
			return t->ranges[i].counted;
	r = range_of(t, ip);
	if (t->n_ranges == ARRAY_SIZE(t->ranges))
		t->n_ranges = 0;
	t->ranges[t->n_ranges++] = r;
	return r.counted;
}

void tracee_comm(const struct tracee *t, char buf[32])
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)t->pid);
	f = fopen(path, "re");
	if (!f || !fgets(buf, 32, f))
		snprintf(buf, 32, "?");
	buf[strcspn(buf, "\n")] = '\0';
}
