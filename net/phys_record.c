/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of lent interfaces: phys/NAME, JSON. */
#include <errno.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/json.h"
#include "core/base/parse.h"
#include "net/phys_real.h"

#define DIR_PHYS "phys"

int phys_record_save(struct net *net, const struct phys_info *p)
{
	_cleanup_close_ int dir = net_dir(net, DIR_PHYS, true);
	_cleanup_json_ json_t *j = NULL;
	char mac[MAC_STRLEN];

	if (dir < 0)
		return dir;
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:i, s:I, s:I}", "name", p->name,
		      "inside", p->inside, "owner", p->owner, "kind", p->kind, "alias", p->alias,
		      "mac", mac_str(&p->mac, mac), "mtu", (json_int_t)p->mtu, "up", p->up, "pid",
		      p->holder.pid, "start", (json_int_t)p->holder.start, "pidns",
		      (json_int_t)proc_namespace());
	return j ? json_save_at(dir, p->name, j) : -ENOMEM;
}

static int get_str(const json_t *j, const char *key, char *buf, size_t size)
{
	return str_fmt(buf, size, "%s", json_str(j, key, ""));
}

static int read_json(const json_t *j, struct phys_info *p)
{
	int64_t here = (int64_t)proc_namespace();

	if (get_str(j, "name", p->name, sizeof(p->name)) < 0 ||
	    get_str(j, "inside", p->inside, sizeof(p->inside)) < 0 ||
	    get_str(j, "owner", p->owner, sizeof(p->owner)) < 0 ||
	    get_str(j, "kind", p->kind, sizeof(p->kind)) < 0 ||
	    get_str(j, "alias", p->alias, sizeof(p->alias)) < 0 ||
	    parse_mac(json_str(j, "mac", ""), &p->mac, NULL) < 0)
		return -EINVAL;
	p->mtu = (uint32_t)json_int(j, "mtu", 0);
	p->up = json_flag(j, "up", false);
	/* whether a holder in another pid namespace lives cannot be told from here */
	if (json_int(j, "pidns", here) == here)
		p->holder.pid = (pid_t)json_int(j, "pid", 0);
	p->holder.start = (uint64_t)json_int(j, "start", 0);
	return p->name[0] && p->owner[0] ? 0 : -EINVAL;
}

int phys_record_load(struct net *net, const char *name, struct phys_info *ret)
{
	_cleanup_close_ int dir = net_dir(net, DIR_PHYS, false);
	_cleanup_json_ json_t *j = NULL;
	struct phys_info p = { .mtu = 0 };
	int r = dir < 0 ? dir : json_load_at(dir, name, &j);

	if (r >= 0)
		r = read_json(j, &p);
	if (r >= 0)
		*ret = p;
	return r;
}

int phys_record_drop(struct net *net, const char *name)
{
	_cleanup_close_ int dir = net_dir(net, DIR_PHYS, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int phys_record_names(struct net *net, struct strv *ret)
{
	_cleanup_close_ int dir = net_dir(net, DIR_PHYS, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return dir_names(dir, ret);
}

int phys_list(struct net *net, phys_fn *fn, void *ctx)
{
	struct strv names = { 0 };
	int r = phys_record_names(net, &names);

	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		struct phys_info p;

		/* one that came back meanwhile, or that nobody can read */
		if (phys_record_load(net, names.v[i], &p) >= 0)
			r = fn(&p, ctx);
	}
	strv_free(&names);
	return r < 0 ? r : 0;
}
