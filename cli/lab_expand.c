/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab expand: the lab file that is left when nothing is left to be filled in. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_file.h"
#include "cli/lab_json.h"
#include "cli/out.h"

static json_t *addrs_json(const struct ip_prefix *v, size_t n)
{
	json_t *all = json_array();
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_string(prefix_str(&v[i], buf)));
	return all;
}

static json_t *iface_json(const struct topology *t, const struct topo_iface *x)
{
	char mac[MAC_STRLEN];
	bool has_mac = mac_is_set(&x->mac);

	return json_pack("{s:s, s:s?, s:i, s:o}", "ifname", x->name, "mac",
			 has_mac ? mac_str(&x->mac, mac) : NULL, "mtu", (int)x->mtu, "addresses",
			 addrs_json(x->addrs, x->n_addrs));
}

static json_t *node_json(const struct topology *t, const struct topo_node *n)
{
	json_t *ifaces = json_array();

	for (size_t i = 0; i < n->n_ifaces; i++)
		json_array_append_new(ifaces, iface_json(t, &t->ifaces[n->ifaces[i]]));
	return json_pack("{s:s, s:s, s:b, s:o, s:o}", "name", n->name, "kind", n->kind_name,
			 "generated", n->generated, "lo", addrs_json(n->lo, n->n_lo), "interfaces",
			 ifaces);
}

static json_t *link_json(const struct topology *t, const struct topo_link *l)
{
	return json_pack("{s:s, s:[o, o], s:s, s:b, s:{s:o, s:o}}", "name", l->name, "ends",
			 lab_end_json(t, l->ifaces[0]), lab_end_json(t, l->ifaces[1]), "wire",
			 l->stitched ? "stitched" : "direct", "down", l->down, "impairments", "ab",
			 lab_impair_json(&l->impair[0]), "ba", lab_impair_json(&l->impair[1]));
}

static json_t *net_json_of(const struct topology *t, const struct topo_net *n)
{
	json_t *members = json_array();

	for (size_t i = 0; i < n->n_members; i++)
		json_array_append_new(members, lab_end_json(t, n->members[i]));
	return json_pack("{s:s, s:o, s:o, s:s?, s:b}", "name", n->name, "subnets",
			 addrs_json(n->subnets, n->n_subnets), "members", members, "gateway",
			 n->gateway == TOPO_NONE ? NULL : t->nodes[n->gateway].name, "stp", n->stp);
}

static json_t *lab_json(const struct topology *t)
{
	json_t *nodes = json_array(), *links = json_array(), *nets = json_array();

	for (size_t i = 0; i < t->n_nodes; i++)
		json_array_append_new(nodes, node_json(t, &t->nodes[i]));
	for (size_t i = 0; i < t->n_links; i++)
		json_array_append_new(links, link_json(t, &t->links[i]));
	for (size_t i = 0; i < t->n_nets; i++)
		json_array_append_new(nets, net_json_of(t, &t->nets[i]));
	return json_pack("{s:s, s:I, s:o, s:o, s:o}", "name", t->name, "seed", (json_int_t)t->seed,
			 "nodes", nodes, "links", links, "nets", nets);
}

int cmd_lab_expand(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	int r = app_parse(app, NULL, argc, argv, 1, 1, e);

	r = r < 0 ? r : lab_file_load(app, argv[0], &t, e);
	if (r < 0)
		return r;
	if (app->json) {
		json_t *all = json_array();

		json_array_append_new(all, lab_json(&t));
		out_json(all);
	} else {
		topology_expand(&t, stdout);
	}
	return 0;
}
