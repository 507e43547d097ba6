/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * app - one invocation of the program: the options that every command takes,
 * the configuration, the state root, and how errors and results leave.
 */
#ifndef CT_CLI_APP_H
#define CT_CLI_APP_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/opt.h"
#include "core/base/err.h"
#include "net/store.h"

struct cmd;

struct app {
	char *const *argv; /* of the process, as it was called */
	const char *prog; /* "ctnet", "ctrun", "ct net": in front of errors */
	const char *called; /* the same with the command's name: in front of a synopsis */
	const struct cmd *cmd;
	bool help, version, trace, quiet, json;
	const char *root, *config; /* paths */
	bool usage; /* the error is in how we were called */

	int root_fd; /* -1 until app_open_root */
	struct net_config net_config;
	char defs_dir[4096];
	char *cgroup_parent; /* NULL: the top */
	uint32_t userns_first, userns_count; /* [userns] range; count 0: not said */
	struct ip_addr publish[4]; /* [publish] address: where ports are published by default */
	size_t n_publish; /* 0: on every address */
};

extern const struct opt app_opts[]; /* for struct app */
extern const struct opt app_opts_v[]; /* the same with -v for --trace */

#define DEFAULT_ROOT   "/run/ctnet"
#define DEFAULT_CONFIG "/etc/ctnet/ctnet.conf"

/*
 * Parses the words behind the command with its table into args; afterwards at
 * least min and at most max words (max < 0: any) are left in argv. Returns
 * their count; -EINVAL marks the error as one of usage; -ECANCELED when help
 * or the version was asked for, which the caller of the command prints.
 */
int app_parse(struct app *app, void *args, int argc, char **argv, int min, int max, struct err *e);
/* Marks r as an error of usage (exit status 2, or 125), returns it. */
int app_usage(struct app *app, int r);

/* Reads the configuration file; an absent default one is no error. */
int app_load_config(struct app *app, struct err *e);
/* CAP_SYS_ADMIN and CAP_NET_ADMIN are there; -EPERM. */
int app_check_privileges(struct app *app, struct err *e);
/*
 * For every command that touches state or kernel: the privileges are there,
 * configuration read, state root open, rubbish of the dead removed (of at
 * most sweep containers, 0: all).
 */
int app_open(struct app *app, unsigned sweep, struct err *e);
/* app_open, then the networks of this namespace. */
int app_open_net(struct app *app, struct net *net, unsigned sweep, struct err *e);
void app_close(struct app *app);

/*
 * "WHAT will be removed. Go on?", on stderr, answered with yes. Not asked, and
 * yes, when force, or when stdin is no terminal: who runs it from a script has
 * said what is wanted.
 */
bool app_confirm(bool force, const char *what);

/* "PROG: message" and the hint on stderr. */
void app_print_error(const struct app *app, const struct err *e);

#define SWEEP_ALL  0u
#define SWEEP_SOME 16u /* per container start: constant cost */

#endif
