/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The definition of a network as a file: one [network] section whose keys are
 * the options of `ctnet create`. A list stands in one value, its items apart
 * by blanks, or as KEY.1, KEY.2, ... when one line could not hold it. Such a
 * file may be written by hand; it passes the checks that options pass.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/ini.h"
#include "net/driver.h"
#include "net/network.h"
#include "net/network_keys.h"

#define SECTION	 "network"
#define FILE_MAX (256U << 10)

static const struct ini_key ini_keys[] = {
	{ "name" },	   { "driver" },     { "subnet" },     { "subnet.#" }, { "gateway" },
	{ "gateway.#" },   { "ip-range" },   { "ip-range.#" }, { "exclude" },  { "exclude.#" },
	{ "mtu" },	   { "mac" },	     { "internal" },   { "open" },     { "icc" },
	{ "masquerade" },  { "stp" },	     { "label" },      { "label.#" },  { "host" },
	{ "spoof-guard" }, { "dns-server" }, { "parent" },     { "mode" },     { "port" },
	{ "port.#" },	   { "vlan" },	     { "vni" },	       { "peer" },     { "peer.#" },
	{ "group" },	   { NULL },
};

static const struct ini_section schema[] = { { SECTION, ini_keys }, { NULL, NULL } };

static int read_entry(struct network_draft *d, const struct ini_entry *at, struct err *e)
{
	const struct network_key *key = network_key_find(at->key);
	struct strv words = { 0 };
	int r;

	if (!key)
		return err_set(e, EINVAL, "unknown key");
	if (key->shape != KEY_LIST)
		return key->set(d, at->value, e);
	r = strv_split(&words, at->value, " \t,");
	if (r >= 0 && words.n == 0)
		r = err_set(e, EINVAL, "the value is empty");
	for (size_t i = 0; i < words.n && r >= 0; i++)
		r = key->set(d, words.v[i], e);
	strv_free(&words);
	return r;
}

static int place_gateways(struct network_draft *d, struct err *e)
{
	char a[IP_STRLEN];

	for (size_t i = 0; i < d->n_gateways; i++) {
		struct network_subnet *s = d->n.subnets;

		while (s < d->n.subnets + d->n.n_subnets &&
		       !prefix_has(&s->subnet, &d->gateways[i]))
			s++;
		ip_str(&d->gateways[i], a);
		if (s == d->n.subnets + d->n.n_subnets)
			return err_set(e, EINVAL, "gateway %s is in no subnet of the network", a);
		if (ip_is_set(&s->gateway))
			return err_set(e, EINVAL, "gateway %s is the second one of its subnet", a);
		s->gateway = d->gateways[i];
	}
	return 0;
}

/* A file need not say what follows from the rest. */
static void fill(struct network *n)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a: the same MAC each time */

	if (!n->driver[0])
		str_fmt(n->driver, sizeof(n->driver), "bridge");
	for (size_t i = 0; i < n->n_subnets; i++)
		if (!ip_is_set(&n->subnets[i].gateway))
			n->subnets[i].gateway = prefix_hosts(&n->subnets[i].subnet).first;
	driver_fill(n);
	if (mac_is_set(&n->mac) || !(driver_of(n)->takes & DRIVER_MAC))
		return;
	for (const char *s = n->name; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	n->mac.b[0] = 0x02;
	for (int i = 1; i < 6; i++)
		n->mac.b[i] = (uint8_t)(h >> (8 * i));
}

/* The parts fit one by one; do they fit together, and to the file's name? */
static int check_whole(struct network_draft *d, const char *name, struct err *e)
{
	int r = 0;

	if (!d->n.name[0])
		r = str_fmt(d->n.name, sizeof(d->n.name), "%s", name);
	else if (strcmp(d->n.name, name) != 0)
		r = err_set(e, EINVAL, "the file defines network %s; name it %s.conf", d->n.name,
			    d->n.name);
	if (r >= 0 && d->n.n_subnets == 0) {
		r = err_set(e, EINVAL, "the network has no subnet");
		err_hint(e, "add a line: subnet = 10.88.0.0/24");
	}
	if (r >= 0)
		r = place_gateways(d, e);
	if (r < 0)
		return r;
	fill(&d->n);
	return network_check(&d->n, e);
}

static int read_ini(const struct ini *ini, const char *name, struct network_draft *d, struct err *e)
{
	const struct ini_entry *header = NULL;
	int r = ini_check(ini, schema, e);

	for (size_t i = 0; i < ini->n && r >= 0; i++) {
		const struct ini_entry *at = &ini->entries[i];

		if (!at->key) {
			header = at;
			continue;
		}
		r = read_entry(d, at, e);
		if (r < 0)
			return ini_err(ini, at, r, e);
	}
	if (r < 0)
		return r;
	if (!header)
		return err_set(e, EINVAL, "%s:1:1: no [network] section", ini->file);
	r = check_whole(d, name, e);
	return r < 0 ? err_wrap(e, r, "%s:%u:%u", ini->file, header->line, header->col) : 0;
}

static void cleanup_ini(struct ini *ini)
{
	ini_free(ini);
}

int network_file_of(const char *name, char *buf, size_t size)
{
	return str_fmt(buf, size, "%s.conf", name);
}

static int load_file(struct net *net, const char *name, struct ini *ini, struct err *e)
{
	_cleanup_free_ char *text = NULL, *path = NULL;
	char file[32];
	size_t len = 0;
	int r = network_file_of(name, file, sizeof(file));

	if (r >= 0)
		r = file_read_at(net->defs_fd, file, FILE_MAX, &text, &len);
	if (r == -ENOENT) {
		return network_unknown(net, name, e);
	}
	/* messages name the file as the user would */
	path = str_printf("%s/%s", net->config->defs_dir ? net->config->defs_dir : ".", file);
	if (r < 0 || !path)
		return err_sys(e, r < 0 ? r : ENOMEM, "read the definition of network %s", name);
	return ini_parse(path, text, len, ini, e);
}

/* *ret is complete: gateways and MAC stand in it, whether or not the file has them. */
int network_load(struct net *net, const char *name, struct network *ret, struct err *e)
{
	_cleanup_(cleanup_ini) struct ini ini = { 0 };
	struct network_draft d = { 0 };
	int r = name_check("network", name, NAME_MAX_IF, e);

	if (r >= 0)
		r = load_file(net, name, &ini, e);
	if (r >= 0)
		r = read_ini(&ini, name, &d, e);
	if (r < 0) {
		network_free(&d.n);
		return r;
	}
	*ret = d.n;
	return 0;
}

int network_load_any(struct net *net, const char *name, struct network *ret, struct err *e)
{
	struct err why = ERR_INIT;
	int r = network_load(net, name, ret, &why);

	if (r >= 0)
		return 1;
	if (!err_is_passing(r))
		return 0;
	if (e)
		*e = why;
	return r;
}

void network_free(struct network *n)
{
	strv_free(&n->labels);
}
