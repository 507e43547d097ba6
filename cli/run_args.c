/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/bundle.h"
#include "cli/cmd.h"
#include "cli/limit_opts.h"
#include "cli/run_opts.h"
#include "cli/run_archives.h"
#include "cli/run_files.h"
#include "cli/values.h"
#include "core/base/err.h"
#include "core/account.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"

static int set_name(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	a->spec.name = value;
	a->named = true;
	return name_check("container", value, NAME_MAX_CT, e);
}

static int set_hostname(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	a->spec.hostname = value;
	return name_check("host", value, NAME_MAX_CT, e);
}

static int set_net(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return run_nets_add(&a->nets, value, e);
}

static int set_publish(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return run_ports_add(&a->ports, value, e);
}

static int set_user(void *args, const char *value, struct err *e)
{
	struct ct_spec *s = &((struct run_args *)args)->spec;

	return account_parse(value, &s->uid, &s->gid, &s->user, e);
}

static int add_group(void *strv, const char *value, struct err *e)
{
	int r = account_check_group(value, e);

	return r < 0 ? r : strv_add(strv, value);
}

static int set_dns(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	struct ip_addr ip;
	int r = parse_ip(value, &ip, e);

	return r < 0 ? r : strv_add(&a->dns, value);
}

static int set_add_host(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	int r = run_files_check_host(value, e);

	return r < 0 ? r : strv_add(&a->add_host, value);
}

const struct opt run_opts[] = {
	OPT_HEADING("Identity"),
	FN("name", 0, "NAME", set_name, "resolves on its networks (default: the id)"),
	FN("hostname", 0, "NAME", set_hostname, "default: the name"),
	AT("label", 0, "K=V", spec.labels, value_label, "repeatable"),
	AT("env", 'e', "K[=V]", spec.env, value_env,
	   "environment variable; without V the caller's value"),
	AT("env-file", 0, "FILE", spec.env, value_env_file, "one K=V a line"),
	ROW("env-host", 0, OPT_FLAG, NULL, spec.env_host, "pass the caller's environment on"),
	AT("workdir", 'w', "DIR", spec.workdir, value_absolute, "default: /"),
	FN("user", 'u', "USER[:GROUP]", set_user,
	   "numbers, or names of the container's own files (default: 0:0)"),
	AT("group-add", 0, "GROUP", spec.groups, add_group, "supplementary group, repeatable"),
	ROW("init", 0, OPT_FLAG, NULL, spec.init,
	    "process 1 is a reaper that passes signals on to the command"),
	AT("tty", 't', "[no]", spec.tty, value_tty,
	   "a terminal (default: if stdin and stdout are terminals)"),
	ROW("interactive", 'i', OPT_FLAG, NULL, spec.interactive,
	    "keep stdin open (always so; accepted for habit)"),
	OPT_HEADING("Network"),
	FN("net", 0, "NET[:k=v,..]", set_net,
	   "join NET (ip= ip6= mac= ifname= alias=), repeatable; or none, host,\n"
	   "                                  container:NAME, ns:NAME (default: lo only)"),
	FN("publish", 'p', "PORT:PORT", set_publish,
	   "port of the host for one of the container, repeatable:\n"
	   "                                  [HOSTIP:]HOSTPORT[-END]:PORT[/tcp|udp|sctp];\n"
	   "                                  0: a free one"),
	FN("dns", 0, "ADDR", set_dns, "name server, repeatable"),
	FN("add-host", 0, "NAME:ADDR", set_add_host, "line for /etc/hosts, repeatable"),
	OPT_INCLUDE(run_files_opts),
	OPT_INCLUDE(run_ns_opts),
	OPT_INCLUDE_AT(struct run_args, spec.limits, limit_opts),
	OPT_INCLUDE(run_limits_opts),
	OPT_INCLUDE(run_safety_opts),
	OPT_INCLUDE(run_life_opts),
	OPT_END,
};

int run_args_finish(struct run_args *a, struct err *e)
{
	int r = bundle_finish(a, e);

	if (r >= 0)
		r = run_files_finish(a, e);
	if (r >= 0)
		r = run_life_finish(a, e);
	if (r >= 0)
		r = run_ns_finish(a, e);
	return r < 0 ? r : run_safety_finish(a, e);
}

void run_args_free(struct run_args *a)
{
	run_nets_free(&a->nets);
	run_ports_free(&a->ports);
	strv_free(&a->dns);
	strv_free(&a->add_host);
	seccomp_filter_free(&a->filter);
	strv_free(&a->mask);
	strv_free(&a->unmask);
	run_archives_free(a);
	ct_spec_free(&a->spec);
	oci_free(&a->bundle);
	strv_free(&a->owned);
}
