/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/userns.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/proc.h"
#include "core/base/str.h"
#include "core/idmap.h"
#include "core/spec.h"
#include "core/userns_lease.h"

#define SUBID_MAX (1U << 20)

static bool may_set_ids(void)
{
	const uint32_t both = 1U << CAP_SETUID | 1U << CAP_SETGID;
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return syscall(SYS_capget, &h, d) == 0 && (d[0].effective & both) == both;
}

static int copy_maps(const struct id_map *maps, size_t n, struct id_map **ret, size_t *ret_n)
{
	*ret = calloc(n, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, maps, n * sizeof(**ret));
	*ret_n = n;
	return 0;
}

/* ---- ids of one's own ---- */

static bool parse_field(const char *s, size_t len, uint32_t *ret)
{
	char word[12];

	if (len >= sizeof(word))
		return false;
	memcpy(word, s, len);
	word[len] = '\0';
	return parse_u32(word, 0, UINT32_MAX, ret, NULL) >= 0;
}

static bool is_owner(const char *line, size_t len, const char *name, uint32_t uid)
{
	uint32_t number;

	if (name && strlen(name) == len && !strncmp(line, name, len))
		return true;
	return parse_field(line, len, &number) && number == uid;
}

/* NAME:FIRST:COUNT */
int userns_subid(const char *text, const char *name, uint32_t uid, struct id_map *ret)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t owner = strcspn(line, ":\n"), first, count;
		struct id_map m = { .inside = 1 };
		const char *at = line + owner;

		if (*at != ':' || !is_owner(line, owner, name, uid))
			continue;
		first = strcspn(++at, ":\n");
		if (at[first] != ':' || !parse_field(at, first, &m.outside))
			continue;
		at += first + 1;
		count = strcspn(at, "\n");
		if (!parse_field(at, count, &m.count) || !m.count)
			continue;
		if (m.count > USERNS_BLOCK - 1)
			m.count = USERNS_BLOCK - 1;
		*ret = m;
		return 0;
	}
	return -ENOENT;
}

/*
 * The caller's, by /etc/passwd; of somebody whom only a directory service knows, what
 * login(1) says. It finds a line, no more: newuidmap(1) looks for itself.
 */
static char *own_name(void)
{
	_cleanup_fclose_ FILE *f = fopen("/etc/passwd", "re");
	const char *login = getenv("LOGNAME");
	const struct passwd *pw;

	while (f && (pw = fgetpwent(f)))
		if (pw->pw_uid == geteuid())
			return strdup(pw->pw_name);
	return login ? strdup(login) : NULL;
}

static int own_ids(const char *file, uint32_t id, struct id_map **ret, size_t *ret_n, struct err *e)
{
	struct id_map maps[2] = { { 0, id, 1 } };
	_cleanup_free_ char *text = NULL, *name = own_name();
	int r = file_read_at(AT_FDCWD, file, SUBID_MAX, &text, NULL);

	if (r >= 0)
		r = userns_subid(text, name, geteuid(), &maps[1]);
	if (r < 0) {
		err_hint(e, "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
			 name ? name : "USER");
		return err_set(e, r, "%s has no range for %s", file, name ? name : "you");
	}
	return copy_maps(maps, 2, ret, ret_n);
}

/* ---- the plan ---- */

static int automatic(int root_fd, const struct ct_spec *spec, struct userns *u, struct err *e)
{
	const uint32_t first = spec->userns_count ? spec->userns_first : USERNS_FIRST;
	const uint32_t count = spec->userns_count ? spec->userns_count : USERNS_COUNT;
	struct id_map map = { .count = USERNS_BLOCK };
	int r;

	if (!may_set_ids()) {
		r = own_ids("/etc/subuid", geteuid(), &u->uids, &u->n_uids, e);
		return r < 0 ? r : own_ids("/etc/subgid", getegid(), &u->gids, &u->n_gids, e);
	}
	r = u->block = userns_lease(root_fd, count / USERNS_BLOCK, e);
	if (r < 0)
		return r;
	map.outside = first + (uint32_t)r * USERNS_BLOCK;
	r = copy_maps(&map, 1, &u->uids, &u->n_uids);
	if (r >= 0)
		r = copy_maps(&map, 1, &u->gids, &u->n_gids);
	return r < 0 ? err_sys(e, r, "ids") : 0;
}

