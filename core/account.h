/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * account - who a command runs as: ids, and names of the container's own
 * /etc/passwd and /etc/group, which are read as data and never believed further.
 */
#ifndef CT_CORE_ACCOUNT_H
#define CT_CORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct strv;

#define ACCOUNT_GROUPS 256 /* supplementary; the kernel takes 65536 */

struct account {
	uint32_t uid, gid;
	uint32_t n_groups;
	uint32_t groups[ACCOUNT_GROUPS];
};

/*
 * UID[:GID] in *ret_uid and *ret_gid (0 when left out), with *ret_name NULL; or, when
 * there is a name in it, *ret_name = word, to be looked up. Strict: a word that
 * begins with a digit is a number and nothing else (CVE-2026-30892). -EINVAL.
 */
int account_parse(const char *word, uint32_t *ret_uid, uint32_t *ret_gid, const char **ret_name,
		  struct err *e);
/* One group of --group-add: a number or a name. -EINVAL. */
int account_check_group(const char *word, struct err *e);

struct account_want {
	uint32_t uid, gid;
	const char *user; /* a word with a name in it, before uid and gid; or NULL */
	const struct strv *groups; /* supplementary ones, numbers or names */
};
/*
 * root_fd: the container's root. A user by name has the groups that list it, unless
 * a group is named too, as with docker. -ENOENT names what is not there.
 */
int account_find(int root_fd, const struct account_want *want, struct account *ret, struct err *e);

#endif
