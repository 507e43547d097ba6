/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab_place - a node of a lab as a place for commands (core/node.h). */
#ifndef CT_CLI_LAB_PLACE_H
#define CT_CLI_LAB_PLACE_H

#include "cli/lab.h"
#include "core/node.h"

struct lab_place {
	struct node_place p; /* looks into the lab and into what follows; name is borrowed */
	struct strv env;
	char *user, *cgroup;
};
/* Asked of the supervisor; the lab lives as long as this. */
int lab_place(struct app *app, struct lab *l, const char *node, struct lab_place *ret,
	      struct err *e);
void lab_place_free(struct lab_place *p); /* accepts { 0 } */

#endif
