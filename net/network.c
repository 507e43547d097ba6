/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/attach.h"
#include "net/dns_server.h"
#include "net/driver.h"
#include "net/ipam.h"
#include "net/network_real.h"

bool network_has_family(const struct network *n, uint8_t family)
{
	for (size_t i = 0; i < n->n_subnets; i++)
		if (n->subnets[i].subnet.addr.family == family)
			return true;
	return false;
}

static int add_subnet(struct network *n, const struct ip_prefix *p, struct err *e)
{
	if (n->n_subnets == NETWORK_SUBNETS_MAX)
		return err_set(e, E2BIG, "at most %d subnets", NETWORK_SUBNETS_MAX);
	n->subnets[n->n_subnets++] = (struct network_subnet){ .subnet = *p };
	return 0;
}

/* A /24 when no subnet was given at all, a ULA when --ipv6 was and no IPv6 subnet. */
static int choose_subnets(struct net *net, struct network *n, const struct network_used *used,
			  struct err *e)
{
	size_t n_taken = used->n + n->n_avoid;
	_cleanup_free_ struct ip_prefix *taken = calloc(n_taken + 1, sizeof(*taken));
	const struct net_config *c = net->config;
	struct ip_prefix p;
	int r = 0;

	if (!taken)
		return err_sys(e, ENOMEM, "choose a subnet");
	for (size_t i = 0; i < used->n; i++)
		taken[i] = used->v[i].p;
	for (size_t i = 0; i < n->n_avoid; i++)
		taken[used->n + i] = n->avoid[i];
	if (n->n_subnets == 0) {
		r = ipam_choose_subnet(c->pools, c->n_pools, taken, n_taken, &p, e);
		if (r >= 0)
			r = add_subnet(n, &p, e);
	}
	if (r >= 0 && n->ipv6 && !network_has_family(n, AF_INET6)) {
		r = ipam_choose_ula(taken, n_taken, &p, e);
		if (r >= 0)
			r = add_subnet(n, &p, e);
	}
	return r;
}

/* Locally administered, individual (IEEE 802: 02 in the first byte), else random. */
static int choose_mac(struct network *n, struct err *e)
{
	if (mac_is_set(&n->mac) || !(driver_of(n)->takes & DRIVER_MAC))
		return 0;
	if (getrandom(n->mac.b, sizeof(n->mac.b), 0) != sizeof(n->mac.b))
		return err_sys(e, errno, "random numbers for a MAC address");
	n->mac.b[0] = 0x02;
	return 0;
}

static int complete(struct net *net, struct network *n, struct err *e)
{
	_cleanup_(network_used_free) struct network_used used = { 0 };
	int r = network_used_read(net, &used, e);

	if (!n->driver[0])
		str_fmt(n->driver, sizeof(n->driver), "bridge");
	driver_fill(n);
	if (r >= 0)
		r = network_used_check(&used, n, e);
	if (r >= 0)
		r = choose_subnets(net, n, &used, e);
	if (r >= 0)
		r = choose_mac(n, e);
	for (size_t i = 0; i < n->n_subnets && r >= 0; i++)
		if (!ip_is_set(&n->subnets[i].gateway))
			n->subnets[i].gateway = prefix_hosts(&n->subnets[i].subnet).first;
	/* again: ranges and MTU against what was chosen */
	return r < 0 ? r : network_check(n, e);
}

/* Neither a network nor a link of that name, except what a removed definition left. */
static int check_unused(struct net *net, const char *name, struct err *e)
{
	struct link_info link;
	int r;

	if (network_defined(net, name)) {
		err_set(e, EEXIST, "network %s exists", name);
		err_hint(e, "`ctnet inspect %s` shows it, `ctnet rm %s` removes it", name, name);
		return -EEXIST;
	}
	if (network_is_real(net, name)) {
		r = network_destroy(net, name, NULL, e);
		if (r < 0)
			return r;
	}
	r = link_get(&net->rt, name, &link, NULL);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return err_sys(e, r, "find link %s", name);
	err_set(e, EEXIST, "a link named %s exists", name);
	err_hint(e, "choose another name, or remove it with `ip link del %s`", name);
	return -EEXIST;
}

