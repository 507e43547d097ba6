/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/net_json.h"
#include "cli/net_monitor.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"
#include "net/monitor.h"

static void put(json_t *o, const char *key, const char *value)
{
	if (value[0])
		json_object_set_new(o, key, json_string(value));
}

static void put_number(json_t *o, const char *key, uint32_t value)
{
	if (value)
		json_object_set_new(o, key, json_integer(value));
}

static void put_mac(json_t *o, const struct mac_addr *m)
{
	char buf[MAC_STRLEN];

	if (mac_is_set(m))
		put(o, "mac", mac_str(m, buf));
}

static void put_ip(json_t *o, const char *key, const struct ip_addr *a)
{
	char buf[IP_STRLEN];

	if (ip_is_set(a))
		put(o, key, ip_str(a, buf));
}

static void put_id(json_t *o, const char *owner)
{
	if (owner[0])
		json_object_set_new(o, "id", net_json_owner(owner));
}

/* Whose the link is. A name is free to be missing, an id is not. */
static void put_owner(json_t *o, const struct monitor_link *on)
{
	put(o, "network", on->network);
	put(o, "container", on->container);
	put_id(o, on->owner);
}

static const char *link_state(const struct link_info *l)
{
	if (!(l->flags & IFF_UP))
		return "down";
	return l->flags & IFF_RUNNING ? "up" : "no-carrier";
}

static void put_link(json_t *o, const struct monitor_event *ev)
{
	put(o, "ifname", ev->link.name);
	put_number(o, "index", ev->link.index);
	put(o, "kind", ev->link.kind);
	put(o, "state", link_state(&ev->link));
	put_number(o, "mtu", ev->link.mtu);
	put_mac(o, &ev->link.mac);
	put(o, "master", ev->master);
	put_owner(o, &ev->on);
}

static void put_address(json_t *o, const struct monitor_event *ev)
{
	char buf[IP_PREFIX_STRLEN];

	put(o, "address", prefix_str(&ev->addr.addr, buf));
	put(o, "ifname", ev->on.name);
	put_owner(o, &ev->on);
}

static void put_route(json_t *o, const struct monitor_event *ev)
{
	static const char *const types[] = {
		[RTN_LOCAL] = "local",	       [RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",     [RTN_MULTICAST] = "multicast",
		[RTN_BLACKHOLE] = "blackhole", [RTN_UNREACHABLE] = "unreachable",
		[RTN_PROHIBIT] = "prohibit"
	};
	const struct route_info *r = &ev->route;
	char buf[IP_PREFIX_STRLEN];

	put(o, "dst", r->dst.len ? prefix_str(&r->dst, buf) : "default");
	if (r->type < ARRAY_SIZE(types) && types[r->type])
		put(o, "type", types[r->type]);
	put_ip(o, "via", &r->via);
	put(o, "ifname", ev->on.name);
	put_ip(o, "src", &r->src);
	put_number(o, "metric", r->metric);
	if (r->table != RT_TABLE_MAIN)
		put_number(o, "table", r->table);
	put_owner(o, &ev->on);
}

static void put_neigh(json_t *o, const struct monitor_event *ev)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} states[] = {
		{ NUD_INCOMPLETE, "incomplete" }, { NUD_REACHABLE, "reachable" },
		{ NUD_STALE, "stale" },		  { NUD_DELAY, "delay" },
		{ NUD_PROBE, "probe" },		  { NUD_FAILED, "failed" },
		{ NUD_NOARP, "noarp" },		  { NUD_PERMANENT, "permanent" },
	};

	put_ip(o, "address", &ev->neigh.addr);
	put(o, "ifname", ev->on.name);
	put_mac(o, &ev->neigh.mac);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (ev->neigh.state & states[i].bit)
			put(o, "state", states[i].name);
	put_owner(o, &ev->on);
}

static void put_network(json_t *o, const struct monitor_event *ev)
{
	put(o, "name", ev->network);
}

