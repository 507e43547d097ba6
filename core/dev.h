/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dev - the few device nodes of a container and the links beside them.
 */
#ifndef CT_CORE_DEV_H
#define CT_CORE_DEV_H

struct err;

/* The nodes, by number, in a directory of a file system that allows devices. */
int dev_nodes(int nodes_fd, struct err *e);
/* Binds them into dev_fd, which is nodev, and makes the links. */
int dev_fill(int dev_fd, int nodes_fd, struct err *e);

#endif
