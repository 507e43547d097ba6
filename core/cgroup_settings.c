/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cgroup_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define FILE_MAX (1u << 20)

void cg_settings_free(struct cg_settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].text);
		free(s->v[i].before);
	}
	free(s->v);
	*s = (struct cg_settings)CG_SETTINGS_INIT;
}

int cg_settings_add(struct cg_settings *s, const struct cg_setting *like, const char *file,
		    const char *text, struct err *e)
{
	_cleanup_free_ char *copy = strdup(text);
	struct cg_setting one = *like, *added = NULL;
	int r = str_fmt(one.file, sizeof(one.file), "%s", file);

	if (r < 0)
		return err_sys(e, r, "%s: file %s", like->option, file);
	if (copy)
		added = VEC_ADD(s->v, s->n);
	if (!added)
		return err_sys(e, -ENOMEM, "%s", like->option);
	one.text = take_ptr(copy);
	*added = one;
	return 0;
}

uint32_t cg_settings_controllers(const struct cg_settings *s, const struct cg_tree *t)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].tree == t && s->v[i].controller < CG_N_CONTROLLERS)
			bits |= 1u << s->v[i].controller;
	return bits;
}

const char *cg_settings_option(const struct cg_settings *s, const struct cg_tree *t)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].tree == t)
			return s->v[i].option;
	return NULL;
}

/* ---- writing ---- */

static int no_file(const struct cg_setting *s, const char *path, struct err *e)
{
	bool v2 = s->tree->ops == &cg_v2;
	int r = err_set(e, -ENOTSUP, "%s: this kernel has no %s (in %s/%s)", s->option, s->file,
			s->tree->mount, path);

	err_hint(e,
		 "version %d of the controller is mounted there: the kernel was built without "
		 "the file, or it is of version %d",
		 v2 ? 2 : 1, v2 ? 1 : 2);
	return r;
}

static const struct {
	int num;
	const char *cure;
} cures[] = {
	{ EINVAL, "the kernel takes no such value, or a group above allows less than that" },
	{ EBUSY, "more than that is in use now" },
	{ ENODEV, "there is no such device; of a partition, name the whole disk" },
	{ ENXIO, "there is no such device; of a partition, name the whole disk" },
	{ ERANGE, "this host has fewer: see /sys/devices/system/cpu/online and node/online" },
	{ EACCES, "a group above allows less than that, or this host has fewer" },
	{ ENOSPC, "a group above allows less than that" },
};

static int refused(const struct cg_setting *s, const char *path, int r, struct err *e)
{
	err_sys(e, r, "%s: write %s to %s/%s/%s", s->option, s->text, s->tree->mount, path,
		s->file);
	for (size_t i = 0; i < ARRAY_SIZE(cures); i++)
		if (cures[i].num == -r)
			err_hint(e, "%s", cures[i].cure);
	return r;
}

/* 1: written; 0: the kernel lacks the file, and that is no error. */
static int write_one(const struct cg_setting *s, const char *path, int group_fd, struct err *e)
{
	int r = file_write_at(group_fd, s->file, s->text);

	if (r >= 0)
		return 1;
	if (r == -ENOENT)
		return s->missing == CG_MUST ? no_file(s, path, e) : 0;
	return refused(s, path, r, e);
}

int cg_settings_write(const struct cg_settings *s, const struct cg_tree *t, const char *path,
		      int group_fd, struct err *e)
{
	uint32_t bits = cg_settings_controllers(s, t);
	bool said = false;
	int r = 0;

	if (bits && t->ops == &cg_v2)
		r = cg_v2_enable(t, path, group_fd, bits, e);
	if (r < 0)
		return err_wrap(e, r, "%s", cg_settings_option(s, t));
	for (size_t i = 0; r >= 0 && i < s->n; i++) {
		const struct cg_setting *one = &s->v[i];

		if (one->tree != t)
			continue;
		r = said ? 0 : write_one(one, path, group_fd, e);
		said = one->missing == CG_ELSE && r > 0;
	}
	return r < 0 ? r : 0;
}

/* ---- changing back ---- */

/* The line of text that begins with the first word of what will be written. */
static char *line_of_device(const char *text, const char *word)
{
	size_t n = strcspn(word, " ");

	for (const char *p = text; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, word, n) == 0 && p[n] == ' ')
			return strndup(p, strcspn(p, "\n"));
	}
	return NULL;
}

/* What a file that has no line for the device stands for. */
static char *no_limit_of_device(const struct cg_setting *s)
{
	int n = (int)strcspn(s->text, " ");

	return str_printf("%.*s %s", n, s->text,
			  s->tree->ops == &cg_v2 ? "rbps=max wbps=max riops=max wiops=max" : "0");
}

/*
 * What to write so that the file says again what it says now. A file with one value
 * shows it in its first line, some ("oom_kill_disable 0", "default 100") behind a
 * word; an empty one is emptied with a line feed.
 */
static char *text_before(const struct cg_setting *s, int group_fd)
{
	_cleanup_free_ char *now = NULL;
	const char *p;
	char *line;

	if (file_read_at(group_fd, s->file, FILE_MAX, &now, NULL) < 0)
		return NULL;
	if (s->by_device) {
		line = line_of_device(now, s->text);
		return line ? line : no_limit_of_device(s);
	}
	p = str_starts(now, "oom_kill_disable ") || str_starts(now, "default ")
		    ? strchr(now, ' ') + 1
		    : now;
	return str_printf("%.*s%s", (int)strcspn(p, "\n"), p, *p && *p != '\n' ? "" : "\n");
}

int cg_setting_change(struct cg_setting *s, const char *path, int group_fd, struct err *e)
{
	_cleanup_free_ char *before = text_before(s, group_fd);
	int r = write_one(s, path, group_fd, e);

	if (r > 0)
		s->before = take_ptr(before);
	return r;
}

void cg_setting_undo(const struct cg_setting *s, int group_fd)
{
	if (s->before)
		file_write_at(group_fd, s->file, s->before);
}
