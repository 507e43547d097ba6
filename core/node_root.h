/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_root - the files of a lab's nodes.
 *
 * Most nodes have the host's: read-only, with a few directories copy-on-write, and
 * some that are new. What of this is the same for all is mounted once, in the mount
 * namespace of the template, of which a node's is a copy; the rest is one overlay,
 * one tmpfs, /proc and /sys of its own, and binds of their parts. A node with a root
 * of its own is a copy of the supervisor's mount namespace, in which that is built
 * as for a container.
 */
#ifndef CT_CORE_NODE_ROOT_H
#define CT_CORE_NODE_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/str.h"
#include "core/rootfs.h"

struct err;
struct node_spec;

/* An overlay that every node makes for itself. */
struct node_cow {
	char *lower; /* mount option */
	char *name; /* of its directories in the upper layer */
	struct strv dirs; /* what is bound from it, relative; empty: it is mounted at place */
	char *place;
};

struct node_template {
	int host_fd, ns_fd; /* mount namespaces: the supervisor's, the template's */
	int layer_fd; /* above the host's files in every overlay: etc/hosts */
	char *hosts;
	struct node_cow *cows;
	size_t n_cows;
	struct strv
		subs; /* file systems below what is copied on write; number i is at NODE_SUBS/i */
};

/* clang-format off */
#define NODE_TEMPLATE_INIT { .host_fd = -1, .ns_fd = -1, .layer_fd = -1 }
/* clang-format on */

/* In the supervisor, which is in its own mount namespace again when this returns. */
int node_template_new(struct node_template *t, struct err *e);
void node_template_free(struct node_template *t); /* accepts NODE_TEMPLATE_INIT */
/* The text of /etc/hosts for all of its nodes, those that run too. */
int node_template_hosts(struct node_template *t, const char *text, struct err *e);
/* In the template's mount namespace: that file, for a node with a root of its own. */
int node_template_hosts_clone(void);

/* What the template has on /run. */
#define NODE_LAYER ".ctnet-layer"
#define NODE_SUBS  ".ctnet-subs"

/* Clones of mounts that a node cannot reach from where it is; -1, NULL: none. */
struct node_files {
	int hosts;
	int *volumes; /* of mount_volumes() */
};

/* Whether a node's mount namespace is a copy of the template's. */
bool node_root_shared(const struct node_spec *s);

/* In the node. Before anything else: its /proc, and mounts that are nobody else's. */
int node_root_begin(const struct node_spec *s, struct err *e);
/*
 * Then all of it. A root of its own is in fs and is entered by node_root_enter(),
 * which does nothing for the others.
 */
int node_root_build(const struct node_template *t, const struct node_spec *s,
		    const struct node_files *files, struct rootfs *fs, struct err *e);
/*
 * From outside: whether the shared root of a node, which root_fd holds, still lacks
 * what node_root_build() makes. Its last mount ends that.
 */
bool node_root_pending(int root_fd);
int node_root_enter(const struct node_spec *s, struct rootfs *fs, struct err *e);

#endif
