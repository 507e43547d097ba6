/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of the kernel, one row each: how it is looked for, what provides it. A lab
 * is walked once to see which it uses, only those are looked for (a lab of plain
 * networks asks nothing but two kinds of link), and it is walked again with the answer.
 */
#include "net/fabric_need.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "net/fabric_parts.h"

/* ---- what a lab uses ------------------------------------------------------------- */

/* Parameters that nothing but netem does. */
static const enum topo_param netem_only[] = { TOPO_DELAY, TOPO_JITTER, TOPO_DUP, TOPO_REORDER,
					      TOPO_CORRUPT };

static unsigned netem_of(const struct topo_impair *i)
{
	unsigned which = 0;

	for (size_t n = 0; n < ARRAY_SIZE(netem_only); n++)
		if (i->v[netem_only[n]])
			which |= 1U << netem_only[n];
	return which;
}

static unsigned impair_parts(const struct topo_impair *i)
{
	unsigned parts = 0;

	if (netem_of(i))
		parts |= PART_NETEM;
	if (i->v[TOPO_RATE])
		parts |= PART_TBF;
	/* by a filter where there is no netem */
	if (i->v[TOPO_LOSS])
		parts |= PART_NETEM | PART_LOSS;
	return parts;
}

static unsigned dirs_parts(const struct topo_impair dirs[TOPO_DIRS])
{
	return impair_parts(&dirs[TOPO_AB]) | impair_parts(&dirs[TOPO_BA]);
}

static unsigned topology_parts(const struct topology *t)
{
	unsigned parts = t->n_ifaces ? PART_VETH : 0;

	for (size_t i = 0; i < t->n_links; i++) {
		parts |= dirs_parts(t->links[i].impair);
		parts |= t->links[i].stitched ? PART_WIRE : 0;
	}
	for (size_t i = 0; i < t->n_nets; i++) {
		const struct topo_impair *dirs = t->nets[i].impair;

		parts |= PART_BRIDGE | dirs_parts(dirs);
		parts |= impair_any(&dirs[TOPO_AB]) ? PART_IFB | PART_WIRE : 0;
	}
	for (size_t i = 0; i < t->n_nodes; i++) {
		parts |= t->nodes[i].kind == TOPO_SWITCH ? PART_BRIDGE : 0;
		parts |= t->nodes[i].n_masquerade || t->nodes[i].n_publish ? PART_NAT : 0;
	}
	for (size_t i = 0; i < t->n_scenarios; i++)
		for (size_t s = 0; s < t->scenarios[i].n_steps; s++)
			parts |= dirs_parts(t->scenarios[i].steps[s].dirs);
	return parts;
}

/* ---- what is missing --------------------------------------------------------------- */

struct finding {
	struct fabric_lacks *l;
	bool drop, oom;
};

static bool there(const struct finding *f, unsigned part)
{
	return (f->l->has & part) != 0;
}

static void lack(struct finding *f, struct topo_pos at, unsigned part, char *what)
{
	struct fabric_lack *v = NULL;

	if (what)
		v = VEC_ADD(f->l->v, f->l->n);
	if (!v) {
		free(what);
		f->oom = true;
		return;
	}
	*v = (struct fabric_lack){ at, what, parts_cure(part) };
}

/* The parameters of one direction that cannot be done, and the part they are missing. */
static unsigned impair_lacks(const struct finding *f, const struct topo_impair *i, unsigned *part)
{
	unsigned which = 0;

	if (!there(f, PART_NETEM)) {
		which = netem_of(i);
		*part = PART_NETEM;
		if (i->v[TOPO_LOSS] && !there(f, PART_LOSS))
			which |= 1U << TOPO_LOSS;
	}
	/* beside what netem does it also does the rate */
	if (i->v[TOPO_RATE] && !there(f, PART_TBF) && (!there(f, PART_NETEM) || !netem_of(i))) {
		*part = which ? *part : PART_TBF;
		which |= 1U << TOPO_RATE;
	}
	return which;
}

/* "delay 10ms jitter 1ms" */
static char *which_text(const char *of, const char *name, const char *dir,
			const struct topo_impair *i, unsigned which)
{
	struct topo_impair only = { .queue_unit = i->queue_unit };
	char *text = NULL;
	size_t size;
	FILE *m = open_memstream(&text, &size);

	if (!m)
		return NULL;
	for (unsigned p = 0; p < TOPO_PARAMS; p++)
		if (which & 1U << p)
			only.v[p] = i->v[p];
	fprintf(m, "%s%s%s%s: ", of, name, dir[0] ? ", " : "", dir);
	impair_write(m, &only);
	if (fclose(m) == 0)
		return text;
	free(text);
	return NULL;
}

static void take_out(struct topo_impair *i, unsigned which)
{
	for (unsigned p = 0; p < TOPO_PARAMS; p++)
		if (which & 1U << p)
			i->v[p] = 0;
	i->has &= ~which;
}

static struct topo_pos pos_of(const struct topo_impair *i, struct topo_pos other)
{
	return i->at.line ? i->at : other;
}

/* One line for both directions when they are the same. */
static void find_dirs(struct finding *f, const char *of, const char *name, struct topo_pos at,
		      struct topo_impair dirs[TOPO_DIRS])
{
	static const char *const names[] = { [TOPO_AB] = "ab", [TOPO_BA] = "ba" };
	bool same = impair_same(&dirs[TOPO_AB], &dirs[TOPO_BA]);

	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		unsigned part = 0, which = impair_lacks(f, &dirs[d], &part);

		if (which && (d == TOPO_AB || !same))
			lack(f, pos_of(&dirs[d], at), part,
			     which_text(of, name, same ? "" : names[d], &dirs[d], which));
		if (d == TOPO_BA && f->drop) {
			unsigned ab = impair_lacks(f, &dirs[TOPO_AB], &part);

			take_out(&dirs[TOPO_AB], ab);
			take_out(&dirs[TOPO_BA], which);
		}
	}
}

