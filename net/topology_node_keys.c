/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a node, one row and one setter each. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "net/topology_build.h"

/* ---- lists of texts ---- */

static int add_text(struct topo_build *b, struct topo_text **v, size_t *n, const char *value,
		    struct err *e)
{
	struct topo_text *x;

	if (!*value)
		return err_set(e, EINVAL, "the value is empty");
	x = TOPO_ADD(b, *v, *n);
	if (!x)
		return topo_no_memory(b, e);
	*x = (struct topo_text){ b->num, value };
	return 0;
}

#define TEXT_SETTER(name, list)                                                                   \
	static int set_##name(struct topo_build *b, void *node, const char *value, struct err *e) \
	{                                                                                         \
		struct topo_node *n = node;                                                       \
                                                                                                  \
		return add_text(b, &n->list, &n->n_##list, value, e);                             \
	}
TEXT_SETTER(exec, execs)
TEXT_SETTER(daemon, daemons)
TEXT_SETTER(stop, stops)

static int set_env(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	const char *eq = strchr(value, '=');

	if (!eq || eq == value)
		return err_set(e, EINVAL, "\"%.80s\" is not NAME=VALUE", value);
	return add_text(b, &n->env, &n->n_env, value, e);
}

static int check_absolute(const char *path, struct err *e)
{
	if (path[0] != '/' || !path[1])
		return err_set(e, EINVAL, "\"%.80s\" is not an absolute path below /", path);
	return 0;
}

/* The words behind the target of mount.N and tmpfs.N; value: what follows '='. */
static int check_mount_opts(const char *opts, bool tmpfs, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	uint64_t size;
	int r = strv_split(&words, opts, ",");

	for (size_t i = 0; r == 0 && i < words.n; i++) {
		const char *w = words.v[i];

		if (!strcmp(w, "ro") || !strcmp(w, "rw") || !strcmp(w, "exec") ||
		    (!tmpfs && !strcmp(w, "rro")))
			continue;
		if (tmpfs && str_starts(w, "size=")) {
			r = parse_size(w + 5, &size, e);
			continue;
		}
		if (tmpfs && str_starts(w, "mode=") && strlen(w) > 7 && strlen(w) < 10 &&
		    !w[5 + strspn(w + 5, "01234567")])
			continue;
		err_set(e, EINVAL, "unknown option \"%.80s\"", w);
		err_hint(e, tmpfs ? "known are ro, rw, exec, size=, mode="
				  : "known are ro, rro, rw, exec");
		r = -EINVAL;
	}
	return r;
}

static int set_tmpfs(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	const char *colon = strchr(value, ':');
	int r = check_absolute(value, e);

	if (r == 0 && colon)
		r = check_mount_opts(colon + 1, true, e);
	return r < 0 ? r : add_text(b, &n->tmpfs, &n->n_tmpfs, value, e);
}

/* ---- lists of pairs ---- */

static int add_pair(struct topo_build *b, struct topo_pair **v, size_t *n, const char *value,
		    const char *mid, const char *opts, struct err *e)
{
	struct topo_pair *x = TOPO_ADD(b, *v, *n);
	const char *right = mid + 1;

	if (!x)
		return topo_no_memory(b, e);
	x->num = b->num;
	x->left = topo_keep(b, value, (size_t)(mid - value));
	x->right = opts ? topo_keep(b, right, (size_t)(opts - 1 - right)) : right;
	x->opts = opts;
	return x->left && x->right ? 0 : topo_no_memory(b, e);
}

static int set_mount(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	const char *colon = strchr(value, ':');
	const char *second = colon ? strchr(colon + 1, ':') : NULL;
	int r;

	if (!colon || colon == value)
		return err_set(e, EINVAL, "\"%.80s\" is not SOURCE:TARGET[:OPTIONS]", value);
	r = check_absolute(colon + 1, e);
	if (r == 0 && second)
		r = check_mount_opts(second + 1, false, e);
	return r < 0 ? r
		     : add_pair(b, &n->mounts, &n->n_mounts, value, colon,
				second ? second + 1 : NULL, e);
}

static int set_sysctl(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	const char *eq = strchr(value, '=');

	if (!eq || eq == value || !eq[1] || strstr(value, "..") ||
	    memchr(value, ' ', (size_t)(eq - value)))
		return err_set(e, EINVAL, "\"%.80s\" is not KEY=VALUE, as in net.ipv4.ip_forward=1",
			       value);
	if (!str_starts(value, "net.") && !str_starts(value, "net/")) {
		err_hint(e, "a node's settings are those of its network: net.*");
		return err_set(e, EINVAL, "\"%.80s\" is no setting of the network", value);
	}
	return add_pair(b, &n->sysctls, &n->n_sysctls, value, eq, NULL, e);
}

int topo_split_virtual(const char *value, const char **ret, struct err *e)
{
	*ret = strchr(value, ',');
	if (!*ret || !strcmp(*ret, "," TOPO_MOVE_VIRTUAL))
		return 0;
	err_hint(e, "a virtual interface, which ends with the lab: IF,%s", TOPO_MOVE_VIRTUAL);
	return err_set(e, EINVAL, "\"%.80s\" is not %s", *ret + 1, TOPO_MOVE_VIRTUAL);
}

static int set_phys(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	const char *colon = strchr(value, ':'), *comma, *ifname;
	int r;

	if (!colon || colon == value)
		return err_set(e, EINVAL, "\"%.80s\" is not HOSTIF:IF", value);
	if ((size_t)(colon - value) > NAME_MAX_IF || strpbrk(value, "/ \t"))
		return err_set(e, EINVAL, "\"%.80s\" names no interface of the host", value);
	r = topo_split_virtual(colon, &comma, e);
	if (r < 0)
		return r;
	r = add_pair(b, &n->phys, &n->n_phys, value, colon, comma ? comma + 1 : NULL, e);
	ifname = r < 0 ? NULL : n->phys[n->n_phys - 1].right;
	return r < 0 ? r : topo_ifname_check(ifname, e);
}

/* ---- single values ---- */

static int set_user(struct topo_build *b, void *member, const char *value, struct err *e)
{
	uint32_t uid, gid;
	int r = parse_user(value, &uid, &gid, e);

	return r < 0 ? r : topo_set_str(b, member, value, e);
}

/* NET_RAW +SYS_PTRACE -CHOWN all; whether there is such a capability the runner knows. */
static int set_caps(struct topo_build *b, void *member, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = topo_list(value, &words);

	for (size_t i = 0; r == 0 && i < words.n; i++) {
		const char *w = words.v[i] + strspn(words.v[i], "+-");

		if (w - words.v[i] > 1 || !*w ||
		    w[strspn(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")])
			return err_set(e, EINVAL, "\"%.80s\" is not a capability, as in +NET_RAW",
				       words.v[i]);
	}
	return r < 0 ? topo_no_memory(b, e) : topo_set_str(b, member, value, e);
}

static int set_hostname(struct topo_build *b, void *member, const char *value, struct err *e)
{
	int r = name_check("host", value, NAME_MAX_CT, e);

	return r < 0 ? r : topo_set_str(b, member, value, e);
}

static int set_rootfs(struct topo_build *b, void *member, const char *value, struct err *e)
{
	/* "/": all of the host's files, copied on write */
	int r = strcmp(value, "/") ? check_absolute(value, e) : 0;

	return r < 0 ? r : topo_set_str(b, member, value, e);
}

static int set_cpus(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_cpus(value, member, e);
}

static int set_cpuset(struct topo_build *b, void *member, const char *value, struct err *e)
{
	char normal[256];
	int r = parse_cpuset(value, normal, sizeof(normal), e);

	if (r < 0)
		return r;
	*(const char **)member = topo_keep(b, normal, strlen(normal));
	return 0;
}

/* Units are mandatory in a lab file: 64 would be 64 bytes. */
static int set_memory(struct topo_build *b, void *member, const char *value, struct err *e)
{
	if (strcmp(value, "0") && !value[strspn(value, "0123456789.")]) {
		err_set(e, EINVAL, "\"%.80s\" lacks its unit", value);
		err_hint(e, "B, K, M or G: %.20sM", value);
		return -EINVAL;
	}
	return parse_size(value, member, e);
}

static int set_pids(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u32(value, 1, 4194304, member, e);
}

static int set_lo(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;

	n->n_lo = 0;
	return topo_add_prefixes(b, &n->lo, &n->n_lo, value, true, e);
}

static int set_masquerade(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;

	n->n_masquerade = 0;
	return topo_add_prefixes(b, &n->masquerade, &n->n_masquerade, value, false, e);
}

static int set_after(struct topo_build *b, void *node, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	struct topo_node *n = node;
	int r = topo_list(value, &words);

	n->n_after = 0;
	for (size_t i = 0; r == 0 && i < words.n; i++) {
		const char **x = TOPO_ADD(b, n->after_names, n->n_after);

		if (!x)
			return topo_no_memory(b, e);
		*x = topo_keep(b, words.v[i], strlen(words.v[i]));
	}
	return r < 0 ? topo_no_memory(b, e) : 0;
}

static int set_mac(struct topo_build *b, void *node, const char *value, struct err *e)
{
	struct topo_node *n = node;
	struct mac_addr mac;
	struct topo_mac *x;
	int r = parse_mac(value, &mac, e);

	if (r < 0)
		return r;
	if (!mac_is_unicast(&mac))
		return err_set(e, EINVAL, "%s is not the address of one interface", value);
	x = TOPO_ADD(b, n->macs, n->n_macs);
	if (!x)
		return topo_no_memory(b, e);
	*x = (struct topo_mac){ b->tail, mac, topo_pos(b->at) };
	return 0;
}

static int set_uplink(struct topo_build *b, void *member, const char *value, struct err *e)
{
	int r = name_check("network", value, NAME_MAX_IF, e);

	return r < 0 ? r : topo_set_str(b, member, value, e);
}

/*
 * [HOSTIP:]HOSTPORT:[NODE:]PORT[/PROTO]: without the node it is a port_spec. A
 * node's name can be all digits, but then stands between two colons.
 */
static int set_publish(struct topo_build *b, void *node, const char *value, struct err *e)
{
	const char *last = strrchr(value, ':'), *name = last;
	struct topo_node *n = node;
	struct topo_publish x = { .num = b->num, .to = TOPO_NONE, .text = value };
	struct topo_publish *to;
	const char *plain = value;
	int r;

	while (name && name > value && name[-1] != ':' && name[-1] != ']')
		name--;
	/* of three fields the middle one is a node unless the first is an address */
	if (name && name > value && name < last && name[-1] == ':' &&
	    (name[strspn(name, "0123456789-")] != ':' || strchr(name - 1, '['))) {
		x.to_name = topo_keep(b, name, (size_t)(last - name));
		plain = topo_printf(b, "%.*s%s", (int)(name - 1 - value), value, last);
	}
	if (!plain)
		return topo_no_memory(b, e);
	r = parse_port_spec(plain, &x.port, e);
	if (r < 0)
		return r;
	to = TOPO_ADD(b, n->publish, n->n_publish);
	if (!to)
		return topo_no_memory(b, e);
	*to = x;
	return 0;
}

#define ROW(name, set, member)                                \
	{                                                     \
		name, set, offsetof(struct topo_node, member) \
	}

const struct topo_key topo_node_keys[] = {
	{ "kind", NULL, 0 },
	ROW("rootfs", set_rootfs, rootfs),
	{ "mount.#", set_mount, 0 },
	{ "tmpfs.#", set_tmpfs, 0 },
	{ "env.#", set_env, 0 },
	ROW("user", set_user, user),
	ROW("caps", set_caps, caps),
	ROW("hostname", set_hostname, hostname),
	ROW("cpus", set_cpus, cpus_milli),
	ROW("cpu", set_cpus, cpus_milli),
	ROW("cpuset", set_cpuset, cpuset),
	ROW("memory", set_memory, memory),
	ROW("pids", set_pids, pids),
	{ "sysctl.#", set_sysctl, 0 },
	{ "lo", set_lo, 0 },
	{ "route.#", topo_set_route, 0 },
	{ "exec.#", set_exec, 0 },
	{ "daemon.#", set_daemon, 0 },
	{ "stop.#", set_stop, 0 },
	ROW("ready", topo_set_str, ready),
	ROW("ready-wait", topo_set_time, ready_wait),
	{ "after", set_after, 0 },
	{ "publish.#", set_publish, 0 },
	ROW("uplink", set_uplink, uplink),
	{ "masquerade", set_masquerade, 0 },
	{ "phys.#", set_phys, 0 },
	{ "mac.*", set_mac, 0 },
	ROW("stp", topo_set_bool, stp),
	ROW("mtu", topo_set_mtu, mtu),
	{ NULL, NULL, 0 },
};
