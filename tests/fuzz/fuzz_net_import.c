/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as GraphML, or as a topology in Mininet's words: refused with a word, or a
 * lab file that is read without an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/topology.h"
#include "tests/fuzz/fuzz.h"

static void check_lab(const char *text, size_t len)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_topology_ struct topology t = { 0 };

	fuzz_check(topology_parse("f", text, len, &t, &p) == 0);
}

static void graphml(const char *in, size_t size)
{
	_cleanup_free_ char *text = NULL;
	struct err e = ERR_INIT;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r = topology_from_graphml("g.graphml", in, size, NULL, f, &e);

	fclose(f);
	if (r < 0)
		fuzz_check(e.msg[0]);
	else
		check_lab(text, len);
}

/* Topologies of hundreds and more take their time. */
static bool is_small(const char *words)
{
	size_t n;

	for (; *words; words += n ? n : 1) {
		n = strspn(words, "0123456789");
		if (n > 1 || (n && *words > '4'))
			return false;
	}
	return true;
}

static void mininet(const char *in)
{
	_cleanup_free_ char *text = NULL;
	struct err e = ERR_INIT;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r = topology_from_mininet(in, NULL, f, &e);

	fclose(f);
	if (r < 0)
		fuzz_check(e.msg[0]);
	else
		check_lab(text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);

	graphml(text, size);
	if (is_small(text))
		mininet(text);
	return 0;
}
