/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trees - mounts of the host that the runner clones for a guard that could not:
 * in a user namespace of its own it is nobody on the host, may not clone one file
 * system without what is mounted on it, nor lay an id map on it.
 *
 *	runner -> guard, over its line: a message with a descriptor for each, then
 *	one without, or an error of the runner's (end of file)
 */
#ifndef CT_CORE_TREES_H
#define CT_CORE_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct_spec;
struct err;

enum tree_use {
	TREE_LAYER, /* of spec->rootfs, by its number; with all below when written through */
	TREE_UPPER, /* spec->upper */
	TREE_HOST, /* a file system of the host, by its mount point */
	TREE_VOLUME, /* a bind of spec->mounts, by its number */
	TREE_END, /* no more */
};

struct tree {
	enum tree_use use;
	size_t index;
	char *path; /* mount point of a TREE_HOST */
	int fd; /* detached */
};

struct trees {
	struct tree *v;
	size_t n;
};

/* In the runner; userns_fd: of the container. */
int trees_send(int line, const struct ct_spec *spec, int userns_fd, struct err *e);
/* In the guard; -EPIPE: the runner failed. */
int trees_take(int line, struct trees *ret);
/* Without the runner: the directory that is written through, when its mounts come from the host. */
int trees_root(const struct ct_spec *spec, struct trees *ret, struct err *e);
/* Those of volumes, as mount_volumes() takes them. */
int trees_volumes(const struct trees *t, const struct ct_spec *spec, int **ret, struct err *e);
/* The descriptor, which stays theirs; -1: there is none. t may be NULL. */
int trees_find(const struct trees *t, enum tree_use use, size_t index);
/* The host's file system on whose mount point, or below, path lies; *ret_rest: what is below. */
int trees_host(const struct trees *t, const char *path, const char **ret_rest);
/* The one that is mounted there. */
int trees_host_at(const struct trees *t, const char *mount_point);

#endif
