/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay - one overlay mount from layers that are held by descriptor, named
 * to the kernel as /proc/self/fd/N: no escaping, no host path in the
 * container's mount table, nothing to exchange between check and use.
 */
#ifndef CT_CORE_OVERLAY_H
#define CT_CORE_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* Linux takes 500; a host root has four, images rarely more than twenty. */
#define OVERLAY_LAYERS 64

struct overlay {
	int lower[OVERLAY_LAYERS]; /* top first */
	size_t n_lower;
	int upper, work; /* -1: read-only */
	bool userxattr; /* made in a user namespace: marks of its own are user.overlay.* */
};

/* The descriptors of all layers. */
void overlay_close(struct overlay *o);
/* Detached, nosuid and nodev unless trusted. Returns a descriptor. */
int overlay_mount(const struct overlay *o, bool trusted, struct err *e);

#endif
