/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cover - a file of ours in a running container, exchanged for another: what is
 * mounted there keeps its inode, so the new one is mounted in its place.
 *
 * The container may have renamed and replaced whatever it can write to, so the
 * file is only one of ours when it is a mount of its own, which nothing inside
 * could make without CAP_SYS_ADMIN, and begins as ours do.
 */
#ifndef CT_CORE_COVER_H
#define CT_CORE_COVER_H

struct ct_info;
struct err;

struct cover {
	const struct ct_info *ct;
	const char *path; /* in the container */
	const char *head; /* what a file of ours begins with */
};

/* The text behind the head, for the caller to free; -ENOTSUP: it is none of ours. */
int cover_read(const struct cover *c, char **ret, struct err *e);
/* Mounts the file that fd holds in its place, read-only; nothing to do when it is that one. */
int cover_file(const struct cover *c, int fd, struct err *e);

#endif
