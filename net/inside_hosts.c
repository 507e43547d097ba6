/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/inside.h"

static void write_name(FILE *f, const struct topology *t, uint32_t node, uint8_t family)
{
	const struct topo_target self = { .node = node, .iface = TOPO_NONE };
	const struct topo_node *n = &t->nodes[node];
	char buf[IP_STRLEN];
	struct ip_addr a;

	if (!topology_target_addr(t, &self, family, &a))
		return;
	fprintf(f, "%s\t%s", ip_str(&a, buf), n->name);
	if (n->hostname && strcmp(n->hostname, n->name) != 0)
		fprintf(f, " %s", n->hostname);
	fputc('\n', f);
}

int inside_hosts(const struct topology *t, FILE *f)
{
	fputs("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", f);
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		write_name(f, t, i, AF_INET);
		write_name(f, t, i, AF_INET6);
	}
	return ferror(f) ? -EIO : 0;
}
