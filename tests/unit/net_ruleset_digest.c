/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as they may be answered: those that libnftnl cannot read are refused before it tries. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netfilter/nf_tables.h>

#include "net/nft.h"
#include "net/nft_batch.h"
#include "net/ruleset_digest.h"

/* A rule of one expression; name NULL: it has none. jump: of an immediate, to nowhere. */
static int digest(const char *name, size_t len, bool jump, struct ruleset_digest *ret)
{
	_cleanup_nft_batch_ struct nft_batch *b = nft_batch_new();
	const struct nft_where *w = &ruleset_where[RULESET_INET];
	struct nlmsghdr *msg = nft_msg_begin(b, NFT_MSG_NEWRULE, w->family, 0, "add rule");
	struct nlattr *all, *one;

	assert_non_null(msg);
	mnl_attr_put_strz(msg, NFTA_RULE_TABLE, w->table);
	mnl_attr_put_strz(msg, NFTA_RULE_CHAIN, ruleset_chains[0].spec.name);
	all = mnl_attr_nest_start(msg, NFTA_RULE_EXPRESSIONS);
	one = mnl_attr_nest_start(msg, NFTA_LIST_ELEM);
	if (name)
		mnl_attr_put(msg, NFTA_EXPR_NAME, len, name);
	if (jump) {
		struct nlattr *in = mnl_attr_nest_start(msg, NFTA_EXPR_DATA);
		struct nlattr *data = mnl_attr_nest_start(msg, NFTA_IMMEDIATE_DATA);
		struct nlattr *verdict = mnl_attr_nest_start(msg, NFTA_DATA_VERDICT);

		mnl_attr_put_u32(msg, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_JUMP));
		mnl_attr_nest_end(msg, verdict);
		mnl_attr_nest_end(msg, data);
		mnl_attr_nest_end(msg, in);
	}
	mnl_attr_nest_end(msg, one);
	mnl_attr_nest_end(msg, all);
	nft_msg_end(b, msg);
	return ruleset_digest_batch(b, ret);
}

static void test_unreadable(void **state)
{
	struct ruleset_digest d;

	(void)state;
	assert_int_equal(digest(NULL, 0, false, &d), -EBADMSG);
	assert_int_equal(digest("notrack", 7, false, &d), -EBADMSG); /* without an end */
	assert_int_equal(digest("notrack", 8, false, &d), 0);
	assert_int_not_equal(d.chain[0], 0);
	assert_int_equal(digest("immediate", 10, true, &d), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_unreadable) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
