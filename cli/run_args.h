/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_args - the options of ctrun, as a table that fills a struct ct_spec and
 * the networks beside it.
 */
#ifndef CT_CLI_RUN_ARGS_H
#define CT_CLI_RUN_ARGS_H

#include "cli/run_net.h"
#include "cli/run_ns.h"
#include "cli/run_ports.h"
#include "core/oci.h"
#include "core/seccomp_profile.h"
#include "core/spec.h"

#define RUN_LABEL_PARTS 4 /* user, role, type, level */

struct run_args {
	struct ct_spec spec;
	struct run_nets nets;
	struct run_ns ns;
	struct run_ports ports;
	struct strv dns, add_host;
	struct strv owned; /* copies that the spec points into */
	struct strv mask, unmask; /* paths, see mount_mask.h */
	int *archives; /* open while unpacked ones are in use, see run_archives.h */
	size_t n_archives;
	bool named; /* --name was given */
	bool log_given; /* --log-driver or --log-opt was */
	const char *health_argv[4]; /* of --health-cmd */
	uint64_t cap_add, cap_drop;
	enum { SWITCH_UNSET, SWITCH_ON, SWITCH_OFF } no_new_privs;
	const char *seccomp; /* a file, "unconfined", "default"; NULL: not said */
	struct seccomp_filter filter; /* of the file */
	const char *label[RUN_LABEL_PARTS]; /* of SELinux, those that were given */
	const char *bundle_dir; /* --bundle */
	struct oci_bundle bundle; /* what it says beside the spec */
};

/* What can be judged only when all options are known. */
int run_args_finish(struct run_args *a, struct err *e);
void run_args_free(struct run_args *a);

/* Before the start, with the state root open: profile and labels, which the spec borrows. */
int run_safety_prepare(struct run_args *a, int root_fd, struct err *e);
/* Whether the container could get at this program's file and keep it: see core/self.h. */
bool run_safety_outlived(const struct run_args *a);

#endif
