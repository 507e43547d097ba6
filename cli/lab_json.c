/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_json.h"

json_t *lab_end_json(const struct topology *t, uint32_t iface)
{
	const struct topo_iface *x = &t->ifaces[iface];

	return json_sprintf("%s:%s", t->nodes[x->node].name, x->name);
}

json_t *lab_impair_json(const struct topo_impair *i)
{
	json_t *o = json_object();
	char buf[IMPAIR_STRLEN];

	for (unsigned p = 0; p < TOPO_PARAMS; p++)
		if (i->v[p])
			json_object_set_new(o, impair_name((enum topo_param)p),
					    json_string(impair_value(i, (enum topo_param)p, buf)));
	return o;
}
