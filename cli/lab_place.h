/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab_place - a node of a lab as a place for commands (core/node.h). */
#ifndef CT_CLI_LAB_PLACE_H
#define CT_CLI_LAB_PLACE_H

#include "cli/lab.h"
#include "core/node.h"

struct lab_place {
	struct node_place place; /* looks into the lab and into what follows */
	struct strv env;
	char cgroup[256];
};
/* l: loaded, and alive as long as this. */
int lab_place(struct app *app, const struct lab *l, const struct lab_node *n, struct lab_place *ret,
	      struct err *e);
void lab_place_free(struct lab_place *p); /* accepts { 0 } */

#endif
