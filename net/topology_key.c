/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of a lab file as tables: the schema, which tells what is unknown, and
 * the setters derive from the same rows. The tables are in the files of their
 * nouns.
 */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

/* Sections and the tables of what may be in them. */
static const struct {
	const char *name;
	const struct topo_key *tables[3];
} schema[] = {
	{ "lab", { topo_lab_keys } },
	{ "defaults.node", { topo_node_keys } },
	{ "defaults.link", { topo_link_keys } },
	{ "kind.*", { topo_node_keys } },
	{ "node.*", { topo_node_keys } },
	{ "net.*", { topo_net_keys } },
	{ "link.*", { topo_link_keys } },
	{ "links", { NULL } },
	{ "impair.*", { topo_impair_keys } },
	{ "gen.*", { topo_gen_keys, topo_link_keys } },
	{ "test.*", { topo_test_keys } },
	{ "scenario.*", { topo_scenario_keys } },
};

struct topo_pos topo_pos(const struct ini_entry *at)
{
	return (struct topo_pos){ at->line, at->col };
}

/* ---- the schema ---- */

static const struct ini_key *schema_keys(struct topo_build *b, const struct topo_key *const *tables)
{
	struct ini_key *v;
	size_t n = 0;

	for (size_t i = 0; tables[i]; i++)
		for (const struct topo_key *k = tables[i]; k->name; k++)
			n++;
	v = topo_alloc(b, (n + 2) * sizeof(*v));
	if (!v)
		return NULL;
	n = 0;
	for (size_t i = 0; tables[i]; i++)
		for (const struct topo_key *k = tables[i]; k->name; k++)
			v[n++].name = k->name;
	if (!n)
		v[0].name = "*";
	return v;
}

static void schema_problem(void *ctx, const struct err *what)
{
	struct topo_build *b = ctx;
	const char *p = what->msg + strlen(b->ini->file);
	struct topo_pos at = { 0 };

	if (cur_lit(&p, ":") && cur_u32(&p, 0, UINT32_MAX, &at.line) && cur_lit(&p, ":"))
		cur_u32(&p, 0, UINT32_MAX, &at.col);
	if (topo_problem_add(b->problems, false, at, what) < 0)
		b->oom = true;
}

void topo_check_schema(struct topo_build *b)
{
	struct ini_section sections[ARRAY_SIZE(schema) + 1] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(schema); i++) {
		sections[i].name = schema[i].name;
		sections[i].keys = schema_keys(b, schema[i].tables);
		if (!sections[i].keys)
			return;
	}
	ini_check_each(b->ini, sections, schema_problem, b);
}

/* ---- entries ---- */

const struct ini_entry *topo_entry(const struct topo_section *s, const char *key)
{
	for (size_t i = 1; i <= s->n; i++)
		if (!strcmp(s->head[i].key, key))
			return &s->head[i];
	return NULL;
}

const struct topo_section *topo_section_of(const struct topo_build *b, const char *kind,
					   const char *name)
{
	size_t len = strlen(kind);
	const struct ini_entry *head;
	char full[128];

	if (str_fmt(full, sizeof(full), "%s%s%s", kind, name[0] ? "." : "", name) < 0 || !len)
		return NULL;
	head = ini_find(b->ini, full, NULL);
	if (!head)
		return NULL;
	/* sections stand in file order, as their headers do */
	for (size_t low = 0, high = b->n_sections; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (b->sections[mid].head == head)
			return &b->sections[mid];
		if (b->sections[mid].head < head)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

struct topo_pos topo_pos_of(const struct topo_build *b, const char *kind, const char *name,
			    const char *key, struct topo_pos otherwise)
{
	const struct topo_section *s = topo_section_of(b, kind, name);
	const struct ini_entry *at = s ? topo_entry(s, key) : NULL;

	return at ? topo_pos(at) : otherwise;
}

const struct topo_key *topo_key_find(const struct topo_key *keys, const char *name,
				     const char **ret_tail)
{
	for (; keys->name; keys++) {
		size_t len = strlen(keys->name);
		bool stem =
			len > 2 && keys->name[len - 2] == '.' && strchr("*#", keys->name[len - 1]);

		if (stem ? strncmp(keys->name, name, len - 1) || !name[len - 1]
			 : strcmp(keys->name, name))
			continue;
		*ret_tail = stem ? name + len - 1 : "";
		return keys;
	}
	return NULL;
}

int topo_key_set(struct topo_build *b, const struct topo_key *keys, void *object,
		 const struct ini_entry *at, const char *key, const char *value, struct err *e)
{
	const char *tail, *p;
	const struct topo_key *k = topo_key_find(keys, key, &tail);

	if (!k)
		return -ENOENT;
	if (!k->set)
		return 0;
	p = tail;
	b->at = at;
	b->key = key;
	b->tail = tail;
	if (!cur_u32(&p, 1, UINT32_MAX, &b->num) || *p)
		b->num = 0;
	if (k->name[strlen(k->name) - 1] == '#' && !b->num)
		return 0; /* the schema has refused it */
	return k->set(b, (char *)object + k->offset, value, e);
}

/* ---- setters ---- */

int topo_set_str(struct topo_build *b, void *member, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "the value is empty");
	*(const char **)member = value;
	return 0;
}

int topo_set_bool(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_bool(value, member, e);
}

/* 68: what every IPv4 link carries (RFC 791); the kernel's own limit for IPv4 is the same. */
int topo_set_mtu(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u32(value, 68, 65535, member, e);
}

int topo_set_time(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_duration(value, member, e);
}

int topo_set_impair(struct topo_build *b, void *member, const char *value, struct err *e)
{
	struct topo_impair *dirs = member;
	unsigned had[TOPO_DIRS] = { dirs[0].has, dirs[1].has };
	int r = impair_set(dirs, b->key, value, e);

	for (unsigned d = 0; d < TOPO_DIRS; d++)
		if (dirs[d].has != had[d] || !dirs[d].at.line)
			dirs[d].at = topo_pos(b->at);
	return r;
}

int topo_list(const char *value, struct strv *ret)
{
	return strv_split(ret, value, " \t,");
}

int topo_add_prefixes(struct topo_build *b, struct ip_prefix **v, size_t *n, const char *value,
		      bool host, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = topo_list(value, &words);

	if (r < 0)
		return topo_no_memory(b, e);
	if (!words.n)
		return err_set(e, EINVAL, "the list is empty");
	for (size_t i = 0; i < words.n; i++) {
		struct ip_prefix p = { 0 }, *to;

		if (host && !strchr(words.v[i], '/')) {
			r = parse_ip(words.v[i], &p.addr, e);
			p.len = (uint8_t)ip_bits(&p.addr);
		} else {
			r = host ? parse_prefix(words.v[i], &p, e)
				 : parse_subnet(words.v[i], &p, e);
		}
		if (r < 0)
			return r;
		to = TOPO_ADD(b, *v, *n);
		if (!to)
			return topo_no_memory(b, e);
		*to = p;
	}
	return 0;
}

int topo_add_subnets(struct topo_build *b, struct ip_prefix **v, size_t *n, bool *none,
		     const char *value, struct err *e)
{
	int r;

	*n = 0;
	*v = NULL;
	*none = !strcmp(value, "none");
	if (*none)
		return 0;
	r = topo_add_prefixes(b, v, n, value, false, e);
	for (size_t i = 0; r == 0 && i < *n; i++)
		for (size_t j = 0; r == 0 && j < i; j++)
			if (prefix_overlaps(&(*v)[i], &(*v)[j]))
				r = err_set(e, EINVAL, "two of the subnets overlap");
	return r;
}
