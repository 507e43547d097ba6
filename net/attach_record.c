/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of attachments: attach/CTID.IFNAME, JSON, written before the kernel
 * is touched and removed after. links/HOSTLINK is a note with that name, so a
 * host link's name belongs to one record only.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/parse.h"
#include "net/attach_real.h"
#include "net/network_real.h"
#include "net/note.h"

#define DIR_ATTACH "attach"
#define DIR_LINKS  "links"

int attach_key(const struct attach_info *a, char buf[ATTACH_KEY_LEN])
{
	return str_fmt(buf, ATTACH_KEY_LEN, "%s.%s", a->owner, a->ifname);
}

int attach_alias(const struct attach_info *a, char buf[ATTACH_ALIAS_LEN])
{
	return str_fmt(buf, ATTACH_ALIAS_LEN, ALIAS_PREFIX "%s:%s:%s", a->network, a->owner,
		       a->ifname);
}

static json_t *addrs_json(const struct attach_info *a)
{
	json_t *list = json_array();
	char text[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < a->n_addrs; i++)
		json_array_append_new(list, json_string(prefix_str(&a->addrs[i], text)));
	return list;
}

int attach_record_save(struct net *net, const struct attach_info *a)
{
	_cleanup_close_ int dir = net_dir(net, DIR_ATTACH, true);
	_cleanup_json_ json_t *j = NULL;
	char key[ATTACH_KEY_LEN], mac[MAC_STRLEN];
	int r = dir < 0 ? dir : attach_key(a, key);

	if (r < 0)
		return r;
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:i, s:I, s:I}", "owner", a->owner,
		      "network", a->network, "ifname", a->ifname, "host_ifname", a->host_ifname,
		      "name", a->name, "mac", mac_str(&a->mac, mac), "addresses", addrs_json(a),
		      "pid", a->holder.pid, "start", (json_int_t)a->holder.start, "pidns",
		      (json_int_t)proc_namespace());
	if (!j)
		return -ENOMEM;
	if (a->rate_in)
		json_object_set_new(j, "rate_in", json_integer((json_int_t)a->rate_in));
	if (a->rate_out)
		json_object_set_new(j, "rate_out", json_integer((json_int_t)a->rate_out));
	if (a->filtered)
		json_object_set_new(j, "filtered", json_string(a->routed ? "link" : "port"));
	return json_save_at(dir, key, j);
}

static int get_str(const json_t *j, const char *key, char *buf, size_t size)
{
	return str_fmt(buf, size, "%s", json_str(j, key, ""));
}

static int read_json(const json_t *j, struct attach_info *a)
{
	const json_t *addrs = json_object_get(j, "addresses"), *item;
	int64_t here = (int64_t)proc_namespace();
	size_t i;

	if (get_str(j, "owner", a->owner, sizeof(a->owner)) < 0 ||
	    get_str(j, "network", a->network, sizeof(a->network)) < 0 ||
	    get_str(j, "ifname", a->ifname, sizeof(a->ifname)) < 0 ||
	    get_str(j, "host_ifname", a->host_ifname, sizeof(a->host_ifname)) < 0 ||
	    get_str(j, "name", a->name, sizeof(a->name)) < 0 ||
	    parse_mac(json_str(j, "mac", ""), &a->mac, NULL) < 0)
		return -EINVAL;
	json_array_foreach(addrs, i,
			   item) if (a->n_addrs == ARRAY_SIZE(a->addrs) || !json_is_string(item) ||
				     parse_prefix(json_string_value(item), &a->addrs[a->n_addrs++],
						  NULL) < 0) return -EINVAL;
	/* whether a holder in another pid namespace lives cannot be told from here */
	if (json_int(j, "pidns", here) == here)
		a->holder.pid = (pid_t)json_int(j, "pid", 0);
	a->holder.start = (uint64_t)json_int(j, "start", 0);
	a->rate_in = (uint64_t)json_int(j, "rate_in", 0);
	a->rate_out = (uint64_t)json_int(j, "rate_out", 0);
	a->filtered = json_object_get(j, "filtered");
	a->routed = !strcmp(json_str(j, "filtered", ""), "link");
	return a->owner[0] && a->network[0] && a->ifname[0] ? 0 : -EINVAL;
}

int attach_record_load(struct net *net, const char *key, struct attach_info *ret)
{
	_cleanup_close_ int dir = net_dir(net, DIR_ATTACH, false);
	_cleanup_json_ json_t *j = NULL;
	struct attach_info a = { .n_addrs = 0 };
	int r = dir < 0 ? dir : json_load_at(dir, key, &j);

	if (r >= 0)
		r = read_json(j, &a);
	if (r >= 0)
		*ret = a;
	return r;
}