int userns_plan(int root_fd, const struct ct_spec *spec, struct userns *ret, struct err *e)
{
	int r;

	if (!spec->n_uid_maps)
		return automatic(root_fd, spec, ret, e);
	r = copy_maps(spec->uid_maps, spec->n_uid_maps, &ret->uids, &ret->n_uids);
	if (r >= 0)
		r = copy_maps(spec->gid_maps, spec->n_gid_maps, &ret->gids, &ret->n_gids);
	return r < 0 ? err_sys(e, r, "ids") : 0;
}

void userns_release(int root_fd, struct userns *u)
{
	if (u->block >= 0)
		userns_unlease(root_fd, (uint32_t)u->block);
	free(take_ptr(u->uids));
	free(take_ptr(u->gids));
	*u = (struct userns)USERNS_INIT;
}

/* ---- the kernel ---- */

static int write_map(pid_t pid, const char *file, const struct id_map *maps, size_t n,
		     struct err *e)
{
	_cleanup_free_ char *text = idmap_text(maps, n);
	char path[48];
	int r;

	if (!text)
		return err_sys(e, -ENOMEM, "ids");
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	r = file_write_at(AT_FDCWD, path, text);
	if (r == -EPERM)
		err_hint(e, "these ids are not all in /proc/self/%s, or may not be given away",
			 file);
	return r < 0 ? err_sys(e, r, "write %s of the container", file) : 0;
}

/* newuidmap PID INSIDE OUTSIDE COUNT...: it may, because it is privileged and looks at the files */
static int helper_map(pid_t pid, const char *helper, const struct id_map *maps, size_t n,
		      struct err *e)
{
	_cleanup_(strv_free) struct strv argv = { 0 };
	int status = 0, r = strv_add(&argv, helper);

	if (r >= 0)
		r = strv_add_take(&argv, str_printf("%d", (int)pid));
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const uint32_t field[] = { maps[i].inside, maps[i].outside, maps[i].count };

		for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(field); k++)
			r = strv_add_take(&argv, str_printf("%u", field[k]));
	}
	if (r >= 0)
		r = proc_run((const char *const *)argv.v, &status);
	if (r >= 0 && !status)
		return 0;
	err_hint(e, "install uidmap (shadow-utils), and see subuid(5)");
	return err_set(e, r < 0 ? r : -EPERM, "%s refused", helper);
}

/*
 * Who maps a group without being privileged must give up setgroups first, or a group
 * could be dropped whose members are denied what others may (CVE-2014-8989);
 * newgidmap does it where the range is not the user's own.
 */
int userns_map(const struct userns *u, pid_t pid, struct err *e)
{
	int r;

	if (may_set_ids()) {
		r = write_map(pid, "uid_map", u->uids, u->n_uids, e);
		return r < 0 ? r : write_map(pid, "gid_map", u->gids, u->n_gids, e);
	}
	if (u->n_uids == 1 && u->uids->count == 1 && u->n_gids == 1 && u->gids->count == 1) {
		char path[48];

		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
		r = file_write_at(AT_FDCWD, path, "deny");
		if (r < 0)
			return err_sys(e, r, "deny setgroups");
		r = write_map(pid, "uid_map", u->uids, u->n_uids, e);
		return r < 0 ? r : write_map(pid, "gid_map", u->gids, u->n_gids, e);
	}
	r = helper_map(pid, "newuidmap", u->uids, u->n_uids, e);
	return r < 0 ? r : helper_map(pid, "newgidmap", u->gids, u->n_gids, e);
}

/* ---- configuration ---- */

static bool parse_number(const char *s, const char **ret_end, uint64_t *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*ret = strtoull(s, &end, s[0] == '0' && s[1] == 'x' ? 16 : 10);
	*ret_end = end;
	return !errno && *ret <= UINT32_MAX;
}

int userns_parse_range(const char *word, uint32_t *ret_first, uint32_t *ret_count, struct err *e)
{
	const char *at = word;
	uint64_t first, second;
	char sep;

	if (!parse_number(at, &at, &first) || ((sep = *at) != '-' && sep != ':') ||
	    !parse_number(at + 1, &at, &second) || *at)
		return err_set(e, -EINVAL,
			       "\"%.80s\" is no range of ids: FIRST-LAST or FIRST:COUNT", word);
	if (sep == '-')
		second = second < first ? 0 : second - first + 1;
	if (!first || second < USERNS_BLOCK || first + second > UINT32_MAX)
		return err_set(e, -EINVAL,
			       "\"%.80s\": a range has %u ids or more, and neither 0 nor %u", word,
			       USERNS_BLOCK, UINT32_MAX);
	*ret_first = (uint32_t)first;
	*ret_count = (uint32_t)second;
	return 0;
}
