/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any word as an address, prefix, range, MAC, published port, id map, user:
 * what is accepted keeps its promises and survives being written and read.
 */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ip(const char *word)
{
	struct ip_addr a, b;
	char text[IP_STRLEN];

	if (parse_ip(word, &a, NULL) < 0)
		return;
	if (parse_ip(ip_str(&a, text), &b, NULL) < 0 || !ip_eq(&a, &b))
		abort();
}

static void check_prefix(const char *word)
{
	struct ip_prefix p, q, subnet;
	char text[IP_PREFIX_STRLEN];
	struct ip_range hosts;

	if (parse_prefix(word, &p, NULL) < 0)
		return;
	if (parse_prefix(prefix_str(&p, text), &q, NULL) < 0 || !ip_eq(&p.addr, &q.addr) ||
	    p.len != q.len)
		abort();
	subnet = prefix_masked(&p);
	hosts = prefix_hosts(&p);
	if (!prefix_has(&subnet, &p.addr) || !prefix_overlaps(&p, &subnet) ||
	    !prefix_has(&p, &hosts.first) || !prefix_has(&p, &hosts.last) ||
	    ip_cmp(&hosts.first, &hosts.last) > 0 ||
	    parse_subnet(prefix_str(&subnet, text), &q, NULL) < 0)
		abort();
}

static void check_range(const char *word)
{
	struct ip_range r;

	if (parse_ip_range(word, &r, NULL) == 0 &&
	    (r.first.family != r.last.family || ip_cmp(&r.first, &r.last) > 0))
		abort();
}

static void check_mac(const char *word)
{
	char text[MAC_STRLEN];
	struct mac_addr m;

	if (parse_mac(word, &m, NULL) == 0 && strcasecmp(mac_str(&m, text), word) != 0)
		abort();
}

static void check_port(const char *word)
{
	struct port_spec p;
	struct err e = ERR_INIT;

	if (parse_port_spec(word, &p, &e) < 0) {
		if (!e.num || !e.msg[0])
			abort();
		return;
	}
	if (!p.port || p.host_end < p.host_port || p.port + (p.host_end - p.host_port) > 65535 ||
	    (!p.host_port && p.host_end) || !p.proto)
		abort();
}

static void check_ids(const char *word)
{
	char *key = NULL, *value;
	uint32_t uid, gid;
	struct id_map m;

	if (parse_id_map(word, &m, NULL) == 0 &&
	    (!m.count || (uint64_t)m.inside + m.count > UINT32_MAX ||
	     (uint64_t)m.outside + m.count > UINT32_MAX))
		abort();
	if (parse_user(word, &uid, &gid, NULL) == 0 && uid == UINT32_MAX)
		abort();
	if (parse_key_value(word, &key, &value, NULL) == 0 &&
	    (!*key || strchr(key, '=') || strcmp(word + strlen(key) + 1, value) != 0))
		abort();
	free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *word = strndup((const char *)data, size);

	if (!word)
		return 0;
	check_ip(word);
	check_prefix(word);
	check_range(word);
	check_mac(word);
	check_port(word);
	check_ids(word);
	return 0;
}
