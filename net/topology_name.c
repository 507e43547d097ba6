/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in a lab file: what they may be, what they stand for, what was meant. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_build.h"

/* A suggestion looks at every name: enough of them for one file. */
#define SUGGESTIONS_MAX 100

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_-"

int topo_name_check(const char *what, const char *name, struct err *e)
{
	size_t len = strlen(name);

	if (!len)
		return err_set(e, EINVAL, "the %s name is empty", what);
	if (len > NAME_MAX_CT)
		return err_set(e, EINVAL, "%s name \"%.80s\" has %zu bytes, at most %d are allowed",
			       what, name, len, NAME_MAX_CT);
	if (name[strspn(name, NAME_BYTES)] || strchr("_-", name[0])) {
		err_set(e, EINVAL, "%s name \"%s\" is not lower-case letters, digits, _ and -",
			what, name);
		err_hint(e, "it begins with a letter or a digit");
		return -EINVAL;
	}
	return 0;
}

/* Names that mean something else in every namespace or below /proc/sys/net. */
int topo_ifname_check(const char *name, struct err *e)
{
	static const char *const reserved[] = { "lo", "all", "default" };
	int r = name_check("interface", name, NAME_MAX_IF, e);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(name, reserved[i]))
			r = err_set(e, EINVAL, "an interface cannot be called \"%s\"", name);
	return r;
}

static const struct {
	const char *word;
	const char *section;
} words[TOPO_WHATS] = {
	[TOPO_NODES] = { "node", "node" },   [TOPO_LINKS] = { "link", "link" },
	[TOPO_NETS] = { "net", "net" },	     [TOPO_PROFILES] = { "profile", "impair" },
	[TOPO_IFACES] = { "interface", "" },
};

struct candidates {
	const struct topology *t;
	enum topo_what what;
	const struct topo_node *node; /* whose interfaces */
};

static const char *candidate(const void *ctx, size_t i)
{
	const struct candidates *c = ctx;
	const struct topology *t = c->t;

	switch (c->what) {
	case TOPO_NODES:
		return i < t->n_nodes ? t->nodes[i].name : NULL;
	case TOPO_LINKS:
		return i < t->n_links ? t->links[i].name : NULL;
	case TOPO_NETS:
		return i < t->n_nets ? t->nets[i].name : NULL;
	case TOPO_PROFILES:
		return i < t->n_profiles ? t->profiles[i].name : NULL;
	default:
		return i < c->node->n_ifaces ? t->ifaces[c->node->ifaces[i]].name : NULL;
	}
}

int topo_find(struct topo_build *b, enum topo_what what, const char *name, uint32_t *ret,
	      struct err *e)
{
	const struct candidates c = { .t = b->t, .what = what };
	const char *near;
	uint32_t i = topo_index_find(b->t, what, name);

	if (i != TOPO_NONE) {
		*ret = i;
		return 0;
	}
	err_set(e, EINVAL, "there is no %s \"%.80s\"", words[what].word, name);
	if (b->suggestions++ >= SUGGESTIONS_MAX)
		return -EINVAL;
	near = str_nearest(name, candidate, &c);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	else if (!topo_name_check(words[what].word, name, NULL))
		err_hint(e, "add a section [%s.%s]", words[what].section, name);
	return -EINVAL;
}

int topo_find_iface(struct topo_build *b, uint32_t node, const char *name, uint32_t *ret,
		    struct err *e)
{
	const struct topo_node *n = &b->t->nodes[node];
	const struct candidates c = { .t = b->t, .what = TOPO_IFACES, .node = n };
	uint32_t i = topology_iface(b->t, node, name);
	const char *near;

	if (i != TOPO_NONE) {
		*ret = i;
		return 0;
	}
	err_set(e, EINVAL, "%s has no interface \"%.80s\"", n->name, name);
	near = b->suggestions++ < SUGGESTIONS_MAX ? str_nearest(name, candidate, &c) : NULL;
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	return -EINVAL;
}
