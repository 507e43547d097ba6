/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a table of iptables-legacy: walked for packets of both
 * directions, and searched for a chain.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first two bytes say where the chain and its policy begin; the rest are entries. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct foreign_packet p = {
		.hook = NF_INET_FORWARD, .in = "bridge0", .out = "eth0", .proto = 17, .dport = 53
	};
	static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	struct foreign_xt t = { .valid_hooks = 1u << NF_INET_FORWARD };

	if (size < 2)
		return 0;
	t.size = (uint32_t)(size - 2);
	t.hook_entry[NF_INET_FORWARD] = data[0] * 8u;
	t.underflow[NF_INET_FORWARD] = data[1] * 8u;
	/* memory of its own, so that a byte too far is noticed */
	t.entries = malloc(t.size ? t.size : 1);
	if (!t.entries)
		return 0;
	memcpy(t.entries, data + 2, t.size);
	for (size_t i = 0; i < sizeof(families); i++) {
		int r;

		t.family = p.family = families[i];
		r = foreign_xt_verdict(&t, &p);
		if (r > NF_ACCEPT)
			abort();
		foreign_xt_has(&t, "DOCKER-USER");
	}
	free(t.entries);
	return 0;
}
