/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_args.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/opt.h"
#include "cli/run_files.h"
#include "cli/values.h"
#include "cli/volume.h"
#include "core/base/err.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/caps.h"
#include "core/rlimit.h"

#define NET_RAW	  (1ull << CAP_NET_RAW)
#define NET_ADMIN (1ull << CAP_NET_ADMIN)

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
	struct run_args *a = args;
	uint32_t gid;
	int r = parse_user(value, &a->spec.uid, &gid, e);

	if (r >= 0)
		a->spec.gid = gid == UINT32_MAX ? 0 : gid;
	return r;
}

static int set_rootfs(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	/* a variable that was not set must not become the host's root, or no layer */
	if (!*value || *value == ':' || strstr(value, "::") || value[strlen(value) - 1] == ':')
		return err_set(e, EINVAL, "'%s' has an empty path", value);
	return strv_split(&a->spec.rootfs, value, ":");
}

static int set_host_root(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (strcmp(value, "all"))
		return err_set(e, EINVAL, "'%s': the only word here is 'all'", value);
	a->spec.host_root_all = true;
	return 0;
}

static int set_volume(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return volume_add(&a->spec, &a->owned, value, e);
}

static int set_tmpfs(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return volume_add_tmpfs(&a->spec, &a->owned, value, e);
}

static int set_cap_add(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_add |= mask;
	/* by name: ALL alone does not ask for packet sockets */
	if (mask == NET_RAW || mask == NET_ADMIN)
		a->spec.packet_sockets = true;
	return r;
}

static int set_cap_drop(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_drop |= mask;
	return r;
}

static int set_seccomp(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (strcmp(value, "unconfined"))
		return err_set(e, EINVAL, "'%s': this version knows only 'unconfined'", value);
	a->spec.seccomp_unconfined = true;
	return 0;
}

