/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_files - the files of ours that a container sees: /etc/hosts,
 * /etc/resolv.conf, /etc/hostname. They are mounted read-only, never written
 * into a root file system.
 */
#ifndef CT_CLI_RUN_FILES_H
#define CT_CLI_RUN_FILES_H

#include "cli/run_net.h"

#define RUN_FILES_MAX 3

struct run_files {
	struct ct_file v[RUN_FILES_MAX];
	char *texts[RUN_FILES_MAX]; /* owned */
	size_t n;
};

struct run_files_args {
	const struct run_nets *nets;
	const struct strv *dns, *add_host; /* --dns ADDR, --add-host NAME:ADDR */
};

/* Whether the shared hosts file of one network does not do. */
bool run_files_own_hosts(const struct run_files_args *args);

/* What is there before the contents: where they go. */
void run_files_targets(struct run_files *f);
/* Fills *ret, emptied, with descriptors; run_files_close closes them. */
int run_files_open(struct app *app, struct net *net, const struct ct_spec *spec,
		   const struct run_files_args *args, struct run_files *ret, struct err *e);
void run_files_close(struct run_files *f);

/* Checks one --add-host. */
int run_files_check_host(const char *value, struct err *e);

#endif
