/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountinfo - /proc/PID/mountinfo as values. Strict: a line that is not as
 * proc_pid_mountinfo(5) has it fails the whole read, because what is decided
 * from it (where a limit is written, what is mounted over what) must not rest
 * on a guess.
 */
#ifndef CT_CORE_MOUNTINFO_H
#define CT_CORE_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* Strings point into the text that was parsed; \040 and the like are decoded. */
struct mount_info {
	uint32_t id, parent;
	uint32_t major, minor;
	const char *root; /* "/", "/sub", or "net:[4026531840]" for nsfs */
	const char *target; /* absolute, as seen by the reader */
	const char *options; /* of this mount: "rw,nosuid" */
	uint32_t shared, master; /* peer groups; 0: none */
	uint32_t propagate_from;
	bool unbindable;
	const char *fstype; /* "ext4", "fuse.sshfs" */
	const char *source; /* may be "" */
	const char *super_options; /* of the file system: "rw,size=64k" */
};

struct mountinfo {
	struct mount_info *v; /* order of the file: a mount follows what it is on */
	size_t n;
	char *text;
};

/*
 * One line from *pos, which is advanced; the text is modified and must end in
 * a NUL. 1: *ret is filled, 0: end of text, -EBADMSG.
 */
int mountinfo_next(char **pos, struct mount_info *ret);

/* The whole of a file ("self/mountinfo" below a /proc, or a path with AT_FDCWD). */
int mountinfo_load(int dirfd, const char *path, struct mountinfo *ret, struct err *e);
void mountinfo_free(struct mountinfo *m); /* accepts {0} and leaves it */

/* Whether one of the comma-separated words of options is exactly word. */
bool mount_has_option(const char *options, const char *word);

#endif
