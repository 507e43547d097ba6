// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The firewall as the state directory knows it. The note "generation" holds
 * the generation of the namespace's ruleset at which ours was seen whole, and
 * what it does with foreign transit. While the kernel still has that
 * generation, nobody changed any rule and nothing is read: a network, an
 * attachment or ports more or less are one transaction of their elements,
 * whatever else there is. The note goes away before a change and comes back
 * after it, so a crash in between, or a change by somebody else, leads to a
 * full comparison.
 */
#include "net/firewall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/firewall_user.h"
#include "net/firewall_want.h"
#include "net/network_real.h"
#include "net/nft.h"
#include "net/note.h"
#include "net/ruleset.h"
#include "net/ruleset_def.h"

#define NOTE_GENERATION "generation"

static int remember(struct net *net, uint32_t generation, unsigned refuse, struct err *e)
{
	char text[32];
	int r = str_fmt(text, sizeof(text), "%" PRIu32 " %u", generation, refuse);

	if (r >= 0)
		r = note_set(net->state_fd, NOTE_GENERATION, text);
	return r < 0 ? err_sys(e, r, "note the firewall's generation") : 0;
}

/* Whether the ruleset is the one that was seen whole; *refuse: what it does with transit. */
static bool unchanged(struct net *net, uint32_t generation, unsigned *refuse)
{
	char have[32], *end;

	if (note_get(net->state_fd, NOTE_GENERATION, have, sizeof(have)) < 0 ||
	    strtoul(have, &end, 10) != generation || *end != ' ')
		return false;
	*refuse = (unsigned)strtoul(end + 1, NULL, 10);
	return true;
}

/* Everything there should be, compared and, when it differs or force is on, loaded. */
static int load_all(struct net *net, const struct ruleset_spec *s, bool force, struct err *e)
{
	uint32_t generation;
	int r = 0;

	for (int i = 0; r >= 0 && i < 2; i++) {
		bool load = force && i == 0;

		/* read first: a change behind it is one that the note does not cover */
		r = nft_generation(&net->nft, &generation, e);
		if (r >= 0 && !load)
			r = ruleset_intact(&net->nft, s, e);
		if (r > 0)
			return remember(net, generation, s->refuse, e);
		if (r == 0 && i == 0) {
			log_trace("firewall: loading %zu networks, %zu attachments, %zu ports",
				  s->n_nets, s->n_links, s->n_ports);
			r = ruleset_load(&net->nft, s, e);
			crash_point("firewall", "load");
		}
	}
	/* still different: others write at this moment; the next command compares again */
	return r;
}

/* Whether there is no table of ours, and so none of the administrator's rules in it. */
static int is_fresh(struct net *net, struct err *e)
{
	int r = nft_table_get(&net->nft, &ruleset_where[RULESET_INET], NULL, NULL, e);

	if (r != -ENOENT)
		return r;
	err_clear(e);
	return 1;
}

/* The families that networks forward, or are about to. */
static void put_needs(const struct firewall_want *all, struct forward *f)
{
	for (size_t i = 0; i < all->spec.n_nets; i++) {
		const struct ruleset_net *n = &all->nets[i];

		for (size_t k = 0; k < n->n_subnets && (!n->internal || n->ptp); k++) {
			f->need4 |= n->subnets[k].addr.family == AF_INET;
			f->need6 |= n->subnets[k].addr.family == AF_INET6;
		}
	}
}

/* gone: an attachment that ends, though its record is still there; may be NULL. */
static int sync_all(struct net *net, const struct attach_info *gone, bool force, struct err *e)
{
	_cleanup_(firewall_want_free) struct firewall_want all = { 0 };
	struct forward f = { 0 };
	int fresh, r = firewall_want_read(net, gone, &all, e);

	note_del(net->state_fd, NOTE_GENERATION);
	if (r >= 0) {
		put_needs(&all, &f);
		r = forward_probe(net, &f, e);
	}
	if (r < 0)
		return r;
	if (all.nothing)
		return ruleset_unload(&net->nft, e);
	all.spec.refuse = forward_refused(&f);
	fresh = is_fresh(net, e);
	r = fresh < 0 ? fresh : load_all(net, &all.spec, force, e);
	if (r < 0 || (!fresh && !force))
		return r;
	/* whatever the file does, our part is looked at afterwards */
	note_del(net->state_fd, NOTE_GENERATION);
	r = firewall_user_load(net, e);
	return r < 0 ? r : load_all(net, &all.spec, false, e);
}

