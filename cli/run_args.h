/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_args - the options of ctrun, as a table that fills a struct ct_spec and
 * the networks beside it.
 */
#ifndef CT_CLI_RUN_ARGS_H
#define CT_CLI_RUN_ARGS_H

#include "cli/run_net.h"
#include "cli/run_ports.h"
#include "core/oci.h"
#include "core/spec.h"

struct run_args {
	struct ct_spec spec;
	struct run_nets nets;
	struct run_ports ports;
	struct strv dns, add_host;
	struct strv owned; /* copies that the spec points into */
	struct strv mask, unmask; /* paths, see mount_mask.h */
	int *archives; /* open while unpacked ones are in use, see run_archives.h */
	size_t n_archives;
	bool named; /* --name was given */
	uint64_t cap_add, cap_drop;
	const char *bundle_dir; /* --bundle */
	struct oci_bundle bundle; /* what it says beside the spec */
};

/* What can be judged only when all options are known. */
int run_args_finish(struct run_args *a, struct err *e);
void run_args_free(struct run_args *a);

#endif