static void find_link(struct finding *f, struct topo_link *l)
{
	find_dirs(f, "link ", l->name, l->at, l->impair);
	if (!l->stitched || there(f, PART_WIRE))
		return;
	/* not asked for by the file, it is a convenience that goes without a word */
	if (l->wire == TOPO_WIRE_STITCHED || l->down || impair_any(l->impair) ||
	    impair_any(&l->impair[TOPO_BA]))
		lack(f, l->at, PART_WIRE, str_printf("link %s: a stitched wire", l->name));
	if (!f->drop && l->wire == TOPO_WIRE_STITCHED)
		return;
	l->stitched = false;
	if (f->drop) {
		memset(l->impair, 0, sizeof(l->impair));
		l->down = false;
	}
}

/* What members send is held back by an ifb; loss alone is a filter. */
static void find_net(struct finding *f, struct topo_net *n)
{
	struct topo_impair *out = &n->impair[TOPO_AB];
	bool filtered;

	if (!there(f, PART_BRIDGE))
		lack(f, n->at, PART_BRIDGE, str_printf("net %s", n->name));
	find_dirs(f, "net ", n->name, n->at, n->impair);
	filtered = !out->v[TOPO_RATE] && !netem_of(out) && !there(f, PART_NETEM);
	if (!impair_any(out) || (filtered && there(f, PART_LOSS)) ||
	    (there(f, PART_IFB) && there(f, PART_WIRE)))
		return;
	lack(f, pos_of(out, n->at), there(f, PART_IFB) ? PART_WIRE : PART_IFB,
	     str_printf("net %s: impairments towards the net", n->name));
	if (f->drop)
		*out = (struct topo_impair){ .at = out->at };
}

static void find_node(struct finding *f, struct topo_node *n)
{
	if (n->kind == TOPO_SWITCH && !there(f, PART_BRIDGE))
		lack(f, n->at, PART_BRIDGE, str_printf("switch %s", n->name));
	if ((!n->n_masquerade && !n->n_publish) || there(f, PART_NAT))
		return;
	lack(f, n->at, PART_NAT, str_printf("node %s: address translation", n->name));
	if (f->drop)
		n->n_masquerade = n->n_publish = 0;
}

static void find_scenario(struct finding *f, struct topo_scenario *s)
{
	for (size_t i = 0; i < s->n_steps; i++) {
		char name[160];

		snprintf(name, sizeof(name), "%s, step %u", s->name, s->steps[i].num);
		find_dirs(f, "scenario ", name, s->steps[i].at, s->steps[i].dirs);
	}
}

static void find_all(struct finding *f, struct topology *t)
{
	if (t->n_ifaces && !there(f, PART_VETH))
		lack(f, (struct topo_pos){ 0 }, PART_VETH, str_printf("all interfaces"));
	for (size_t i = 0; i < t->n_nodes; i++)
		find_node(f, &t->nodes[i]);
	for (size_t i = 0; i < t->n_nets; i++)
		find_net(f, &t->nets[i]);
	for (size_t i = 0; i < t->n_links; i++)
		find_link(f, &t->links[i]);
	for (size_t i = 0; i < t->n_scenarios; i++)
		find_scenario(f, &t->scenarios[i]);
}

int fabric_lacks(struct topology *t, bool drop, struct fabric_lacks *ret, struct err *e)
{
	struct fabric_lacks l = { .asked = topology_parts(t) };
	struct finding f = { .l = &l, .drop = drop };
	int r = parts_ask(l.asked, &l.has, e);

	if (r < 0)
		return err_wrap(e, r, "look for what the kernel has");
	if (l.has != l.asked)
		find_all(&f, t);
	if (f.oom) {
		fabric_lacks_free(&l);
		return err_sys(e, ENOMEM, "look for what the kernel has");
	}
	*ret = l;
	return 0;
}

void fabric_lacks_free(struct fabric_lacks *l)
{
	for (size_t i = 0; i < l->n; i++)
		free((char *)l->v[i].what);
	free(l->v);
	*l = (struct fabric_lacks){ 0 };
}

/* ---- asked later -------------------------------------------------------------------- */

/* Of these parts; what was not looked for before is looked for now. */
static int now_has(const struct fabric_lacks *l, unsigned parts, unsigned *ret, struct err *e)
{
	unsigned more = 0;
	int r = (parts & ~l->asked) ? parts_ask(parts & ~l->asked, &more, e) : 0;

	*ret = (l->has | more) & parts;
	return r;
}

int fabric_can(const struct fabric_lacks *l, const struct topo_impair *i, struct err *e)
{
	struct fabric_lacks now = { 0 };
	struct finding f = { .l = &now };
	_cleanup_free_ char *what = NULL;
	unsigned which, part = 0;
	int r = now_has(l, impair_parts(i), &now.has, e);

	if (r < 0)
		return r;
	which = impair_lacks(&f, i, &part);
	if (!which)
		return 0;
	what = which_text("", "the kernel cannot do", "", i, which);
	err_hint(e, "%s", parts_cure(part));
	return err_set(e, EOPNOTSUPP, "%s", what ? what : "the kernel cannot do it");
}

bool fabric_has(const struct fabric_lacks *l, const char *word, const char **ret_why)
{
	unsigned parts, found = 0;

	if (!parts_of_word(word, &parts))
		return parts_other(word, ret_why);
	if (now_has(l, parts, &found, NULL) >= 0 && found)
		return true;
	/* of several that do the same the last tells of all */
	while (parts & (parts - 1))
		parts &= parts - 1;
	*ret_why = parts_cure(parts);
	return false;
}
