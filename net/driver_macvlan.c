/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The macvlan driver: containers with MAC addresses of their own on a link of the host's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "net/attach.h"
#include "net/driver.h"
#include "net/network.h"

static int realise(struct driver_net *r)
{
	return parent_realise(r, &link_macvlan);
}

#define WAIT_US	   10000
#define WAIT_TRIES 200

/*
 * It has the parent's MAC; one of its own would change the parent's. There is room for
 * one on the parent (else EINVAL: macvlan_common_newlink), and the kernel takes the
 * link of a container that has just died a little after it: worth a wait.
 */
static int make_passthru(const struct driver_link *l, const struct link_spec *kind)
{
	int r = parent_link(l, kind);

	for (int i = 0; r == -EINVAL && i < WAIT_TRIES; i++) {
		usleep(WAIT_US);
		err_clear(l->e);
		r = parent_link(l, kind);
	}
	if (r == -EINVAL)
		err_hint(l->e, "something else is on %s: `ip -d link` of each namespace shows it",
			 l->on->name);
	return r;
}

static int make_link(const struct driver_link *l)
{
	struct link_spec kind = { .kind = &link_macvlan, .macvlan.mode = l->n->mode };

	if (strcmp(l->n->mode, "passthru") == 0)
		return make_passthru(l, &kind);
	kind.mac = l->info->mac;
	return parent_link(l, &kind);
}

const struct driver driver_macvlan = {
	.name = "macvlan",
	.takes = DRIVER_PARENT | DRIVER_MODE | DRIVER_SUBNET,
	.needs = DRIVER_PARENT | DRIVER_SUBNET,
	.modes = { "bridge", "private", "vepa", "passthru" },
	.without_firewall = "its packets do not pass the host",
	.own_mac = true,
	.realise = realise,
	.link = make_link,
	.put_routes = lan_put_routes,
};