/* What was chosen is checked before anything is written. */
int network_create(struct net *net, struct network *n, struct err *e)
{
	_cleanup_close_ int lock = -1;
	int r = network_check(n, e);

	if (r >= 0 && n->dns_server)
		r = dns_server_check(e);
	if (r < 0)
		return r;
	lock = net_lock(net, e);
	if (lock < 0)
		return lock;
	network_intent_undo(net, NULL); /* if it cannot, check_unused says what is there */
	r = check_unused(net, n->name, e);
	if (r >= 0)
		r = complete(net, n, e);
	if (r >= 0)
		r = network_intent_set(net, n->name, e);
	if (r < 0)
		return r;
	crash_point("create", "intent");
	r = network_store(net, n, e);
	crash_point("create", "store");
	if (r >= 0)
		r = network_realise(net, n, NULL, e);
	if (r >= 0)
		r = network_intent_clear(net, n->name, e);
	if (r < 0)
		network_intent_undo(net, NULL);
	return r;
}

struct users {
	struct net *net;
	bool force;
	char who[256];
	unsigned n;
	struct err *e;
};

static int on_user(const struct attach_info *a, void *ctx)
{
	struct users *u = ctx;
	size_t len = strlen(u->who);

	if (!attach_alive(a))
		return 0;
	u->n++;
	/* a list that is cut ends in "..." */
	if (len < sizeof(u->who) - 72)
		snprintf(u->who + len, sizeof(u->who) - len, "%s%s", len ? ", " : "",
			 a->name[0] ? a->name : a->owner);
	else if (u->who[len - 1] != '.')
		snprintf(u->who + len, sizeof(u->who) - len, " ...");
	return 0;
}

static int disconnect(const struct attach_info *a, void *ctx)
{
	struct users *u = ctx;

	return attach_down_locked(u->net, a, false, u->e);
}

static int release_users(struct net *net, const char *name, bool force, struct err *e)
{
	struct users u = { .net = net, .e = e };
	int r = attach_list(net, NULL, name, on_user, &u);

	if (r < 0)
		return err_sys(e, r, "list the attachments of network %s", name);
	if (u.n && !force) {
		err_set(e, EBUSY, "network %s is in use by %s", name, u.who);
		err_hint(e, "end them first, or disconnect them with -f");
		return -EBUSY;
	}
	return attach_list(net, NULL, name, disconnect, &u);
}

/* A definition that cannot be read is no reason to keep it: the name says what to remove. */
int network_remove(struct net *net, const char *name, bool force, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	_cleanup_close_ int lock = -1;
	int readable, r = network_check_name(name, e);

	if (r < 0)
		return r;
	lock = net_lock(net, e);
	if (lock < 0)
		return lock;
	if (!network_defined(net, name) && !network_is_real(net, name))
		return network_unknown(net, name, e);
	r = readable = network_load_any(net, name, &n, e);
	if (r >= 0)
		r = network_may_forget(net, name, e);
	if (r >= 0)
		r = release_users(net, name, force, e);
	if (r >= 0)
		r = network_intent_set(net, name, e);
	crash_point("remove", "intent");
	if (r >= 0)
		r = network_destroy(net, name, readable > 0 ? &n : NULL, e);
	if (r < 0)
		return r;
	crash_point("remove", "destroy");
	r = network_forget(net, name, e);
	return r < 0 ? r : network_intent_clear(net, name, e);
}

/* With its definition deleted by hand and nobody on it, a network goes too. */
static int heal_one(struct net *net, const char *name, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	struct users u = { .net = net };
	int r;

	if (network_defined(net, name)) {
		r = network_load(net, name, &n, e);
		if (r >= 0)
			r = network_realise(net, &n, NULL, e);
		return r < 0 ? r : dns_server_heal(net, &n, e);
	}
	attach_list(net, NULL, name, on_user, &u);
	return u.n ? 0 : network_destroy(net, name, NULL, e);
}

/* One that cannot be healed does not keep the others from it; the first error is returned. */
int network_heal(struct net *net, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	struct strv names = { 0 };
	int r, k;

	if (lock < 0)
		return lock;
	r = network_intent_undo(net, e);
	k = network_real_names(net, &names, r < 0 ? NULL : e);
	r = r < 0 ? r : k;
	for (size_t i = 0; i < names.n; i++) {
		struct err own = ERR_INIT;

		k = heal_one(net, names.v[i], &own);
		if (k < 0 && r >= 0) {
			r = err_wrap(&own, k, "network %s", names.v[i]);
			if (e)
				*e = own;
		}
	}
	strv_free(&names);
	return r < 0 ? r : 0;
}
