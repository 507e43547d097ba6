/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client is asked for the host's part: one thing after another, while all else goes on. */
#include <errno.h>
#include <stdlib.h>

#include "cli/lab_control.h"
#include "cli/lab_live_real.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/vec.h"

struct live_host {
	uint32_t node, net; /* one of them; else TOPO_NONE */
};

int live_ask(struct lab_live *l, uint32_t node, uint32_t net)
{
	struct live_host *h = VEC_ADD(l->asks, l->n_asks);

	if (!h)
		return -ENOMEM;
	*h = (struct live_host){ node, net };
	return 0;
}

static json_t *question(const struct lab_live *l, const struct live_host *h)
{
	bool node = h->node != TOPO_NONE;
	struct proc_id who = l->self;
	struct node_info info = { 0 };

	if (node && node_info(l->nodes, l->node[h->node].id, &info) >= 0)
		who = info.host;
	return json_pack("{s:{s:s, s:i, s:I}}", "host", node ? "node" : "net",
			 node ? l->t->nodes[h->node].name : l->t->nets[h->net].name, "pid",
			 (int)who.pid, "start", (json_int_t)who.start);
}

static int say(const struct lab_live *l, json_t *o, struct err *e)
{
	int r = !o ? -ENOMEM : l->line < 0 ? -EPIPE : lab_send(l->line, o, -1);

	json_decref(o);
	if (r < 0)
		err_hint(e, "who has asked for it must stay until it is done");
	return r < 0 ? err_set(e, r, "nobody is there who could do the host's part") : 0;
}

int live_ask_next(struct lab_live *l, struct err *e)
{
	int r;

	if (l->waiting || l->asked == l->n_asks)
		return 0;
	r = say(l, question(l, &l->asks[l->asked]), e);
	l->waiting = r >= 0;
	return r;
}

/* The answer to what was asked; waits for it. */
static int hear(const struct lab_live *l, struct err *e)
{
	_cleanup_json_ json_t *o = NULL;
	int r = lab_recv(l->line, &o, NULL), end = 0;

	if (r <= 0)
		return err_set(e, r < 0 ? r : -ECANCELED, "who asked for it is gone");
	return lab_is_end(o, &end, e) ? end : err_set(e, -EPROTO, "no answer was heard");
}

int live_ask_hear(struct lab_live *l, uint32_t *ret_node, uint32_t *ret_net, struct err *e)
{
	int r = hear(l, e);

	l->waiting = false;
	if (r < 0)
		return r;
	*ret_node = l->asks[l->asked].node;
	*ret_net = l->asks[l->asked].net;
	l->asked++;
	return 1;
}

static int end(struct lab_live *l, const char *what, const char *name, int line, struct err *e)
{
	int r;

	l->line = line;
	r = say(l, json_pack("{s:{s:s}}", "host", what, name), e);
	return r < 0 ? r : hear(l, e);
}

int live_host_end(struct lab_live *l, uint32_t node, int line, struct err *e)
{
	return l->node[node].host ? end(l, "end", l->t->nodes[node].name, line, e) : 0;
}

int live_host_net_end(struct lab_live *l, uint32_t net, int line, struct err *e)
{
	const struct topo_net *n = &l->t->nets[net];

	return n->uplink ? end(l, "end-net", n->name, line, e) : 0;
}
