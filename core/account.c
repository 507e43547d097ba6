/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two files are read once each, as text with a bound on its size; a line that
 * is none is passed over. Of several with one name the first counts, as with getpwnam(3).
 */
#include "core/account.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "core/inroot.h"

#define TEXT_MAX (1U << 20)
#define ID_MAX	 (UINT32_MAX - 1) /* the largest means "leave as it is" to the kernel */

/* As useradd(8) has names by default, capitals too; len bytes of s. */
static bool is_name(const char *s, size_t len)
{
	if (!len || len > 32 || !(isalpha((unsigned char)*s) || *s == '_'))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]) &&
		    !(s[i] == '$' && i + 1 == len))
			return false;
	return true;
}

static bool is_number(const char *s, size_t len, uint32_t *ret)
{
	return cur_u32(&s, 0, ID_MAX, ret) && !s[0] && len;
}

/* A number, a name, or neither. */
static int part(const char *word, const char *what, uint32_t *ret, bool *ret_named, struct err *e)
{
	size_t len = strlen(word);

	*ret_named = false;
	if (is_number(word, len, ret))
		return 0;
	*ret_named = is_name(word, len);
	if (*ret_named)
		return 0;
	return err_set(e, -EINVAL, "'%.64s' is neither a %s id (0 to %u) nor a name", word, what,
		       ID_MAX);
}

int account_parse(const char *word, uint32_t *ret_uid, uint32_t *ret_gid, const char **ret_name,
		  struct err *e)
{
	_cleanup_free_ char *copy = strdup(word);
	char *group = copy ? strchr(copy, ':') : NULL;
	uint32_t uid = 0, gid = 0;
	bool named, group_named = false;
	int r;

	if (!copy)
		return -ENOMEM;
	if (group)
		*group++ = '\0';
	r = part(copy, "user", &uid, &named, e);
	if (r >= 0 && group)
		r = part(group, "group", &gid, &group_named, e);
	if (r < 0)
		return r;
	*ret_uid = named ? 0 : uid;
	*ret_gid = group_named ? 0 : gid;
	*ret_name = named || group_named ? word : NULL;
	return 0;
}

int account_check_group(const char *word, struct err *e)
{
	uint32_t gid;
	bool named;

	return part(word, "group", &gid, &named, e);
}

/* ---- the files ---- */

static char *load(int root_fd, const char *path)
{
	char *text = malloc(TEXT_MAX);

	if (text && inroot_read(root_fd, path, text, TEXT_MAX) < 0)
		text[0] = '\0';
	return text;
}

/* Cuts the next line off into fields; false at the end. */
#define FIELDS 7
static bool next_line(char **at, char *field[FIELDS])
{
	char *line = *at, *end;

	if (!line || !*line)
		return false;
	end = line + strcspn(line, "\n");
	*at = *end ? end + 1 : end;
	*end = '\0';
	for (size_t i = 0; i < FIELDS; i++) {
		field[i] = line ? line : end;
		line = line ? strchr(line, ':') : NULL;
		if (line)
			*line++ = '\0';
	}
	return true;
}

static bool lists(const char *members, const char *name)
{
	size_t len = strlen(name), n;

	for (; *members; members += n + (members[n] == ',')) {
		n = strcspn(members, ",");
		if (n == len && !strncmp(members, name, len))
			return true;
	}
	return false;
}

static int add_group(struct account *a, uint32_t gid, struct err *e)
{
	for (uint32_t i = 0; i < a->n_groups; i++)
		if (a->groups[i] == gid)
			return 0;
	if (a->n_groups == ACCOUNT_GROUPS)
		return err_set(e, -E2BIG, "more than %d supplementary groups", ACCOUNT_GROUPS);
	a->groups[a->n_groups++] = gid;
	return 0;
}

/* Of the user: id and login group. */
static int find_user(int root_fd, const char *name, struct account *ret, struct err *e)
{
	_cleanup_free_ char *text = load(root_fd, "/etc/passwd");
	char *at = text, *f[FIELDS];

	while (next_line(&at, f))
		if (!strcmp(f[0], name) && is_number(f[2], strlen(f[2]), &ret->uid) &&
		    is_number(f[3], strlen(f[3]), &ret->gid))
			return 0;
	return err_set(e, -ENOENT, "user %s is not in the container's /etc/passwd", name);
}

static int find_group(int root_fd, const char *name, uint32_t *ret, struct err *e)
{
	_cleanup_free_ char *text = load(root_fd, "/etc/group");
	char *at = text, *f[FIELDS];

	while (next_line(&at, f))
		if (!strcmp(f[0], name) && is_number(f[2], strlen(f[2]), ret))
			return 0;
	return err_set(e, -ENOENT, "group %s is not in the container's /etc/group", name);
}

/* initgroups(3) */
static int groups_of(int root_fd, const char *name, struct account *a, struct err *e)
{
	_cleanup_free_ char *text = load(root_fd, "/etc/group");
	char *at = text, *f[FIELDS];
	uint32_t gid;
	int r = 0;

	while (r >= 0 && next_line(&at, f))
		if (lists(f[3], name) && is_number(f[2], strlen(f[2]), &gid))
			r = add_group(a, gid, e);
	return r;
}

static int find_named(int root_fd, const char *word, struct account *ret, struct err *e)
{
	_cleanup_free_ char *name = strdup(word);
	char *group = name ? strchr(name, ':') : NULL;
	bool by_name;
	int r;

	if (!name)
		return -ENOMEM;
	if (group)
		*group++ = '\0';
	by_name = !is_number(name, strlen(name), &ret->uid);
	r = by_name ? find_user(root_fd, name, ret, e) : 0;
	if (r < 0)
		return r;
	if (!group)
		return by_name ? groups_of(root_fd, name, ret, e) : 0;
	return is_number(group, strlen(group), &ret->gid)
		       ? 0
		       : find_group(root_fd, group, &ret->gid, e);
}

int account_find(int root_fd, const struct account_want *want, struct account *ret, struct err *e)
{
	size_t n = want->groups ? want->groups->n : 0;
	int r = 0;

	ret->uid = want->uid;
	ret->gid = want->gid;
	ret->n_groups = 0;
	if (want->user)
		r = find_named(root_fd, want->user, ret, e);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const char *word = want->groups->v[i];
		uint32_t gid;

		if (!is_number(word, strlen(word), &gid))
			r = find_group(root_fd, word, &gid, e);
		if (r >= 0)
			r = add_group(ret, gid, e);
	}
	return r;
}
