/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any messages as the kernel's nftables ruleset: tables, the generation, ours as it is
 * compared, and that of others, through whose chains packets are led.
 */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/foreign.h"
#include "net/nft.h"
#include "net/ruleset_digest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/kernel.h"

static int see(const struct foreign_chain *c, void *ctx)
{
	fuzz_check(c->table && c->chain && strcmp(c->table, "ctnet"));
	return 0;
}

static void others(struct nl *nl)
{
	static const struct foreign_packet packets[] = {
		{ NFPROTO_IPV4, NF_INET_FORWARD, "bridge0", "eth0", 6, 80 },
		{ NFPROTO_IPV6, NF_INET_FORWARD, "eth0", "bridge0", 17, 53 },
		{ NFPROTO_IPV4, NF_INET_LOCAL_IN, "bridge0", "", 0, 0 },
		{ NFPROTO_BRIDGE, NF_INET_FORWARD, "", "ve0123456789ab0", 6, 443 },
	};
	struct foreign_nft *f = NULL;
	struct err e = ERR_INIT;

	if (foreign_nft_read(nl, &f, &e) < 0) {
		fuzz_check(e.msg[0] && !f);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
		foreign_nft_drops(f, &packets[i], see, NULL);
	foreign_nft_free(f);
}

/* Read twice it is the same. */
static void ours(struct nl *nl)
{
	struct ruleset_digest one, two;
	struct err e = ERR_INIT;

	if (ruleset_digest_kernel(nl, &one, &e) < 0) {
		fuzz_check(e.num < 0);
		return;
	}
	fuzz_check(ruleset_digest_kernel(nl, &two, NULL) >= 0 && !memcmp(&one, &two, sizeof(one)));
}

/*
 * Rules of ours are read by libnftnl, which ends the process over one that no kernel
 * makes: they become messages that nobody asks for.
 */
static void hide_rules(uint8_t *data, size_t size)
{
	const struct nlmsghdr *msg;
	const void *at = data;

	while ((msg = nl_next_msg(&at, &size)))
		if (msg->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE))
			((struct nlmsghdr *)(uintptr_t)msg)->nlmsg_type = NLMSG_NOOP;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nft_where where = { NFPROTO_INET, "ctnet" };
	struct nl nl = NL_INIT;
	struct err e = ERR_INIT;
	_cleanup_free_ char *copy = fuzz_text(data, size);
	uint32_t n, flags;

	hide_rules((uint8_t *)copy, size);
	kernel_says((const uint8_t *)copy, size);
	nft_table_get(&nl, &where, &n, &flags, NULL);
	fuzz_check(nft_generation(&nl, &n, &e) < 0 ? e.msg[0] != 0 : n != 0);
	ours(&nl);
	kernel_says(data, size);
	others(&nl);
	kernel_forget();
	return 0;
}
