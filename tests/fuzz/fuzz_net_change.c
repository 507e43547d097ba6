/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any two texts as a lab before and after a change: what lies between them, none between
 * a lab and itself; and pictures of the lab in every form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology.h"
#include "net/topology_diff.h"
#include "tests/fuzz/fuzz.h"

#define NODES 50 /* more take their time, and tell no more */

static bool parse(const char *text, struct topology *t)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };

	return topology_parse("f", text, strlen(text), t, &p) == 0 && t->n_nodes <= NODES;
}

static void check_diff(const struct topology *a, const struct topology *b, bool same)
{
	struct topo_diff d = { 0 };

	fuzz_check(topology_diff(a, NULL, b, &d) >= 0);
	fuzz_check(!same || !d.n);
	for (size_t i = 0; i < d.n; i++)
		fuzz_check(d.v[i].text && d.v[i].text[0] && topo_change_word(d.v[i].what));
	topology_diff_free(&d);
}

static void draw(const struct topology *t)
{
	for (int format = TOPO_DOT; format <= TOPO_HTML; format++) {
		_cleanup_free_ char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		fuzz_check(f && topology_graph(t, (enum topo_format)format, f) >= 0);
		fclose(f);
		fuzz_check(len && !memchr(text, '\0', len));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_topology_ struct topology before = { 0 }, after = { 0 };
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *first = fuzz_part(&at);

	if (!parse(first, &before))
		return 0;
	check_diff(&before, &before, true);
	draw(&before);
	if (!parse(at, &after))
		return 0;
	check_diff(&before, &after, false);
	check_diff(&after, &before, false);
	return 0;
}
