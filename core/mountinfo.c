/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line, from fs/proc_namespace.c (show_mountinfo):
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *   id par dev root  target options   optional   type source    super options
 *
 * Any number of optional fields, also of kinds that are not known yet, ends
 * with a lone "-". Space, tab, newline, backslash and '#' inside a field come
 * as three octal digits. Fields are cut in place, so parsing allocates nothing.
 */
#include "core/mountinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

/* Ten thousands of mounts with long overlay options; more is not a mount table. */
#define MOUNTINFO_MAX (32u << 20)

/* Decimal digits only, to the end of s or to stop; NULL when it is not a number. */
static const char *number(const char *s, char stop, uint32_t *ret)
{
	uint64_t v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > UINT32_MAX)
			return NULL;
	}
	if (p == s || *p != stop)
		return NULL;
	*ret = (uint32_t)v;
	return stop ? p + 1 : p;
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Decodes \ooo in place; false for a backslash that starts nothing of the kind. */
static bool unescape(char *s)
{
	char *to = strchr(s, '\\');
	const char *from = to;

	if (!to)
		return true;
	while (*from) {
		int c;

		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		if (!octal(from[1]) || !octal(from[2]) || !octal(from[3]))
			return false;
		c = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
		if (c == 0 || c > 0xff)
			return false;
		*to++ = (char)c;
		from += 4;
	}
	*to = '\0';
	return true;
}

/* The next field of a line, cut off at the space behind it; NULL past the end. */
static char *field(char **line)
{
	char *s = *line, *end;

	if (!s)
		return NULL;
	end = strchr(s, ' ');
	if (end)
		*end++ = '\0';
	*line = end;
	return s;
}

/* A field that holds text, decoded; NULL when missing, wrongly coded or empty. */
static const char *text_field(char **line, bool may_be_empty)
{
	char *s = field(line);

	if (!s || (!*s && !may_be_empty) || !unescape(s))
		return NULL;
	return s;
}

static bool optional_field(const char *s, struct mount_info *m)
{
	const struct {
		const char *tag;
		uint32_t *to;
	} tags[] = {
		{ "shared:", &m->shared },
		{ "master:", &m->master },
		{ "propagate_from:", &m->propagate_from },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		size_t len = strlen(tags[i].tag);

		if (strncmp(s, tags[i].tag, len) == 0)
			return number(s + len, '\0', tags[i].to) != NULL;
	}
	if (strcmp(s, "unbindable") == 0)
		m->unbindable = true;
	return *s != '\0';
}

static bool optional_fields(char **line, struct mount_info *m)
{
	const char *s;

	while ((s = field(line))) {
		if (strcmp(s, "-") == 0)
			return true;
		if (!optional_field(s, m))
			return false;
	}
	return false;
}

static bool numbers(char **line, struct mount_info *m)
{
	const char *id = field(line), *parent = field(line), *dev = field(line);

	if (!id || !parent || !dev)
		return false;
	if (!number(id, '\0', &m->id) || !number(parent, '\0', &m->parent))
		return false;
	dev = number(dev, ':', &m->major);
	return dev && number(dev, '\0', &m->minor);
}

static bool parse_line(char *line, struct mount_info *m)
{
	if (!numbers(&line, m))
		return false;
	m->root = text_field(&line, false);
	m->target = text_field(&line, false);
	m->options = text_field(&line, false);
	if (!m->root || !m->target || m->target[0] != '/' || !m->options)
		return false;
	if (!optional_fields(&line, m))
		return false;
	m->fstype = text_field(&line, false);
	/* mount("", ...) is allowed and shows as two spaces in a row */
	m->source = text_field(&line, true);
	m->super_options = text_field(&line, false);
	return m->fstype && m->source && m->super_options && !line;
}

/*
 * Reads one line at *pos and moves *pos behind it; *ret is written only on
 * success. Returns 1, 0 at the end, -EBADMSG for a malformed line, also for a
 * last one without newline (a read that was cut).
 * Source: proc_pid_mountinfo(5), kernel fs/proc_namespace.c.
 */
int mountinfo_next(char **pos, struct mount_info *ret)
{
	struct mount_info m = { 0 };
	char *line = *pos, *end;

	if (!*line)
		return 0;
	end = strchr(line, '\n');
	if (!end)
		return -EBADMSG;
	*end = '\0';
	if (!parse_line(line, &m))
		return -EBADMSG;
	*pos = end + 1;
	*ret = m;
	return 1;
}

static int parse_all(struct mountinfo *m)
{
	size_t cap = 0;
	char *pos = m->text;
	struct mount_info one;
	int r;

	while ((r = mountinfo_next(&pos, &one)) > 0) {
		if (m->n == cap) {
			struct mount_info *v;

			cap = cap ? cap * 2 : 64;
			v = reallocarray(m->v, cap, sizeof(*v));
			if (!v)
				return -ENOMEM;
			m->v = v;
		}
		m->v[m->n++] = one;
	}
	return r;
}

/*
 * Fills *ret, to be released with mountinfo_free(); untouched on failure.
 * -EBADMSG names the line; else the errno of reading.
 */
int mountinfo_load(int dirfd, const char *path, struct mountinfo *ret, struct err *e)
{
	struct mountinfo m = { 0 };
	size_t len;
	int r = file_read_at(dirfd, path, MOUNTINFO_MAX, &m.text, &len);

	if (r < 0)
		return err_sys(e, r, "read %s", path);
	r = memchr(m.text, '\0', len) ? -EBADMSG : parse_all(&m);
	if (r < 0) {
		size_t line = m.n + 1;

		mountinfo_free(&m);
		return err_sys(e, r, "%s: line %zu", path, line);
	}
	*ret = m;
	return 0;
}

void mountinfo_free(struct mountinfo *m)
{
	free(m->v);
	free(m->text);
	*m = (struct mountinfo){ 0 };
}

bool mount_has_option(const char *options, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = options; p; p = *p ? p + 1 : NULL) {
		size_t n = strcspn(p, ",");

		if (n == len && strncmp(p, word, n) == 0)
			return true;
		p += n;
	}
	return false;
}
