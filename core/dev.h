/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dev - the device nodes of a container: the few usual ones with the links
 * beside them, those that were asked for, and what of all that the devices
 * controller is told.
 */
#ifndef CT_CORE_DEV_H
#define CT_CORE_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ct_device_rule;
struct ct_spec;
struct err;
struct rootfs;

/* The usual nodes, by number, in a directory of a file system that allows devices. */
int dev_nodes(int nodes_fd, struct err *e);
/* The links beside them: ptmx, fd, stdin ... */
int dev_links(int dev_fd, struct err *e);
/*
 * Binds them into dev_fd, which may be nodev, and makes the links. *ret_null, for the
 * caller to close, is the mount of null there.
 */
int dev_fill(int dev_fd, int nodes_fd, int *ret_null, struct err *e);
/* The number of usual node i; false past the end. */
bool dev_usual(size_t i, uint32_t *ret_major, uint32_t *ret_minor);

/* spec->devices: made beside the usual ones, bound over their targets in the root. */
int dev_given(const struct ct_spec *spec, const struct rootfs *fs, int nodes_fd, struct err *e);
/* All that the host's /dev has, into a dev_fd that is not nodev (--privileged). */
int dev_host(int dev_fd, struct err *e);

/* What is found: path below the directory it began with, and what it is. */
struct dev_found {
	const char *path;
	mode_t mode;
	dev_t rdev;
	uid_t uid;
	gid_t gid;
};
/*
 * Calls fn for every device node below dir_fd, whatever its depth, without
 * following links or entering other mounts; stops at what fn returns below 0.
 */
typedef int dev_found_fn(const struct dev_found *d, void *ctx);
int dev_walk(int dir_fd, dev_found_fn *fn, void *ctx);

/*
 * dev_rules.c: the list for limits.devices, for the caller to free; *ret_n 0 and
 * NULL when the controller has nothing to add to mounts that are all nodev.
 */
int dev_rules_make(const struct ct_spec *spec, struct ct_device_rule **ret, size_t *ret_n,
		   struct err *e);

#endif
