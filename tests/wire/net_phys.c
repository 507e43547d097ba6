/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces of the host that are lent and given back, with a veth for a card. */
#include "net_host.h"

#include <linux/if.h>

#include "net/netns.h"
#include "net/phys_real.h"

#define MAC(n)                           \
	{                                \
		{                        \
			2, 0, 0, 0, 0, n \
		}                        \
	}

static void make_card(struct host *h)
{
	OK(link_add(&h->net.rt,
		    &(struct link_spec){ .kind = &link_veth,
					 .name = "nic0",
					 .mac = MAC(1),
					 .mtu = 1400,
					 .alias = "uplink",
					 .up = ON,
					 .veth = { .peer = "far0" } },
		    e));
}

static struct phys_spec lending(struct host *h)
{
	return (struct phys_spec){ .name = "nic0",
				   .inside = "wan",
				   .owner = "0123456789ab",
				   .holder = h->id,
				   .move_virtual = true };
}

static void assert_restored(struct host *h)
{
	struct link_info l;
	struct phys_info p;

	OK(link_get(&h->net.rt, "nic0", &l, e));
	assert_true(l.flags & IFF_UP);
	assert_int_equal(l.mtu, 1400);
	assert_int_equal(l.mac.b[5], 1);
	assert_string_equal(l.alias, "uplink");
	assert_int_equal(phys_record_load(&h->net, "nic0", &p), -ENOENT);
}

static void test_there_and_back(void **state)
{
	struct host *h = *state;
	struct phys_spec s = lending(h);
	_cleanup_nl_ struct nl in = NL_INIT;
	_cleanup_close_ int ns = new_netns();
	struct link_change changed = { .mac = MAC(9), .mtu = 1200, .alias = "mine", .up = OFF };
	struct phys_info p, again;
	struct link_info l;

	make_card(h);
	OK(phys_take(&h->net, &s, ns, &p, e));
	assert_int_equal(link_get(&h->net.rt, "nic0", &l, NULL), -ENODEV);
	OK(netns_nl_open(ns, &in, NETLINK_ROUTE, e));
	OK(link_get(&in, "wan", &l, e));
	assert_true(l.flags & IFF_UP);
	assert_int_equal(l.mtu, 1400);
	assert_int_equal(phys_record_load(&h->net, "nic0", &again), 0);
	assert_memory_equal(&again, &p, sizeof(p));
	FAILS(-EBUSY, "nic0 is lent to container 0123456789ab",
	      phys_take(&h->net, &s, ns, &again, e));
	/* its holder lives: nothing for gc */
	OK(phys_gc(&h->net, e));
	OK(link_get(&in, "wan", &l, e));
	/* what the container does to it does not last, not even to the mark */
	OK(link_set(&in, l.index, NULL, &changed, e));
	OK(phys_return(&h->net, &p, ns, e));
	assert_restored(h);
	OK(phys_return(&h->net, &p, ns, e));
	assert_restored(h);
}

/* Renamed inside, it is known by its mark; a name that is taken meanwhile is left alone. */
static void test_names(void **state)
{
	struct host *h = *state;
	struct phys_spec s = lending(h);
	_cleanup_nl_ struct nl in = NL_INIT;
	_cleanup_close_ int ns = new_netns();
	struct phys_info p;
	struct link_info l;

	make_card(h);
	OK(phys_take(&h->net, &s, ns, &p, e));
	OK(netns_nl_open(ns, &in, NETLINK_ROUTE, e));
	OK(link_get(&in, "wan", &l, e));
	OK(link_set(&in, l.index, NULL, &(struct link_change){ .up = OFF }, e));
	OK(link_rename(&in, l.index, "eth7", e));
	OK(link_add(&h->net.rt, &(struct link_spec){ .kind = &link_bridge, .name = "nic0" }, e));
	OK(phys_return(&h->net, &p, ns, e));
	OK(link_get(&h->net.rt, "eth7", &l, e));
	assert_string_equal(l.alias, "uplink");
	assert_true(l.flags & IFF_UP);
	OK(link_get(&h->net.rt, "nic0", &l, e));
	assert_string_equal(l.kind, "bridge");
}