int attach_record_drop(struct net *net, const char *key)
{
	_cleanup_close_ int dir = net_dir(net, DIR_ATTACH, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return unlinkat(dir, key, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int attach_record_keys(struct net *net, struct strv *ret)
{
	_cleanup_close_ int dir = net_dir(net, DIR_ATTACH, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	/* temporary files begin with a dot */
	return dir_names(dir, ret);
}

int attach_find(struct net *net, const char *owner, const char *ifname, struct attach_info *ret)
{
	char key[ATTACH_KEY_LEN];
	int r = str_fmt(key, sizeof(key), "%s.%s", owner, ifname);

	return r < 0 ? r : attach_record_load(net, key, ret);
}

static bool of_owner(const char *key, const char *owner)
{
	size_t n = strlen(owner);

	return !strncmp(key, owner, n) && key[n] == '.';
}

/*
 * In no order; without the lock a record may vanish meanwhile and is passed
 * over, as is one that cannot be read. fn may take attachments down.
 */
int attach_list(struct net *net, const char *owner, const char *network, attach_fn *fn, void *ctx)
{
	struct strv keys = { 0 };
	struct attach_info a;
	int r = attach_record_keys(net, &keys);

	for (size_t i = 0; i < keys.n && r >= 0; i++) {
		int k = owner && !of_owner(keys.v[i], owner)
				? -ENOENT
				: attach_record_load(net, keys.v[i], &a);

		/* not one less of them, for want of a descriptor */
		if (err_is_passing(k))
			r = k;
		if (k < 0 || (owner && strcmp(a.owner, owner) != 0) ||
		    (network && strcmp(a.network, network) != 0))
			continue;
		r = fn(&a, ctx);
	}
	strv_free(&keys);
	return r < 0 ? r : 0;
}

bool attach_alive(const struct attach_info *a)
{
	return a->holder.pid == 0 || proc_alive(&a->holder);
}

static uint64_t hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h;
}

/* A container id is its own 12 digits; any other word is hashed to as many. */
static void owner_digits(const char *owner, char buf[13])
{
	size_t n = strlen(owner);

	if (n == 12 && strspn(owner, "0123456789abcdef") == 12)
		memcpy(buf, owner, 13);
	else
		snprintf(buf, 13, "%012llx", (unsigned long long)(hash(owner) >> 16));
}

int attach_host_name(struct net *net, struct attach_info *a)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	_cleanup_close_ int links = net_dir(net, DIR_LINKS, true);
	char key[ATTACH_KEY_LEN], id[13], name[16];
	int r = links < 0 ? links : attach_key(a, key);

	owner_digits(a->owner, id);
	for (size_t i = 0; i < sizeof(digits) - 1 && r >= 0; i++) {
		snprintf(name, sizeof(name), "ve%s%c", id, digits[i]);
		/* a dying link's name is not used again: addresses wait for it to go */
		r = net_link_index(net, name) ? -EEXIST : note_add(links, name, key);
		if (r >= 0) {
			memcpy(a->host_ifname, name, sizeof(name));
			return 0;
		}
		if (r == -EEXIST)
			r = 0;
	}
	return r < 0 ? r : -EUSERS;
}

bool attach_host_taken(struct net *net, const char *name)
{
	_cleanup_close_ int links = net_dir(net, DIR_LINKS, false);
	char key[ATTACH_KEY_LEN];

	return links >= 0 && note_get(links, name, key, sizeof(key)) >= 0;
}

int attach_host_drop(struct net *net, const struct attach_info *a)
{
	_cleanup_close_ int links = net_dir(net, DIR_LINKS, false);
	char key[ATTACH_KEY_LEN], holder[ATTACH_KEY_LEN];

	if (links < 0 || attach_key(a, key) < 0 || !a->host_ifname[0] ||
	    note_get(links, a->host_ifname, holder, sizeof(holder)) < 0 || strcmp(holder, key) != 0)
		return 0;
	return note_del(links, a->host_ifname);
}

/*
 * The same address has the same MAC every time, so no neighbour keeps a stale
 * entry when it is given out again. Locally administered.
 */
struct mac_addr attach_mac(const struct attach_info *a)
{
	struct mac_addr m = { { 0x02, 0xc7 } };
	char text[IP_STRLEN];
	uint64_t h;

	for (size_t i = 0; i < a->n_addrs; i++)
		if (a->addrs[i].addr.family == AF_INET) {
			memcpy(&m.b[2], a->addrs[i].addr.b, 4);
			return m;
		}
	m.b[1] = 0xc6;
	h = a->n_addrs ? hash(ip_str(&a->addrs[0].addr, text)) : hash(a->host_ifname);
	for (int i = 2; i < 6; i++)
		m.b[i] = (uint8_t)(h >> (8 * i));
	return m;
}

/* fe: above every other MAC, so that no bridge that chooses the lowest takes it. */
struct mac_addr attach_host_mac(const struct attach_info *a)
{
	struct mac_addr m = { { 0xfe } };
	uint64_t h = hash(a->host_ifname);

	for (int i = 1; i < 6; i++)
		m.b[i] = (uint8_t)(h >> (8 * i));
	return m;
}
