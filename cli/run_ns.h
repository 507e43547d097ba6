/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_ns - the namespaces of a container as ctrun's options say them, until they
 * are in its spec.
 */
#ifndef CT_CLI_RUN_NS_H
#define CT_CLI_RUN_NS_H

#include <stdbool.h>

#include "core/spec.h"

struct app;
struct err;

struct run_ns {
	const char *join[CT_NS_KINDS]; /* "container:NAME", "ns:PATH"; NULL: neither */
	bool said[CT_NS_KINDS]; /* by an option of its own */
	unsigned only; /* bits of kinds, and of RUN_NS_NET; 0: all as ever */
	bool auto_ids; /* --userns auto was said */
	bool no_rootfs_idmap;
	/* --timens for one clock, or for both */
	bool monotonic, boottime;
};

#define RUN_NS_NET (1u << CT_NS_KINDS)

/* Opens what is to be joined; the state root is open. Closed by run_ns_close(). */
int run_ns_open(struct app *app, const struct run_ns *ns, struct ct_spec *spec, struct err *e);
void run_ns_close(struct ct_spec *spec);

#endif
