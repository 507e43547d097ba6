/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definition files: written, listed, removed. What may stand in one: net/network_read.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/network.h"

/* iniparser takes lines of 1024 bytes */
#define LIST_LEN_MAX 900

static void write_list(FILE *f, const char *key, const struct strv *items)
{
	size_t len = 0;

	for (size_t i = 0; i < items->n; i++)
		len += strlen(items->v[i]) + 1;
	if (len > LIST_LEN_MAX) {
		for (size_t i = 0; i < items->n; i++)
			fprintf(f, "%s.%zu = %s\n", key, i + 1, items->v[i]);
		return;
	}
	if (items->n == 0)
		return;
	fprintf(f, "%s =", key);
	for (size_t i = 0; i < items->n; i++)
		fprintf(f, " %s", items->v[i]);
	fputc('\n', f);
}

static int write_ranges(FILE *f, const char *key, const struct ip_range *ranges, size_t n)
{
	struct strv items = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		char a[IP_STRLEN], b[IP_STRLEN];

		r = strv_add_take(&items, str_printf("%s-%s", ip_str(&ranges[i].first, a),
						     ip_str(&ranges[i].last, b)));
	}
	write_list(f, key, &items);
	strv_free(&items);
	return r;
}

static int write_subnets(FILE *f, const struct network *n)
{
	struct strv subnets = { 0 }, gateways = { 0 };
	char a[IP_STRLEN], p[IP_PREFIX_STRLEN];
	int r = 0;

	for (size_t i = 0; i < n->n_subnets && r >= 0; i++) {
		r = strv_add(&subnets, prefix_str(&n->subnets[i].subnet, p));
		if (r >= 0 && ip_is_set(&n->subnets[i].gateway))
			r = strv_add(&gateways, ip_str(&n->subnets[i].gateway, a));
	}
	write_list(f, "subnet", &subnets);
	write_list(f, "gateway", &gateways);
	strv_free(&subnets);
	strv_free(&gateways);
	return r;
}

/* What only some drivers have. */
static int write_driver(FILE *f, const struct network *n)
{
	struct strv ports = { 0 }, peers = { 0 };
	char a[IP_STRLEN];
	int r = 0;

	for (size_t i = 0; i < NETWORK_PORTS_MAX && n->ports[i][0] && r >= 0; i++)
		r = strv_add(&ports, n->ports[i]);
	for (size_t i = 0; i < n->n_peers && r >= 0; i++)
		r = strv_add(&peers, ip_str(&n->peers[i], a));
	if (n->mode[0])
		fprintf(f, "mode = %s\n", n->mode);
	if (n->parent[0])
		fprintf(f, "parent = %s\n", n->parent);
	write_list(f, "port", &ports);
	if (n->vlan)
		fprintf(f, "vlan = %u\n", n->vlan);
	if (n->vni)
		fprintf(f, "vni = %u\n", n->vni);
	write_list(f, "peer", &peers);
	if (ip_is_set(&n->group))
		fprintf(f, "group = %s\n", ip_str(&n->group, a));
	strv_free(&ports);
	strv_free(&peers);
	return r;
}

static int write_text(FILE *f, const struct network *n)
{
	const struct {
		const char *key, *value;
		bool set;
	} flags[] = {
		{ "internal", "yes", n->internal },
		{ "open", "yes", n->open },
		{ "icc", "no", n->no_icc },
		{ "masquerade", "no", n->no_masquerade },
		{ "stp", "yes", n->stp },
		{ "host", "no", n->no_host },
		{ "spoof-guard", "no", n->no_spoof_guard },
		{ "dns-server", "yes", n->dns_server },
	};
	char mac[MAC_STRLEN];
	int r;

	fprintf(f, "# A network of ctnet, see ctnet(8).\n[network]\nname = %s\ndriver = %s\n",
		n->name, n->driver);
	r = write_driver(f, n);
	if (r >= 0)
		r = write_subnets(f, n);
	if (r >= 0)
		r = write_ranges(f, "ip-range", n->ranges, n->n_ranges);
	if (r >= 0)
		r = write_ranges(f, "exclude", n->excludes, n->n_excludes);
	if (n->mtu)
		fprintf(f, "mtu = %u\n", n->mtu);
	if (mac_is_set(&n->mac))
		fprintf(f, "mac = %s\n", mac_str(&n->mac, mac));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].set)
			fprintf(f, "%s = %s\n", flags[i].key, flags[i].value);
	for (size_t i = 0; i < n->labels.n; i++)
		fprintf(f, "label.%zu = \"%s\"\n", i + 1, n->labels.v[i]);
	return r;
}