/*
 * A change of a few elements on top of a ruleset known to be whole: when it
 * was the only change, the next generation is as good.
 */
static int remember_next(struct net *net, uint32_t before, unsigned refuse, struct err *e)
{
	uint32_t now;
	int r = nft_generation(&net->nft, &now, e);

	if (r < 0)
		return r;
	return now == before || now == before + 1 ? remember(net, now, refuse, e) : 0;
}

/* A change has begun: the note is gone, and was true when whole. */
struct edit {
	uint32_t generation;
	unsigned refuse;
	bool whole;
};

static int edit_begin(struct net *net, struct edit *ret, struct err *e)
{
	int r = nft_generation(&net->nft, &ret->generation, e);

	if (r < 0)
		return r;
	ret->refuse = 0;
	ret->whole = unchanged(net, ret->generation, &ret->refuse);
	note_del(net->state_fd, NOTE_GENERATION);
	return 0;
}

struct change {
	int (*run)(struct nl *nft, const struct ruleset_spec *s, struct err *e);
	const struct ruleset_spec *spec; /* NULL: not known */
	const struct attach_info *gone;
	const char *what; /* for crash points */
};

/* The elements of c where that is enough, else everything. */
static int edit_end(struct net *net, const struct edit *ed, const struct change *c, struct err *e)
{
	if (!ed->whole || !c->spec || c->run(&net->nft, c->spec, NULL) < 0)
		return sync_all(net, c->gone, false, e);
	crash_point("firewall", c->what);
	return remember_next(net, ed->generation, ed->refuse, e);
}

static int change(struct net *net, const struct change *c, struct err *e)
{
	struct edit ed;
	int r = edit_begin(net, &ed, e);

	return r < 0 ? r : edit_end(net, &ed, c, e);
}

static int mark(struct net *net, const char *name, struct err *e)
{
	_cleanup_close_ int marks = net_dir(net, "realised", true);
	int r = marks < 0 ? marks : note_mark(marks, name);

	return r < 0 ? err_sys(e, r, "note network %s", name) : 0;
}

/*
 * The mark that n is realised is set here, since the rules follow the marks. A
 * network that is new makes one change; one that stands costs a look at the
 * generation.
 */
int firewall_add_net(struct net *net, const struct network *n, const struct forward *f,
		     struct err *e)
{
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one;
	struct ruleset_spec spec = { .nets = &one, .n_nets = 1 };
	struct change c = { .run = ruleset_add, .spec = &spec, .what = "add network" };
	struct edit ed;
	int r;

	if (!firewall_net(n, &one, subnets))
		return mark(net, n->name, e);
	r = nft_generation(&net->nft, &ed.generation, e);
	if (r < 0)
		return r;
	ed.whole = unchanged(net, ed.generation, &ed.refuse) && ed.refuse == forward_refused(f);
	if (ed.whole && network_is_real(net, n->name))
		return 0;
	/* before the mark: with it, the note would speak of a network that is not there */
	note_del(net->state_fd, NOTE_GENERATION);
	r = mark(net, n->name, e);
	return r < 0 ? r : edit_end(net, &ed, &c, e);
}

static int unmark(struct net *net, const char *name, struct strv *left, struct err *e)
{
	_cleanup_close_ int marks = net_dir(net, "realised", false);

	int r = marks < 0 ? marks : note_del(marks, name);

	if (r < 0 && r != -ENOENT)
		return err_sys(e, r, "forget network %s", name);
	return network_real_names(net, left, e);
}

static int unload(struct net *net, struct err *e)
{
	/* nothing is forwarded any more before nothing is refused any more */
	int r = forward_restore(net, e);

	if (r >= 0)
		r = ruleset_unload(&net->nft, e);
	crash_point("firewall", "unload");
	return r;
}

