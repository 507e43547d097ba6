/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a lab file: it is refused with a position, or what expand makes of
 * it is a lab file too, and stays the same from then on.
 */
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/topology.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *expand(const struct topology *t, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	if (!f)
		abort();
	topology_expand(t, f);
	fclose(f);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_topology_ struct topology t = { 0 }, again = { 0 };
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_free_ char *one = NULL, *two = NULL;
	size_t len;

	if (topology_parse("f", (const char *)data, size, &t, &p) < 0) {
		if (!p.errors)
			abort();
		for (size_t i = 0; i < p.n; i++)
			if (!str_starts(p.v[i].msg, "f:"))
				abort();
		return 0;
	}
	if (t.n_nodes > 500) /* a generator of a large number takes its time */
		return 0;
	one = expand(&t, &len);
	if (topology_parse("f", one, len, &again, &p) < 0)
		abort();
	two = expand(&again, &len);
	if (strcmp(one, two) != 0)
		abort();
	return 0;
}