/* Atomic and durable: a definition outlives the boot. */
int network_store(struct net *net, const struct network *n, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char file[32];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r = f ? write_text(f, n) : -ENOMEM;

	if (f && fclose(f) != 0)
		r = -ENOMEM;
	if (r >= 0)
		r = network_file_of(n->name, file, sizeof(file));
	if (r >= 0)
		r = file_replace_at(net->defs_fd, file, text, len, 0644, true);
	return r < 0 ? err_sys(e, r, "write the definition of network %s", n->name) : 0;
}

bool network_defined(struct net *net, const char *name)
{
	char file[32];

	return network_file_of(name, file, sizeof(file)) >= 0 &&
	       faccessat(net->defs_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int not_forgotten(const char *name, int num, struct err *e)
{
	return err_sys(e, num, "remove the definition of network %s", name);
}

/* The definition goes last; that it cannot is to be known before anything is taken away. */
int network_may_forget(struct net *net, const char *name, struct err *e)
{
	if (!network_defined(net, name))
		return 0;
	return faccessat(net->defs_fd, ".", W_OK, AT_EACCESS) < 0 ? not_forgotten(name, errno, e)
								  : 0;
}

int network_forget(struct net *net, const char *name, struct err *e)
{
	char file[32];
	int r = network_file_of(name, file, sizeof(file));

	if (r < 0)
		return not_forgotten(name, r, e);
	if (unlinkat(net->defs_fd, file, 0) < 0)
		return errno == ENOENT ? 0 : not_forgotten(name, errno, e);
	return fsync(net->defs_fd) < 0 ? not_forgotten(name, errno, e) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Files of other names are none of ours and passed over. */
int network_names(struct net *net, struct strv *ret, struct err *e)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct strv names = { 0 };
	struct dirent *ent;
	int fd = openat(net->defs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = err_sys(e, errno, "read the network definitions");
		fd_close(fd);
		return r;
	}
	while (r >= 0 && (ent = dir_next(d, &r))) {
		char name[NAME_MAX_IF + 1];
		size_t len = strlen(ent->d_name);

		if (len < 6 || len - 5 > NAME_MAX_IF || strcmp(ent->d_name + len - 5, ".conf") != 0)
			continue;
		memcpy(name, ent->d_name, len - 5);
		name[len - 5] = '\0';
		if (network_check_name(name, NULL) >= 0)
			r = strv_add(&names, name);
	}
	if (r < 0) {
		strv_free(&names);
		return err_sys(e, r, "read the network definitions");
	}
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	*ret = names;
	return 0;
}

static const char *name_at(const void *ctx, size_t i)
{
	const struct strv *names = ctx;

	return i < names->n ? names->v[i] : NULL;
}

int network_unknown(struct net *net, const char *name, struct err *e)
{
	struct strv names = { 0 };
	const char *near =
		network_names(net, &names, NULL) < 0 ? NULL : str_nearest(name, name_at, &names);

	if (near && strcmp(near, name) != 0)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "create it with `ctnet create %s`; `ctnet ls` lists those that exist",
			 name);
	strv_free(&names);
	return err_set(e, ENOENT, "no network named %s", name);
}
