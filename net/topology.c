/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to a topology, in passes, since anything may stand before what it
 * names: the lab itself and the profiles; all nodes, those of generators
 * included; wires in file order, so that a node's interfaces are in that order;
 * addresses; routes, which need the addresses; tests and scenarios, which may
 * name all of it; at last what concerns the whole. A pass goes on after what is
 * wrong and says so; only a topology without any such is handed out.
 */
#include "net/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/fd.h"
#include "net/topology_build.h"

#define FILE_MAX (1024UL * 1024)

static int set_version(struct topo_build *b, void *member, const char *value, struct err *e)
{
	if (!strcmp(value, "1"))
		return 0;
	return err_set(e, EINVAL, "\"%.80s\" is not 1, the only version there is", value);
}

static int set_lab_name(struct topo_build *b, void *member, const char *value, struct err *e)
{
	int r = topo_name_check("lab", value, e);

	return r < 0 ? r : topo_set_str(b, member, value, e);
}

static int set_seed(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u64(value, 0, UINT64_MAX, member, e);
}

static int set_pool(struct topo_build *b, void *member, const char *value, struct err *e)
{
	uint8_t family = !strcmp(b->key, "ipv4-pool") ? AF_INET : AF_INET6;
	struct ip_prefix p;
	int r = parse_subnet(value, &p, e);

	if (r < 0)
		return r;
	if (p.addr.family != family)
		return err_set(e, EINVAL, "%s is of the other family", value);
	*(struct ip_prefix *)member = p;
	return 0;
}

static int set_unsupported(struct topo_build *b, void *member, const char *value, struct err *e)
{
	bool warn = !strcmp(value, "warn");

	if (!warn && strcmp(value, "fail"))
		return err_set(e, EINVAL, "\"%.80s\" is neither fail nor warn", value);
	*(bool *)member = warn;
	return 0;
}

static int set_hosts_file(struct topo_build *b, void *member, const char *value, struct err *e)
{
	bool yes;
	int r = parse_bool(value, &yes, e);

	if (r == 0)
		*(bool *)member = !yes;
	return r;
}

#define ROW(name, set, member)                               \
	{                                                    \
		name, set, offsetof(struct topology, member) \
	}

const struct topo_key topo_lab_keys[] = {
	ROW("name", set_lab_name, name),
	{ "version", set_version, 0 },
	ROW("seed", set_seed, seed),
	ROW("ipv4-pool", set_pool, pool4),
	ROW("ipv6-pool", set_pool, pool6),
	ROW("mtu", topo_set_mtu, mtu),
	ROW("unsupported", set_unsupported, warn_unsupported),
	ROW("wait", topo_set_time, wait),
	ROW("hosts-file", set_hosts_file, no_hosts_file),
	{ NULL, NULL, 0 },
};

/* Without a name= it is the file's, where that is one. */
static const char *name_of_file(struct topo_build *b)
{
	const char *base = strrchr(b->ini->file, '/');
	size_t len;
	const char *name;

	base = base ? base + 1 : b->ini->file;
	len = strcspn(base, ".");
	name = topo_keep(b, base, len);
	return name && topo_name_check("lab", name, NULL) == 0 ? name : "lab";
}

void topo_read_lab(struct topo_build *b)
{
	const struct topo_section *s = topo_section_of(b, "lab", "");

	for (size_t i = 1; s && i <= s->n; i++) {
		struct err e = ERR_INIT;
		const struct ini_entry *at = &s->head[i];

		if (topo_key_set(b, topo_lab_keys, b->t, at, at->key, at->value, &e) == -EINVAL ||
		    e.num)
			topo_blame(b, at, &e);
	}
	if (!b->t->name)
		b->t->name = name_of_file(b);
}

/* ---- sections, in file order ---- */

static int collect_sections(struct topo_build *b)
{
	struct topo_section *s = NULL;

	for (size_t i = 0; i < b->ini->n; i++) {
		const struct ini_entry *at = &b->ini->entries[i];
		const char *dot;

		if (at->key && s) /* ini_parse refuses a key before the first section */
			s->n++;
		if (at->key)
			continue;
		s = TOPO_ADD(b, b->sections, b->n_sections);
		if (!s)
			return -ENOMEM;
		dot = strchr(at->section, '.');
		s->head = at;
		s->name = dot ? dot + 1 : "";
	}
	return 0;
}

struct syntax {
	struct topo_problems *problems;
	const char *file;
	bool oom;
};

static void syntax_problem(void *ctx, const struct err *what)
{
	struct syntax *x = ctx;
	const char *p = what->msg + strlen(x->file);
	struct topo_pos at = { 0 };

	if (cur_lit(&p, ":") && cur_u32(&p, 0, UINT32_MAX, &at.line) && cur_lit(&p, ":"))
		cur_u32(&p, 0, UINT32_MAX, &at.col);
	if (topo_problem_add(x->problems, false, at, what) < 0)
		x->oom = true;
}

/* A problem of the whole file, which has no position. */
static int fail(struct topo_problems *p, int r, const struct err *e)
{
	return topo_problem_add(p, false, (struct topo_pos){ 0 }, e) < 0 ? -ENOMEM : r;
}

static void read_all(struct topo_build *b)
{
	static void (*const passes[])(struct topo_build * b) = {
		topo_check_schema,   topo_read_lab,	  topo_read_profiles, topo_read_nodes,
		topo_read_wires,     topo_read_addresses, topo_read_routes,   topo_read_tests,
		topo_read_scenarios, topo_check,
	};

	if (collect_sections(b) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(passes) && !b->oom; i++)
		passes[i](b);
}

static int build(struct topology *t, struct topo_problems *p)
{
	struct topo_build b = { .t = t, .problems = p, .ini = &t->data->ini };
	struct err e = ERR_INIT;

	b.bad = calloc(b.ini->n + 1, sizeof(*b.bad));
	if (b.bad)
		read_all(&b);
	if (!b.bad || b.oom) {
		free(b.bad);
		err_sys(&e, ENOMEM, "%s", b.ini->file);
		return fail(p, -ENOMEM, &e);
	}
	free(b.bad);
	topo_problems_sort(p);
	return p->errors ? -EINVAL : 0;
}

int topology_parse(const char *file, const char *text, size_t len, struct topology *ret,
		   struct topo_problems *p)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct syntax x = { .problems = p, .file = file };
	struct err e = ERR_INIT;
	int r;

	t.data = calloc(1, sizeof(*t.data));
	if (!t.data) {
		err_sys(&e, ENOMEM, "%s", file);
		return fail(p, -ENOMEM, &e);
	}
	r = ini_parse_each(file, text, len, &t.data->ini, syntax_problem, &x, &e);
	if (r < 0)
		return fail(p, r, &e);
	if (x.oom)
		return -ENOMEM;
	r = build(&t, p);
	if (r < 0)
		return r;
	*ret = t;
	t = (struct topology){ 0 };
	return 0;
}

int topology_load(int dirfd, const char *path, struct topology *ret, struct topo_problems *p)
{
	_cleanup_free_ char *text = NULL;
	struct err e = ERR_INIT;
	size_t len;
	int r = file_read_at(dirfd, path, FILE_MAX, &text, &len);

	if (r < 0) {
		err_sys(&e, r, "%s", path);
		return fail(p, r, &e);
	}
	return topology_parse(path, text, len, ret, p);
}

void topology_free(struct topology *t)
{
	topo_data_free(t->data);
	*t = (struct topology){ 0 };
}