/* The mark goes, the elements follow; with the last network all rules go. */
int firewall_del_net(struct net *net, const char *name, const struct network *n, struct err *e)
{
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one;
	struct ruleset_spec spec = { .nets = &one, .n_nets = 1 };
	struct change c = { .run = ruleset_del,
			    .spec = n ? &spec : NULL,
			    .what = "delete network" };
	struct strv left = { 0 };
	struct edit ed;
	int r;

	/* without a mark there is nothing, unless a removal ended here before */
	if (!network_is_real(net, name) && !network_is_unfinished(net, name))
		return 0;
	r = edit_begin(net, &ed, e);
	if (r >= 0)
		r = unmark(net, name, &left, e);
	if (r >= 0 && left.n == 0)
		r = unload(net, e);
	else if (r >= 0 && n && !firewall_net(n, &one, subnets))
		r = ed.whole ? remember(net, ed.generation, ed.refuse, e) : 0;
	else if (r >= 0)
		r = edit_end(net, &ed, &c, e);
	strv_free(&left);
	return r;
}

void firewall_mark_attach(const struct network *n, struct attach_info *a)
{
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one;

	a->filtered = firewall_net(n, &one, subnets) && (one.ptp || one.guard);
	a->routed = a->filtered && one.ptp;
}

/*
 * A port whose network has or has not a guard since. Where its driver changed it
 * stays, and where its holder is in a process namespace that we do not see.
 */
static int mark_again(const struct attach_info *a, void *ctx)
{
	_cleanup_network_ struct network n = { 0 };
	struct attach_info now = *a;
	struct net *net = ctx;
	bool unseen = a->holder.start && !a->holder.pid;
	int r = 0;

	if (a->host_ifname[0] && !a->routed && !unseen)
		r = network_load_any(net, a->network, &n, NULL);
	if (r <= 0)
		return r;
	firewall_mark_attach(&n, &now);
	return now.routed || now.filtered == a->filtered ? 0 : attach_record_save(net, &now);
}

int firewall_sync(struct net *net, bool force, struct err *e)
{
	int r = force ? attach_list(net, NULL, NULL, mark_again, net) : 0;

	return r < 0 ? err_sys(e, r, "note who is guarded") : sync_all(net, NULL, force, e);
}

int firewall_add_attach(struct net *net, const struct network *n, const struct attach_info *a,
			struct err *e)
{
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one;
	struct ruleset_link link;
	struct ruleset_spec spec = { .links = &link, .n_links = 1 };
	struct change c = { .run = ruleset_add, .spec = &spec, .what = "add attachment" };

	if (!a->filtered || !firewall_net(n, &one, subnets))
		return 0;
	link = firewall_link(&one, a);
	return change(net, &c, e);
}

/* A port's elements follow from its record; a ptp link's from its network too. */
int firewall_del_attach(struct net *net, const struct attach_info *a, struct err *e)
{
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one = { .guard = true };
	struct ruleset_link link = firewall_link(&one, a);
	struct ruleset_spec spec = { .links = &link, .n_links = 1 };
	struct change c = { .run = ruleset_del, .gone = a, .what = "delete attachment" };
	_cleanup_network_ struct network n = { 0 };

	if (!a->filtered)
		return 0;
	if (!a->routed ||
	    (network_load(net, a->network, &n, NULL) >= 0 && firewall_net(&n, &one, subnets)))
		c.spec = &spec;
	return change(net, &c, e);
}

static int change_ports(struct net *net, struct change c, const struct port_map *maps, size_t n,
			struct err *e)
{
	struct ruleset_spec spec = { .ports = maps, .n_ports = n };

	c.spec = &spec;
	return n ? change(net, &c, e) : 0;
}

int firewall_add_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e)
{
	return change_ports(net, (struct change){ .run = ruleset_add, .what = "add ports" }, maps,
			    n, e);
}

int firewall_del_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e)
{
	return change_ports(net, (struct change){ .run = ruleset_del, .what = "delete ports" },
			    maps, n, e);
}
