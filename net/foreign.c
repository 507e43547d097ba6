/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/foreign.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"

struct foreign {
	struct foreign_nft *nft;
	struct foreign_xt *xt;
	size_t n_xt;
};

void foreign_free(struct foreign *f)
{
	if (!f)
		return;
	foreign_nft_free(f->nft);
	for (size_t i = 0; i < f->n_xt; i++)
		free(f->xt[i].entries);
	free(f->xt);
	free(f);
}

int foreign_read(struct nl *nft, struct foreign **ret, struct err *e)
{
	_cleanup_foreign_ struct foreign *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_sys(e, ENOMEM, "read the packet filters");
	r = foreign_nft_read(nft, &f->nft, e);
	if (r >= 0)
		r = foreign_xt_read(NFPROTO_IPV4, &f->xt, &f->n_xt, e);
	if (r >= 0)
		r = foreign_xt_read(NFPROTO_IPV6, &f->xt, &f->n_xt, e);
	if (r < 0)
		return r;
	*ret = take_ptr(f);
	return 0;
}

int foreign_drops(const struct foreign *f, const struct foreign_packet *p, foreign_fn *fn,
		  void *ctx)
{
	static const char *const chains[NF_INET_NUMHOOKS] = { "PREROUTING", "INPUT", "FORWARD",
							      "OUTPUT", "POSTROUTING" };
	int r = foreign_nft_drops(f->nft, p, fn, ctx);

	for (size_t i = 0; i < f->n_xt && r >= 0; i++) {
		const struct foreign_xt *t = &f->xt[i];
		struct foreign_chain c = { .tool = FOREIGN_IPTABLES_LEGACY,
					   .family = t->family,
					   .table = t->table,
					   .chain = chains[p->hook] };

		if (t->family != p->family || !(t->valid_hooks & 1u << p->hook))
			continue;
		r = foreign_xt_verdict(t, p);
		if (r == NF_DROP) {
			c.docker_user = foreign_xt_has(t, "DOCKER-USER");
			r = fn(&c, ctx);
		}
	}
	return r < 0 ? r : 0;
}

static enum foreign_match port_match(const uint16_t spts[2], const uint16_t dpts[2], bool inverted,
				     uint16_t dport)
{
	bool in;

	if (inverted || spts[0] != 0 || spts[1] != UINT16_MAX)
		return FOREIGN_UNKNOWN;
	if (!dport && !(dpts[0] == 0 && dpts[1] == UINT16_MAX))
		return FOREIGN_UNKNOWN;
	in = dport >= dpts[0] && dport <= dpts[1];
	return in ? FOREIGN_YES : FOREIGN_NO;
}

enum foreign_match foreign_xt_match(const char *name, const void *data, size_t len,
				    const struct foreign_packet *p)
{
	const struct xt_tcp *tcp = data;
	const struct xt_udp *udp = data;

	if (!strcmp(name, "comment"))
		return FOREIGN_YES;
	if (!strcmp(name, "udp") && len >= sizeof(*udp))
		return p->proto && p->proto != IPPROTO_UDP
			       ? FOREIGN_NO
			       : port_match(udp->spts, udp->dpts, udp->invflags, p->dport);
	if (!strcmp(name, "tcp") && len >= sizeof(*tcp))
		return p->proto && p->proto != IPPROTO_TCP
			       ? FOREIGN_NO
			       : port_match(tcp->spts, tcp->dpts,
					    tcp->invflags || tcp->flg_mask || tcp->option,
					    p->dport);
	return FOREIGN_UNKNOWN;
}

uint32_t foreign_xt_target(const char *name)
{
	return !strcmp(name, "REJECT") || !strcmp(name, "DROP") ? NF_DROP : XT_CONTINUE;
}
