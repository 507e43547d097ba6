/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end that is asked for: nodes that have something to do at their end do it; the
 * others, and all that is left, end with the supervisor.
 */
#include <errno.h>

#include "cli/lab_supervisor.h"
#include "core/base/err.h"

#define GRACE_NS 2000000000ULL

int supervisor_do_down(struct supervisor *s, const struct question *q, struct err *e)
{
	struct lab_live *l = &s->live;
	int r = 0;

	for (uint32_t i = 0; r >= 0 && i < l->t->n_nodes; i++)
		if (l->t->nodes[i].n_stops && l->node[i].state == LIVE_READY)
			r = live_del_node(l, i, GRACE_NS, e);
	/* what fails now is told, and it ends all the same */
	s->over = true;
	return r;
}