static int set_ulimit(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	struct ct_rlimit lim, *grown;
	int r = rlimit_parse(value, &lim, e);

	if (r < 0)
		return r;
	grown = realloc(a->spec.rlimits, (a->spec.n_rlimits + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[a->spec.n_rlimits++] = lim;
	a->spec.rlimits = grown;
	return 0;
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

#define HEAD(text)                                     \
	{                                              \
		text, 0, OPT_FLAG, NULL, 0, NULL, NULL \
	}
#define FN(name, letter, arg, fn, help)                \
	{                                              \
		name, letter, OPT_FN, arg, 0, help, fn \
	}
#define ROW(name, letter, type, arg, member, help)                                     \
	{                                                                              \
		name, letter, type, arg, offsetof(struct run_args, member), help, NULL \
	}

#define AT(name, letter, arg, member, fn, help)                                        \
	{                                                                              \
		name, letter, OPT_FN, arg, offsetof(struct run_args, member), help, fn \
	}

const struct opt run_opts[] = {
	HEAD("Identity"),
	FN("name", 0, "NAME", set_name, "resolves on its networks (default: the id)"),
	FN("hostname", 0, "NAME", set_hostname, "default: the name"),
	AT("label", 0, "K=V", spec.labels, value_label, "repeatable"),
	AT("env", 'e', "K[=V]", spec.env, value_env,
	   "environment variable; without V the caller's value"),
	AT("env-file", 0, "FILE", spec.env, value_env_file, "one K=V a line"),
	ROW("env-host", 0, OPT_FLAG, NULL, spec.env_host, "pass the caller's environment on"),
	AT("workdir", 'w', "DIR", spec.workdir, value_absolute, "default: /"),
	FN("user", 'u', "UID[:GID]", set_user, "default: 0:0"),
	AT("tty", 't', "[no]", spec.tty, value_tty,
	   "a terminal (default: if stdin and stdout are terminals)"),
	ROW("interactive", 'i', OPT_FLAG, NULL, spec.interactive,
	    "keep stdin open (always so; accepted for habit)"),
	HEAD("Network"),
	FN("net", 0, "NET[:k=v,..]", set_net,
	   "join NET (ip= ip6= mac= ifname= alias=), repeatable; or none, host,\n"
	   "                                  container:NAME, ns:NAME (default: lo only)"),
	FN("publish", 'p', "PORT:PORT", set_publish,
	   "port of the host for one of the container, repeatable:\n"
	   "                                  [HOSTIP:]HOSTPORT[-END]:PORT[/tcp|udp|sctp];\n"
	   "                                  0: a free one"),
	FN("dns", 0, "ADDR", set_dns, "name server, repeatable"),
	FN("add-host", 0, "NAME:ADDR", set_add_host, "line for /etc/hosts, repeatable"),
	HEAD("Files"),
	FN("rootfs", 0, "DIR[:DIR..]", set_rootfs,
	   "layers, topmost first (default: the host's root, copy-on-write)"),
	ROW("read-only", 0, OPT_FLAG, NULL, spec.read_only, "no writable layer"),
	ROW("rootfs-rw", 0, OPT_FLAG, NULL, spec.rootfs_rw, "write through to the one DIR"),
	ROW("upper", 0, OPT_STR, "DIR", spec.upper, "keep the writable layer there"),
	ROW("upper-size", 0, OPT_SIZE, "SIZE", spec.upper_size,
	    "of the writable layer in memory (default 512M)"),
	FN("host-root", 0, "all", set_host_root, "show the host's whole root, secrets included"),
	FN("volume", 'v', "SRC:DST[:OPT,..]", set_volume, "bind mount; ro, rro, exec"),
	FN("tmpfs", 0, "DST[:OPT,..]", set_tmpfs, "size=, mode=, exec"),
	HEAD("Limits"),
	ROW("memory", 'm', OPT_SIZE, "SIZE", spec.limits.memory, "bytes, or with K M G"),
	ROW("cpus", 0, OPT_CPUS, "N", spec.limits.cpus_milli, "CPU time, as 0.2 or 2"),
	ROW("pids", 0, OPT_U32, "N", spec.limits.pids, "number of processes and threads"),
	FN("ulimit", 0, "NAME=SOFT[:HARD]", set_ulimit, "as setrlimit(2): nofile=1024"),
	HEAD("Safety"),
	FN("cap-add", 0, "CAP", set_cap_add, "give a capability, or ALL, repeatable"),
	FN("cap-drop", 0, "CAP", set_cap_drop, "take one away, or ALL, repeatable"),
	FN("seccomp", 0, "unconfined", set_seccomp, "no system call filter"),
	ROW("privileged", 0, OPT_FLAG, NULL, spec.privileged,
	    "all capabilities, no filter, nothing masked"),
	OPT_END,
};

int run_args_finish(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;

	if (s->rootfs_rw && (s->rootfs.n != 1 || s->read_only || s->upper))
		return err_set(
			e, EINVAL,
			"--rootfs-rw needs one --rootfs DIR, without --read-only or --upper");
	if (s->read_only && s->upper)
		return err_set(e, EINVAL, "--read-only and --upper exclude each other");
	s->caps = s->privileged ? caps_all() : caps_default();
	/* another's network namespace: no raw sockets there unless asked for */
	if (a->nets.join && !s->privileged)
		s->caps &= ~NET_RAW;
	/* as docker: what is named wins over ALL, whichever way round */
	if (a->cap_add == caps_all())
		s->caps = a->cap_add & ~a->cap_drop;
	else
		s->caps = (s->caps & ~a->cap_drop) | a->cap_add;
	if (s->privileged)
		s->seccomp_unconfined = true;
	return 0;
}

void run_args_free(struct run_args *a)
{
	run_nets_free(&a->nets);
	run_ports_free(&a->ports);
	strv_free(&a->dns);
	strv_free(&a->add_host);
	strv_free(&a->spec.env);
	strv_free(&a->spec.labels);
	strv_free(&a->spec.rootfs);
	free(a->spec.mounts);
	free(a->spec.rlimits);
	strv_free(&a->owned);
}