static void test_refused(void **state)
{
	struct host *h = *state;
	struct phys_spec s = lending(h);
	_cleanup_close_ int ns = new_netns();
	_cleanup_nl_ struct nl in = NL_INIT;
	struct link_info br;
	struct phys_info p;

	make_card(h);
	s.move_virtual = false;
	FAILS(-EINVAL, "nic0 is virtual (veth)", phys_take(&h->net, &s, ns, &p, e));
	s.move_virtual = true;
	s.name = "lo";
	FAILS(-EINVAL, "loopback", phys_take(&h->net, &s, ns, &p, e));
	s.name = "nothere";
	FAILS(-ENODEV, "nothere", phys_take(&h->net, &s, ns, &p, e));
	create_named(h, "bridge0");
	s.name = "bridge0";
	FAILS(-EINVAL, "belongs to ctnet", phys_take(&h->net, &s, ns, &p, e));
	s.name = "nic0";
	OK(link_get(&h->net.rt, "bridge0", &br, e));
	OK(link_set(&h->net.rt, 0, "nic0", &(struct link_change){ .master = br.index }, e));
	FAILS(-EBUSY, "nic0 is a port of bridge0", phys_take(&h->net, &s, ns, &p, e));
	OK(link_set(&h->net.rt, 0, "nic0", &(struct link_change){ .no_master = true }, e));
	/* the name inside is another's: it is back, and no record is left */
	OK(netns_nl_open(ns, &in, NETLINK_ROUTE, e));
	OK(link_add(&in, &(struct link_spec){ .kind = &link_bridge, .name = "wan" }, e));
	FAILS(-EEXIST, "there is a link wan already", phys_take(&h->net, &s, ns, &p, e));
	assert_restored(h);
}

/* The kernel has put a card back, with the name and the state it had inside. */
static void test_gc_back(void **state)
{
	struct host *h = *state;
	struct phys_info p = { .name = "nic0",
			       .inside = "wan",
			       .owner = "0123456789ab",
			       .alias = "uplink",
			       .mac = MAC(1),
			       .mtu = 1400,
			       .up = true };
	struct proc_id dead;
	pid_t pid = sleeper(&dead);
	char alias[PHYS_ALIAS_LEN];

	make_card(h);
	end(pid);
	p.holder = dead;
	OK(phys_record_save(&h->net, &p));
	OK(phys_alias(&p, alias));
	OK(link_set(&h->net.rt, 0, "nic0",
		    &(struct link_change){ .up = OFF, .alias = alias, .mac = MAC(8), .mtu = 1300 },
		    e));
	OK(link_rename(&h->net.rt, if_nametoindex("nic0"), "wan", e));
	OK(phys_gc(&h->net, e));
	assert_restored(h);
	OK(phys_gc(&h->net, e));
}

/* A virtual one is gone with its namespace; a card may still be in one that others hold. */
static void test_gc_gone(void **state)
{
	struct host *h = *state;
	struct phys_info p = { .name = "nic0", .inside = "wan", .owner = "0123456789ab" }, got;
	struct proc_id dead;
	pid_t pid = sleeper(&dead);

	end(pid);
	p.holder = dead;
	OK(phys_record_save(&h->net, &p));
	OK(phys_gc(&h->net, e));
	assert_int_equal(phys_record_load(&h->net, "nic0", &got), 0);
	snprintf(p.kind, sizeof(p.kind), "veth");
	OK(phys_record_save(&h->net, &p));
	OK(phys_gc(&h->net, e));
	assert_int_equal(phys_record_load(&h->net, "nic0", &got), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_host(test_there_and_back), on_host(test_names),   on_host(test_refused),
		on_host(test_gc_back),	      on_host(test_gc_gone),
	};
	int r = sandbox();

	return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
