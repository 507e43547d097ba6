/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/parse.h"
#include "net/names.h"
#include "net/names_own.h"
#include "net/network.h"
#include "net/resolv.h"

/* docker's word for the address at which a container reaches its host */
#define HOST_GATEWAY "host-gateway"

/* What a file is to be: open, or a text that the container gets in its own memory. */
struct content {
	int fd; /* -1: text */
	char *text; /* owned */
};

static const char *const targets[RUN_FILES_MAX] = { "/etc/hosts", "/etc/resolv.conf",
						    "/etc/hostname" };

void run_files_targets(struct run_files *f)
{
	for (f->n = 0; f->n < RUN_FILES_MAX; f->n++)
		f->v[f->n] = (struct ct_file){ .target = targets[f->n], .fd = -1 };
}

static void add(struct run_files *f, const char *target, const struct content *c)
{
	f->texts[f->n] = c->text;
	f->v[f->n++] = (struct ct_file){ .target = target, .fd = c->fd, .text = c->text };
}

static int split_host(const char *value, char *name, size_t size, struct ip_addr *ret,
		      struct err *e)
{
	const char *colon = strchr(value, ':');

	if (!colon || colon == value || (size_t)(colon - value) >= size)
		return err_set(e, EINVAL, "'%s' is not NAME:ADDRESS", value);
	snprintf(name, size, "%.*s", (int)(colon - value), value);
	if (strpbrk(name, " \t\n#"))
		return err_set(e, EINVAL, "'%s' is no host name", name);
	if (!strcmp(colon + 1, HOST_GATEWAY)) {
		*ret = (struct ip_addr){ .family = 0 };
		return 0;
	}
	return parse_ip(colon + 1, ret, e);
}

bool run_files_own_hosts(const struct run_files_args *args)
{
	return args->nets->n > 1 || (args->nets->n && args->add_host->n);
}

int run_files_check_host(const char *value, struct err *e)
{
	struct ip_addr a;
	char name[256];

	return split_host(value, name, sizeof(name), &a, e);
}

static int add_line(struct strv *lines, const char *name, const struct ip_addr *a)
{
	char ip[IP_STRLEN];

	return strv_add_take(lines, str_printf("%s %s\n", ip_str(a, ip), name));
}

/* The host as the container's first network reaches it: by the gateways there. */
static int add_gateways(struct net *net, const struct run_nets *nets, const char *name,
			struct strv *lines, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	struct ip_addr loopback = ip_from_v4(INADDR_LOOPBACK);
	int r;

	if (nets->join && !strcmp(nets->join, "host"))
		return add_line(lines, name, &loopback);
	if (!nets->n) {
		err_hint(e, "give the container a network with --net");
		return err_set(e, EINVAL, "--add-host %s:" HOST_GATEWAY ": there is no network",
			       name);
	}
	r = network_load(net, nets->v[0].network, &n, e);
	for (size_t i = 0; i < n.n_subnets && r >= 0; i++)
		if (ip_is_set(&n.subnets[i].gateway))
			r = add_line(lines, name, &n.subnets[i].gateway);
	return r;
}

/* The lines that --add-host asked for; a blank sets them apart from the networks' own. */
static int added_hosts(struct net *net, const struct run_files_args *args, char **ret,
		       struct err *e)
{
	_cleanup_(strv_free) struct strv lines = { 0 };
	size_t len = 0;
	char *at;
	int r = 0;

	for (size_t i = 0; i < args->add_host->n && r >= 0; i++) {
		char name[256];
		struct ip_addr a;

		r = split_host(args->add_host->v[i], name, sizeof(name), &a, e);
		if (r >= 0)
			r = ip_is_set(&a) ? add_line(&lines, name, &a)
					  : add_gateways(net, args->nets, name, &lines, e);
	}
	for (size_t i = 0; i < lines.n; i++)
		len += strlen(lines.v[i]);
	*ret = at = r < 0 ? NULL : calloc(1, len + 1);
	for (size_t i = 0; at && i < lines.n; i++) {
		len = strlen(lines.v[i]);
		memcpy(at, lines.v[i], len);
		at += len;
	}
	return r < 0 ? r : *ret ? 0 : -ENOMEM;
}

