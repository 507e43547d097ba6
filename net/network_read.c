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
#include "core/base/parse.h"
#include "net/network.h"

#define SECTION	 "network"
#define FILE_MAX (256U << 10)

/* A network while it is read: a gateway may stand before its subnet. */
struct draft {
	struct network n;
	struct ip_addr gateways[NETWORK_SUBNETS_MAX];
	size_t n_gateways;
};

static int too_many(const char *what, int max, struct err *e)
{
	return err_set(e, E2BIG, "a network has at most %d %s", max, what);
}

static int set_name(struct draft *d, const char *v, struct err *e)
{
	if (network_check_name(v, e) < 0)
		return -EINVAL;
	return str_fmt(d->n.name, sizeof(d->n.name), "%s", v);
}

static int set_driver(struct draft *d, const char *v, struct err *e)
{
	if (str_fmt(d->n.driver, sizeof(d->n.driver), "%s", v) < 0)
		return err_set(e, EINVAL, "unknown network driver \"%s\"", v);
	return 0;
}

static int set_subnet(struct draft *d, const char *v, struct err *e)
{
	if (d->n.n_subnets == NETWORK_SUBNETS_MAX)
		return too_many("subnets", NETWORK_SUBNETS_MAX, e);
	return parse_subnet(v, &d->n.subnets[d->n.n_subnets++].subnet, e);
}

static int set_gateway(struct draft *d, const char *v, struct err *e)
{
	if (d->n_gateways == NETWORK_SUBNETS_MAX)
		return too_many("gateways", NETWORK_SUBNETS_MAX, e);
	return parse_ip(v, &d->gateways[d->n_gateways++], e);
}

static int set_range(struct draft *d, const char *v, struct err *e)
{
	if (d->n.n_ranges == NETWORK_RANGES_MAX)
		return too_many("address ranges", NETWORK_RANGES_MAX, e);
	return parse_ip_range(v, &d->n.ranges[d->n.n_ranges++], e);
}

static int set_exclude(struct draft *d, const char *v, struct err *e)
{
	if (d->n.n_excludes == NETWORK_RANGES_MAX)
		return too_many("exclusions", NETWORK_RANGES_MAX, e);
	return parse_ip_range(v, &d->n.excludes[d->n.n_excludes++], e);
}

static int set_mtu(struct draft *d, const char *v, struct err *e)
{
	return parse_u32(v, 0, 65535, &d->n.mtu, e);
}

static int set_mac(struct draft *d, const char *v, struct err *e)
{
	return parse_mac(v, &d->n.mac, e);
}

static int set_internal(struct draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.internal, e);
}

static int set_open(struct draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.open, e);
}

static int set_stp(struct draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.stp, e);
}

static int set_inverse(const char *v, bool *ret, struct err *e)
{
	bool on;
	int r = parse_bool(v, &on, e);

	if (r >= 0)
		*ret = !on;
	return r;
}

static int set_icc(struct draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_icc, e);
}

static int set_masquerade(struct draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_masquerade, e);
}

static int set_label(struct draft *d, const char *v, struct err *e)
{
	return strv_add(&d->n.labels, v);
}

enum shape { ONE, LIST, WHOLE }; /* WHOLE: numbered, and a value may hold blanks */

static const struct key {
	const char *name;
	enum shape shape;
	int (*set)(struct draft *d, const char *v, struct err *e);
} keys[] = {
	{ "name", ONE, set_name },	   { "driver", ONE, set_driver },
	{ "subnet", LIST, set_subnet },	   { "gateway", LIST, set_gateway },
	{ "ip-range", LIST, set_range },   { "exclude", LIST, set_exclude },
	{ "mtu", ONE, set_mtu },	   { "mac", ONE, set_mac },
	{ "internal", ONE, set_internal }, { "open", ONE, set_open },
	{ "icc", ONE, set_icc },	   { "masquerade", ONE, set_masquerade },
	{ "stp", ONE, set_stp },	   { "label", WHOLE, set_label },
};

static const struct ini_key ini_keys[] = {
	{ "name" },	  { "driver" },	  { "subnet" },	    { "subnet.#" }, { "gateway" },
	{ "gateway.#" },  { "ip-range" }, { "ip-range.#" }, { "exclude" },  { "exclude.#" },
	{ "mtu" },	  { "mac" },	  { "internal" },   { "open" },	    { "icc" },
	{ "masquerade" }, { "stp" },	  { "label" },	    { "label.#" },  { NULL },
};

static const struct ini_section schema[] = { { SECTION, ini_keys }, { NULL, NULL } };

/* "subnet.2" is the key subnet; ini_check has seen that it may be numbered. */
static const struct key *key_find(const char *name)
{
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == len && !memcmp(keys[i].name, name, len))
			return &keys[i];
	return NULL;
}

static int read_entry(struct draft *d, const struct ini_entry *at, struct err *e)
{
	const struct key *key = key_find(at->key);
	struct strv words = { 0 };
	int r;

	if (!key)
		return err_set(e, EINVAL, "unknown key");
	if (key->shape != LIST)
		return key->set(d, at->value, e);
	r = strv_split(&words, at->value, " \t,");
	if (r >= 0 && words.n == 0)
		r = err_set(e, EINVAL, "the value is empty");
	for (size_t i = 0; i < words.n && r >= 0; i++)
		r = key->set(d, words.v[i], e);
	strv_free(&words);
	return r;
}

static int place_gateways(struct draft *d, struct err *e)
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
	if (mac_is_set(&n->mac))
		return;
	for (const char *s = n->name; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	n->mac.b[0] = 0x02;
	for (int i = 1; i < 6; i++)
		n->mac.b[i] = (uint8_t)(h >> (8 * i));
}

/* The parts fit one by one; do they fit together, and to the file's name? */
static int check_whole(struct draft *d, const char *name, struct err *e)
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

static int read_ini(const struct ini *ini, const char *name, struct draft *d, struct err *e)
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
	struct draft d = { 0 };
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

void network_free(struct network *n)
{
	strv_free(&n->labels);
}
