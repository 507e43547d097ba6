/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newnet - making a network namespace: half a millisecond of the kernel's time.
 * A container that joins networks waits for it, so a process of its own begins
 * at once, beside the runner's reading of files; else the guard makes it.
 */
#ifndef CT_CORE_NEWNET_H
#define CT_CORE_NEWNET_H

struct err;

struct newnet {
	int pidfd, line; /* of the maker */
};

/* clang-format off */
#define NEWNET_INIT { .pidfd = -1, .line = -1 }
/* clang-format on */

/* Begins. The caller must have a single thread. */
int newnet_start(struct newnet *n, struct err *e);
/* Waits until it is there, lo up; returns a descriptor of it. */
int newnet_take(struct newnet *n, struct err *e);
/* Collects the maker; also of one never started. */
void newnet_end(struct newnet *n);

/* In the maker: moves it into one, and reports that on the line. */
int newnet_make(int line);

#endif