static void put_attachment(json_t *o, const struct monitor_event *ev)
{
	const struct attach_info *a = &ev->attach;
	json_t *addresses = json_array();
	char buf[IP_PREFIX_STRLEN];

	put(o, "name", a->name[0] ? a->name : a->owner);
	put_id(o, a->owner);
	put(o, "network", a->network);
	put(o, "ifname", a->ifname);
	put(o, "host_ifname", a->host_ifname);
	put_mac(o, &a->mac);
	for (size_t i = 0; i < a->n_addrs; i++)
		json_array_append_new(addresses, json_string(prefix_str(&a->addrs[i], buf)));
	json_object_set_new(o, "addresses", addresses);
}

static void put_lost(json_t *o, const struct monitor_event *ev)
{
	(void)ev;
	put(o, "reason", "events came faster than they were read; some are missing");
}

static const struct {
	enum monitor_object object;
	const char *name, *added, *changed, *deleted;
	void (*put)(json_t *o, const struct monitor_event *ev);
} objects[] = {
	{ MONITOR_LINK, "link", "added", "changed", "deleted", put_link },
	{ MONITOR_ADDRESS, "address", "added", "added", "deleted", put_address },
	{ MONITOR_ROUTE, "route", "added", "added", "deleted", put_route },
	{ MONITOR_NEIGH, "neigh", "changed", "changed", "deleted", put_neigh },
	{ MONITOR_NETWORK, "network", "added", "added", "deleted", put_network },
	{ MONITOR_ATTACH, "container", "connected", "connected", "disconnected", put_attachment },
	{ MONITOR_LOST, "monitor", "lost", "lost", "lost", put_lost },
};

static json_t *begin(const char *object, const char *event)
{
	json_t *o = json_object();

	put(o, "object", object);
	put(o, "event", event);
	return o;
}

json_t *net_monitor_event(const struct monitor_event *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		const char *what[] = { [MONITOR_ADDED] = objects[i].added,
				       [MONITOR_CHANGED] = objects[i].changed,
				       [MONITOR_DELETED] = objects[i].deleted };
		json_t *o;

		if (objects[i].object != ev->object)
			continue;
		o = begin(objects[i].name, what[ev->what]);
		objects[i].put(o, ev);
		return o;
	}
	return NULL;
}

json_t *net_monitor_container(const struct ct_info *i, const char *event)
{
	json_t *o = begin("container", event);

	put(o, "name", i->name);
	put(o, "id", i->id);
	put_number(o, "pid", (uint32_t)i->init.pid);
	if (i->exit_code >= 0)
		json_object_set_new(o, "exit_code", json_integer(i->exit_code));
	return o;
}

/* ---- lines ---- */

/* As ip-monitor(8) has it with -ts; UTC with its mark in JSON. */
static void time_text(char *buf, size_t size, bool utc)
{
	struct timespec now;
	struct tm tm = { 0 };
	char seconds[32] = "";

	clock_gettime(CLOCK_REALTIME, &now);
	if (utc ? gmtime_r(&now.tv_sec, &tm) : localtime_r(&now.tv_sec, &tm))
		strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%06ld%s", seconds, now.tv_nsec / 1000, utc ? "Z" : "");
}

/* The words of iproute2 where they are not the keys. */
static const char *word_of(const char *key)
{
	static const struct {
		const char *key, *word;
	} words[] = {
		{ "ifname", "dev" },
		{ "mac", "lladdr" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].key, key))
			return words[i].word;
	return key;
}

static void print_value(const json_t *value)
{
	const json_t *one;
	size_t i;

	if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		printf("%s", json_string_value(value));
	json_array_foreach(value, i, one) printf("%s%s", i ? "," : "", json_string_value(one));
}

/* OBJECT EVENT and the name of what it is about stand bare, all others behind their word. */
static void print_line(json_t *event)
{
	const char *key;
	json_t *value;
	int n = 0;

	json_object_foreach(event, key, value)
	{
		if (json_is_array(value) && json_array_size(value) == 0)
			continue;
		if (n++)
			putchar(' ');
		if (n > 3)
			printf("%s ", word_of(key));
		print_value(value);
	}
	putchar('\n');
}

void net_monitor_print(json_t *event, bool json, bool timestamp)
{
	char now[64];

	time_text(now, sizeof(now), json);
	if (json) {
		put(event, "time", now);
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		if (timestamp)
			printf("[%s] ", now);
		print_line(event);
	}
	json_decref(event);
}
