/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as what the networks keep between commands: the record of an attachment, of
 * an interface that is lent, notes of leases, of draining addresses and of processes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/parse.h"
#include "net/attach_real.h"
#include "net/ipam.h"
#include "net/note.h"
#include "net/phys_real.h"
#include "tests/fuzz/fuzz.h"

#define KEY "0123456789ab.eth0"

static bool ends(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

static void attachment(struct net *net)
{
	struct attach_info a;

	if (attach_record_load(net, KEY, &a) < 0)
		return;
	fuzz_check(a.owner[0] && a.network[0] && a.ifname[0]);
	fuzz_check(ends(a.owner, sizeof(a.owner)) && ends(a.network, sizeof(a.network)) &&
		   ends(a.ifname, sizeof(a.ifname)) && ends(a.host_ifname, sizeof(a.host_ifname)) &&
		   ends(a.name, sizeof(a.name)));
	fuzz_check(a.n_addrs <= ARRAY_SIZE(a.addrs));
	attach_alive(&a);
	attach_host_taken(net, a.host_ifname);
	attach_mac(&a);
}

static void lent(struct net *net)
{
	struct phys_info p;

	if (phys_record_load(net, "eth7", &p) >= 0)
		fuzz_check(p.name[0] && p.owner[0] && ends(p.inside, sizeof(p.inside)) &&
			   ends(p.kind, sizeof(p.kind)) && ends(p.alias, sizeof(p.alias)));
}

static int see(const struct ip_addr *a, const char *owner, void *ctx)
{
	fuzz_check(ip_is_set(a) && owner[0]);
	return 0;
}

/* Whatever stands there, an address is leased that is in the subnet and nobody's. */
static void leases(struct net *net)
{
	struct ipam_pool pool = { .network = "n" };
	struct ip_addr a = { 0 };
	char link[16], who[96];
	struct proc_id id;

	parse_subnet("10.9.0.0/29", &pool.subnet, NULL);
	ipam_list(net, "n", see, NULL);
	ipam_any_draining(net, "n", link);
	note_get_proc(net->state_fd, "proc", &id);
	if (ipam_lease(net, &pool, NULL, KEY, &a, NULL) < 0)
		return;
	fuzz_check(prefix_has(&pool.subnet, &a));
	fuzz_check(ipam_holder(net, "n", &a, who, sizeof(who)) > 0 && !strcmp(who, KEY));
}

/* Parts: the records of both kinds, then lines: note of a lease, of one that drains, of where
 * the last choice ended, of a process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const notes[] = { "leases/n/10.9.0.2", "drain/n/10.9.0.2",
					     "cursor/n/10.9.0.0", "proc" };
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *part = fuzz_part(&at);
	struct net_config config = { .n_pools = 0 };
	struct net net = NET_INIT;

	net.config = &config;
	net.state_fd = fuzz_dir();
	dir_remove_at(net.state_fd, "leases");
	dir_remove_at(net.state_fd, "drain");
	fuzz_file("attach/" KEY, part, strlen(part));
	part = fuzz_part(&at);
	fuzz_file("phys/eth7", part, strlen(part));
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		size_t n = strcspn(at, "\n");

		part = at;
		at += n + (at[n] == '\n');
		part[n] = '\0';
		fuzz_link(notes[i], part);
	}
	attachment(&net);
	lent(&net);
	leases(&net);
	return 0;
}
