/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firewall as the state directory knows it. The note "generation" holds
 * the generation of the namespace's ruleset at which ours was seen whole, and
 * what it does with foreign transit. While the kernel still has that
 * generation, nobody changed any rule and nothing is read. The note goes away
 * before a change and comes back after it, so a crash in between, or a change
 * by somebody else, leads to a full comparison.
 */
#include "net/firewall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/network_real.h"
#include "net/nft.h"
#include "net/note.h"
#include "net/ruleset.h"

#define NOTE_GENERATION "generation"

/* One network as the ruleset wants it; subnets must outlive the use of *ret. */
static struct ruleset_net fw_net(const struct network *n,
				 struct ip_prefix subnets[NETWORK_SUBNETS_MAX])
{
	for (size_t i = 0; i < n->n_subnets; i++)
		subnets[i] = n->subnets[i].subnet;
	return (struct ruleset_net){ .ifname = n->name,
				     .subnets = subnets,
				     .n_subnets = n->n_subnets,
				     .masquerade = !n->no_masquerade && !n->internal,
				     .internal = n->internal,
				     .open = n->open,
				     .icc = !n->no_icc };
}

/* All realised networks, in the shape that ruleset_load takes. */
struct fw_nets {
	struct fw_one {
		struct network n;
		struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	} * one;
	struct ruleset_net *nets;
	size_t n;
};

static void fw_nets_free(struct fw_nets *all)
{
	for (size_t i = 0; i < all->n; i++)
		network_free(&all->one[i].n);
	free(all->one);
	free(all->nets);
}

/*
 * A network whose definition is gone or broken is left out: its link is still
 * in our group, and what the ruleset does not know there it drops.
 */
static int fw_nets_read(struct net *net, struct fw_nets *all, struct err *e)
{
	struct strv names = { 0 };
	int r = network_real_names(net, &names, e);

	if (r >= 0 && names.n) {
		all->one = calloc(names.n, sizeof(*all->one));
		all->nets = calloc(names.n, sizeof(*all->nets));
	}
	if (names.n && (!all->one || !all->nets))
		r = r < 0 ? r : err_sys(e, ENOMEM, "collect the networks");
	for (size_t i = 0; i < names.n && r >= 0; i++) {
		struct fw_one *one = &all->one[all->n];

		if (network_load(net, names.v[i], &one->n, NULL) < 0)
			continue;
		all->nets[all->n++] = fw_net(&one->n, one->subnets);
	}
	strv_free(&names);
	return r;
}

static int note_text(char *buf, size_t size, uint32_t generation, unsigned refuse)
{
	return str_fmt(buf, size, "%" PRIu32 " %u", generation, refuse);
}

static int remember(struct net *net, uint32_t generation, unsigned refuse, struct err *e)
{
	char text[32];
	int r = note_text(text, sizeof(text), generation, refuse);

	if (r >= 0)
		r = note_set(net->state_fd, NOTE_GENERATION, text);
	return r < 0 ? err_sys(e, r, "note the firewall's generation") : 0;
}

/* Whether the note speaks of this generation and this transit. */
static bool unchanged(struct net *net, uint32_t generation, unsigned refuse)
{
	char want[32], have[32];

	return note_text(want, sizeof(want), generation, refuse) >= 0 &&
	       note_get(net->state_fd, NOTE_GENERATION, have, sizeof(have)) >= 0 &&
	       !strcmp(want, have);
}

/* Everything that is realised, compared and, when it differs, loaded. */
static int sync_all(struct net *net, unsigned refuse, struct err *e)
{
	_cleanup_(fw_nets_free) struct fw_nets all = { 0 };
	uint32_t generation;
	int r = fw_nets_read(net, &all, e);

	for (int i = 0; r >= 0 && i < 2; i++) {
		/* read first: a change behind it is one that the note does not cover */
		r = nft_generation(&net->nft, &generation, e);
		if (r >= 0)
			r = ruleset_intact(&net->nft, all.nets, all.n, refuse, e);
		if (r > 0)
			return remember(net, generation, refuse, e);
		if (r == 0 && i == 0) {
			log_trace("firewall: loading %zu networks", all.n);
			r = ruleset_load(&net->nft, all.nets, all.n, refuse, e);
		}
	}
	/* still different: others write at this moment; the next command compares again */
	return r;
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

/*
 * Makes sure the firewall knows n and all others. The mark that n is realised
 * is set here, since the rules follow the marks.
 */
int firewall_add_net(struct net *net, const struct network *n, const struct forward *f,
		     struct err *e)
{
	_cleanup_close_ int marks = -1;
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct ruleset_net one = fw_net(n, subnets);
	unsigned refuse = forward_refused(f);
	bool whole;
	uint32_t generation;
	int r = nft_generation(&net->nft, &generation, e);

	if (r < 0)
		return r;
	whole = unchanged(net, generation, refuse);
	if (whole && network_is_real(net, n->name))
		return 0;
	note_del(net->state_fd, NOTE_GENERATION);
	marks = net_dir(net, "realised", true);
	r = marks < 0 ? marks : note_add(marks, n->name, "1");
	if (r < 0 && r != -EEXIST)
		return err_sys(e, r, "note network %s", n->name);
	if (whole && ruleset_add_net(&net->nft, &one, NULL) >= 0)
		return remember_next(net, generation, refuse, e);
	return sync_all(net, refuse, e);
}

/* The mark goes, the elements follow; with the last network all rules go. */
int firewall_del_net(struct net *net, const char *name, const struct network *n, struct err *e)
{
	_cleanup_close_ int marks = net_dir(net, "realised", false);
	struct ip_prefix subnets[NETWORK_SUBNETS_MAX];
	struct forward f = { 0 };
	struct strv left = { 0 };
	uint32_t generation;
	bool whole;
	int r;

	if (marks < 0)
		return marks == -ENOENT ? 0 : err_sys(e, marks, "forget network %s", name);
	r = forward_probe(net, &f, e);
	if (r >= 0)
		r = nft_generation(&net->nft, &generation, e);
	if (r < 0)
		return r;
	whole = n && unchanged(net, generation, forward_refused(&f));
	note_del(net->state_fd, NOTE_GENERATION);
	note_del(marks, name);
	r = network_real_names(net, &left, e);
	if (r >= 0 && left.n == 0) {
		/* nothing is forwarded any more before nothing is refused any more */
		r = forward_restore(net, e);
		if (r >= 0)
			r = ruleset_unload(&net->nft, e);
	} else if (r >= 0 && whole) {
		struct ruleset_net one = fw_net(n, subnets);

		r = ruleset_del_net(&net->nft, &one, e);
		if (r >= 0)
			r = remember_next(net, generation, forward_refused(&f), e);
	} else if (r >= 0) {
		r = sync_all(net, forward_refused(&f), e);
	}
	strv_free(&left);
	return r;
}

int firewall_sync(struct net *net, bool force, struct err *e)
{
	struct forward f = { 0 };
	int r = forward_probe(net, &f, e);

	if (r < 0)
		return r;
	if (force)
		note_del(net->state_fd, NOTE_GENERATION);
	return sync_all(net, forward_refused(&f), e);
}

int firewall_add_attach(struct net *net, const struct network *n, const struct attach_info *a,
			struct err *e)
{
	return 0;
}

int firewall_del_attach(struct net *net, const struct attach_info *a, struct err *e)
{
	return 0;
}

int firewall_add_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e)
{
	return n ? firewall_sync(net, true, e) : 0;
}

int firewall_del_ports(struct net *net, const struct port_map *maps, size_t n, struct err *e)
{
	return n ? firewall_sync(net, true, e) : 0;
}
