/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests call a link by its number, which is ours: whoever reads an error knows the node
 * and the interface on the other side of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "net/fabric_real.h"

#define WORD "link "

/* False: a number of the kernel's, or of what has no name. */
static bool name_of(const struct fabric *f, unsigned long index, char *buf, size_t size)
{
	unsigned long port = index >= IFB_INDEX ? index - IFB_INDEX : index - PORT_INDEX;

	if (index >= BRIDGE_INDEX && index < PORT_INDEX) {
		snprintf(buf, size, "bridge %lu", index - BRIDGE_INDEX);
		return true;
	}
	if (index < PORT_INDEX || port >= f->n_slots || !f->slots[port].name[0])
		return false;
	snprintf(buf, size, "%s", f->slots[port].name);
	return true;
}

int fabric_failed(const struct fabric *f, int r, struct err *e)
{
	char name[sizeof(f->slots->name)], *at, *end;
	struct err named;
	unsigned long index;

	if (r >= 0 || !e)
		return r;
	at = strstr(e->msg, WORD);
	if (!at)
		return r;
	index = strtoul(at + strlen(WORD), &end, 10);
	if (end == at + strlen(WORD) || !name_of(f, index, name, sizeof(name)))
		return r;
	snprintf(named.msg, sizeof(named.msg), "%.*s%s%s", (int)(at - e->msg), e->msg, name, end);
	memcpy(e->msg, named.msg, sizeof(named.msg));
	return r;
}