/* Several networks, or lines of its own: a file that follows all of them. */
static int open_own_hosts(struct net *net, const struct ct_spec *spec, const struct run_nets *nets,
			  const char *added, struct err *e)
{
	struct strv networks = { 0 };
	struct proc_id self;
	int r = proc_identify_self(&self, e);

	for (size_t i = 0; i < nets->n && r >= 0; i++)
		r = strv_add(&networks, nets->v[i].network);
	if (r >= 0)
		r = names_own_make(net, spec->id, &self, &networks, added, e);
	strv_free(&networks);
	return r;
}

static int make_hosts(struct net *net, const struct ct_spec *spec,
		      const struct run_files_args *args, struct content *ret, struct err *e)
{
	_cleanup_free_ char *added = NULL;
	int r = added_hosts(net, args, &added, e);

	if (r < 0)
		return r;
	if (run_files_own_hosts(args))
		return ret->fd = open_own_hosts(net, spec, args->nets, added, e);
	if (args->nets->n)
		return ret->fd = names_open_hosts(net, args->nets->v[0].network, e);
	if (spec->netns == NETNS_HOST && !args->add_host->n) {
		ret->fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
		return ret->fd < 0 ? -errno : 0;
	}
	ret->text = str_printf("%s127.0.1.1 %s\n%s", names_hosts_head, spec->hostname, added);
	return ret->text ? 0 : -ENOMEM;
}

static int make_resolv(struct app *app, const struct ct_spec *spec,
		       const struct run_files_args *args, struct content *ret, struct err *e)
{
	unsigned servers = 0;
	const struct resolv_want want = { .dns = args->dns,
					  .nets = &args->nets->resolv,
					  .config = &app->net_config.dns_servers,
					  .loopback_ok = spec->netns == NETNS_HOST };
	int r = resolv_conf(&want, &ret->text, &servers, e);

	if (r >= 0 && !servers && args->nets->n)
		log_note("no name server of the host can be reached from a container; "
			 "give one with --dns");
	return r;
}

/*
 * A named network namespace brings files of its own: /etc/netns/NAME/, as
 * ip-netns(8) has them.
 */
static int open_netns_file(const char *join, const char *name)
{
	const char *ns = join && str_starts(join, "ns:") ? join + strlen("ns:") : NULL;
	char path[512];
	int fd;

	if (ns && str_starts(ns, "/run/netns/"))
		ns += strlen("/run/netns/");
	if (!ns || strchr(ns, '/') || str_fmt(path, sizeof(path), "/etc/netns/%s/%s", ns, name) < 0)
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int run_files_open(struct app *app, struct net *net, const struct ct_spec *spec,
		   const struct run_files_args *args, struct run_files *ret, struct err *e)
{
	struct content hosts = { .fd = open_netns_file(args->nets->join, "hosts") };
	struct content resolv = { .fd = open_netns_file(args->nets->join, "resolv.conf") };
	struct content hostname = { .fd = -1 };
	int r = hosts.fd;

	if (r < 0)
		r = make_hosts(net, spec, args, &hosts, e);
	add(ret, targets[0], &hosts);
	if (r < 0)
		return err_wrap(e, r, "%s", targets[0]);
	if (resolv.fd < 0)
		r = make_resolv(app, spec, args, &resolv, e);
	add(ret, targets[1], &resolv);
	if (r < 0)
		return err_wrap(e, r, "%s", targets[1]);
	hostname.text = str_printf("%s\n", spec->hostname);
	add(ret, targets[2], &hostname);
	return hostname.text ? 0 : -ENOMEM;
}

void run_files_close(struct run_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		fd_close(f->v[i].fd);
		free(f->texts[i]);
	}
	f->n = 0;
}
