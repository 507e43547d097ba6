/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/kernel.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "net/nl.h"
#include "tests/fuzz/fuzz.h"

/* The linker's name for what stands in place of nl_exchange(). */
int __wrap_nl_exchange(struct nl *nl, const struct nl_exchange *x, struct err *e);

static void *answer;
static size_t answer_len;

void kernel_forget(void)
{
	free(answer);
	answer = NULL;
	answer_len = 0;
}

void kernel_says(const uint8_t *data, size_t size)
{
	kernel_forget();
	answer = fuzz_text(data, size);
	answer_len = size;
}

/* RTM_GETLINK is answered by RTM_NEWLINK, IPCTNL_MSG_CT_GET by IPCTNL_MSG_CT_NEW. */
static uint16_t type_wanted(const struct nlmsghdr *request)
{
	return (uint16_t)(request->nlmsg_type - (NFNL_SUBSYS_ID(request->nlmsg_type) ? 1 : 2));
}

static int error_of(const struct nlmsghdr *msg)
{
	const struct nlmsgerr *ack = nl_msg_extra(msg, sizeof(*ack));

	return ack && ack->error < 0 && ack->error > -4096 ? ack->error : 0;
}

int __wrap_nl_exchange(struct nl *nl, const struct nl_exchange *x, struct err *e)
{
	const struct nlmsghdr *msg;
	const void *at = answer;
	size_t len = answer_len;
	int r = 0;

	(void)nl;
	while (r >= 0 && (msg = nl_next_msg(&at, &len))) {
		if (msg->nlmsg_type == NLMSG_ERROR)
			r = error_of(msg);
		else if (x->reply && msg->nlmsg_type == type_wanted(x->buf))
			r = x->reply(msg, x->reply_ctx);
		if (r < 0)
			return err_sys(e, r, "answer");
	}
	return 0;
}
