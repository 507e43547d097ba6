/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_phys - --net phys:IF: interfaces of the host that a container has while
 * it runs.
 */
#ifndef CT_CLI_RUN_PHYS_H
#define CT_CLI_RUN_PHYS_H

#include "net/phys.h"

#define RUN_PHYS_MAX 8

/* phys:IF[,move-virtual][,ifname=NAME] */
struct run_phys {
	char name[NAME_MAX_IF + 1], inside[NAME_MAX_IF + 1]; /* inside "": the same */
	bool move_virtual;
};

struct run_physes {
	struct run_phys v[RUN_PHYS_MAX];
	size_t n;
};

/* Parses what stands behind "phys:" into the list. */
int run_phys_add(struct run_physes *list, const char *value, struct err *e);

/* What a container has taken; zeroed at first. */
struct run_phys_taken {
	struct phys_info v[RUN_PHYS_MAX];
	size_t n;
	int netns_fd; /* while n is not 0: keeps the namespace until they are out of it */
};

/* All of them; what was taken before one fails is given back by run_phys_return. */
int run_phys_take(struct net *net, const struct run_physes *list, const char *owner,
		  const struct proc_id *init, int netns_fd, struct run_phys_taken *t,
		  struct err *e);
/* Accepts none; what cannot be given back is told. */
void run_phys_return(struct net *net, struct run_phys_taken *t);

#endif
