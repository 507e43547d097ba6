/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_net - where a container meets its networks: the --net option, and the
 * hooks through which the runner lets the networks be attached.
 */
#ifndef CT_CLI_RUN_NET_H
#define CT_CLI_RUN_NET_H

#include "cli/net_keys.h"
#include "cli/run_phys.h"
#include "core/run.h"
#include "core/spec.h"
#include "net/attach.h"
#include "net/resolv.h"

struct app;

#define RUN_NETS_MAX 16

struct run_nets {
	struct run_net v[RUN_NETS_MAX];
	size_t n;
	/* chosen when all are known: names, and families whose default route goes there
	 * (of those that could) */
	char names[RUN_NETS_MAX][NAME_MAX_IF + 1];
	unsigned can[RUN_NETS_MAX], route[RUN_NETS_MAX];
	struct run_physes phys; /* --net phys:IF, beside them */
	struct network *definitions; /* of each, as they were read; NULL before */
	struct resolv_nets resolv; /* what they offer to resolv.conf */
	const char *join; /* "host", "container:X", "ns:PATH"; NULL: its own */
	bool none; /* --net none was said */
};

/* Parses one --net into the list. */
int run_nets_add(struct run_nets *nets, const char *value, struct err *e);
/* What run_nets_prepare() found out, before it is called once more. */
void run_nets_forget(struct run_nets *nets);
void run_nets_free(struct run_nets *nets);

/* Everything the hooks need between prepare and detach. */
struct run_net_ctx {
	struct app *app;
	struct net *net;
	const struct run_nets *nets;
	const struct ct_spec *spec;
	struct port_claim *claim; /* NULL: no ports to publish */
	size_t claim_net; /* on which of the networks */
	/* private */
	struct net_attach wanted[RUN_NETS_MAX];
	struct attach *up[RUN_NETS_MAX];
	struct run_phys_taken phys;
	/* what they were given before, so that one that is started again has it again */
	struct {
		struct ip_addr ip, ip6;
		struct mac_addr mac;
	} had[RUN_NETS_MAX];
};

/*
 * Before anything is built: every network exists, interfaces have their names
 * and the default route its network, and a namespace to join is opened into
 * spec->netns_fd (closed by the caller). Opens *net when needed.
 */
int run_nets_prepare(struct app *app, struct net *net, struct run_nets *nets, struct ct_spec *spec,
		     struct err *e);
struct ct_hooks run_nets_hooks(struct run_net_ctx *ctx);

#endif
