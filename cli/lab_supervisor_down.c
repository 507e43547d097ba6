/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end that is asked for: nodes that have something to do at their end do it; the
 * others, and all that is left, end with the supervisor.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"

#define GRACE_NS 2000000000ULL

int supervisor_do_down(struct supervisor *s, const struct question *q, struct err *e)
{
	struct lab_live *l = &s->live;
	_cleanup_free_ uint32_t *nodes = calloc(l->t->n_nodes + 1, sizeof(*nodes));
	size_t n = 0;

	for (uint32_t i = 0; nodes && i < l->t->n_nodes; i++)
		if (l->t->nodes[i].n_stops && l->node[i].state == LIVE_READY)
			nodes[n++] = i;
	/* for who cannot read our record */
	supervisor_tell(q, json_pack("{s:s, s:s}", "name", s->rec->name, "id", s->rec->id));
	/* what fails now is told, and it ends all the same */
	s->over = true;
	return nodes ? live_del_nodes(l, nodes, n, GRACE_NS, e) : -ENOMEM;
}
