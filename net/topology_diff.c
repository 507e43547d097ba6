/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of changes, and items: sorted, merged, put into words. */
#include "net/topology_diff.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "net/topology_diff_build.h"

static const struct {
	const char *word;
	char sign;
} words[] = {
	[TOPO_DEL_LINK] = { "del-link", '-' },
	[TOPO_DEL_MEMBER] = { "del-member", '-' },
	[TOPO_DEL_NODE] = { "del-node", '-' },
	[TOPO_DEL_NET] = { "del-net", '-' },
	[TOPO_ADD_NET] = { "add-net", '+' },
	[TOPO_ADD_NODE] = { "add-node", '+' },
	[TOPO_REPLACE_NODE] = { "replace-node", '!' },
	[TOPO_ADD_MEMBER] = { "add-member", '+' },
	[TOPO_ADD_LINK] = { "add-link", '+' },
	[TOPO_CHANGE_BRIDGE] = { "change-bridge", '~' },
	[TOPO_CHANGE_MTU] = { "change-mtu", '~' },
	[TOPO_CHANGE_IMPAIR] = { "change-impair", '~' },
	[TOPO_CHANGE_STATE] = { "change-state", '~' },
	[TOPO_CHANGE_LIMITS] = { "change-limits", '~' },
	[TOPO_CHANGE_NODE] = { "change-node", '~' },
	[TOPO_CHANGE_HOST] = { "change-host", '~' },
	[TOPO_CHANGE_NAMES] = { "change-names", '~' },
	[TOPO_CHANGE_STOP] = { "change-stop", '~' },
	[TOPO_RUN_EXEC] = { "run-exec", '~' },
	[TOPO_CHANGE_DAEMON] = { "change-daemon", '~' },
	[TOPO_CHANGE_FILE] = { "change-file", '~' },
};
static_assert(ARRAY_SIZE(words) == TOPO_CHANGES, "each change has its word");

const char *topo_change_word(enum topo_change_what what)
{
	return (unsigned)what < TOPO_CHANGES ? words[what].word : NULL;
}

char topo_change_sign(enum topo_change_what what)
{
	return words[what].sign;
}

/* ---- changes ---- */

void topo_differ_add(struct topo_differ *d, struct topo_change c, const char *fmt, ...)
{
	struct topo_change *to = VEC_ADD(d->v, d->n_v);
	va_list ap;

	if (!to) {
		d->oom = true;
		return;
	}
	*to = c;
	va_start(ap, fmt);
	if (vasprintf(&to->text, fmt, ap) < 0) {
		to->text = NULL;
		d->oom = true;
	}
	va_end(ap);
}

enum topo_stands topo_stands(const uint8_t *v, uint32_t i)
{
	return v ? (enum topo_stands)v[i] : TOPO_STANDS;
}

/* Into the order of their kinds; among equals it stays. */
static int sort(struct topo_differ *d, struct topo_diff *ret)
{
	struct topo_diff sorted = { .v = calloc(d->n_v + 1, sizeof(*sorted.v)) };

	if (!sorted.v)
		return -ENOMEM;
	for (unsigned what = 0; what < TOPO_CHANGES; what++)
		for (size_t i = 0; i < d->n_v; i++)
			if (d->v[i].what == what)
				sorted.v[sorted.n++] = d->v[i];
	free(d->v);
	*ret = sorted;
	return 0;
}

static int begin(struct topo_differ *d)
{
	d->new_of = calloc(d->o->n_nodes + 1, sizeof(*d->new_of));
	d->old_of = calloc(d->n->n_nodes + 1, sizeof(*d->old_of));
	d->anew = calloc(d->n->n_nodes + 1, sizeof(*d->anew));
	d->iface_old = calloc(d->n->n_ifaces + 1, sizeof(*d->iface_old));
	d->iface_stays = calloc(d->o->n_ifaces + 1, sizeof(*d->iface_stays));
	if (!d->new_of || !d->old_of || !d->anew || !d->iface_old || !d->iface_stays)
		return -ENOMEM;
	memset(d->iface_old, 0xff, d->n->n_ifaces * sizeof(*d->iface_old));
	return 0;
}

static void end(struct topo_differ *d)
{
	free(d->new_of);
	free(d->old_of);
	free(d->anew);
	free(d->iface_old);
	free(d->iface_stays);
}

int topology_diff(const struct topology *o, const struct topo_standing *s, const struct topology *n,
		  struct topo_diff *ret)
{
	static void (*const parts[])(struct topo_differ * d) = { topo_diff_nodes, topo_diff_wires,
								 topo_diff_settings,
								 topo_diff_file };
	static const struct topo_standing all = { 0 };
	struct topo_differ d = { .o = o, .n = n, .s = s ? s : &all };
	int r = begin(&d);

	for (size_t i = 0; r == 0 && !d.oom && i < ARRAY_SIZE(parts); i++)
		parts[i](&d);
	end(&d);
	if (r < 0 || d.oom || sort(&d, ret) < 0) {
		topology_diff_free(&(struct topo_diff){ .v = d.v, .n = d.n_v });
		return -ENOMEM;
	}
	return 0;
}

void topology_diff_free(struct topo_diff *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].text);
	free(d->v);
	*d = (struct topo_diff){ 0 };
}

/* ---- items ---- */

static void put_item(struct topo_items *x, enum topo_change_what what, uint32_t num, char *key,
		     char *value, bool whole)
{
	struct topo_item *to = NULL;

	if (whole)
		to = VEC_ADD(x->v, x->n);
	if (!to) {
		free(key);
		free(value);
		x->oom = true;
		return;
	}
	*to = (struct topo_item){ what, num, (uint32_t)x->n, key, value };
}

void topo_items_put(struct topo_items *x, enum topo_change_what what, uint32_t num, char *key,
		    char *value)
{
	put_item(x, what, num, key, value, key && value);
}

void topo_items_put_key(struct topo_items *x, enum topo_change_what what, char *key)
{
	put_item(x, what, 0, key, NULL, key);
}

void topo_items_free(struct topo_items *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].key);
		free(x->v[i].value);
	}
	free(x->v);
	*x = (struct topo_items){ 0 };
}

/* exec.2 before exec.10; of equal keys the one put last is first. */
static int compare_items(const void *a, const void *b)
{
	const struct topo_item *x = a, *y = b;
	int r = strverscmp(x->key, y->key);

	return r ? r : (x->at < y->at) - (x->at > y->at);
}

static void sort_items(struct topo_items *x)
{
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), compare_items);
}

/* Past an item and those that it replaces. */
static size_t after(const struct topo_items *x, size_t i)
{
	size_t k = i + 1;

	while (k < x->n && !strcmp(x->v[k].key, x->v[i].key))
		k++;
	return k;
}

static bool same_value(const struct topo_item *o, const struct topo_item *n)
{
	if (!o->value || !n->value)
		return o->value == n->value;
	return !strcmp(o->value, n->value);
}

static int tell(const char *key, const struct topo_item *o, const struct topo_item *n,
		topo_item_fn *fn, void *ctx)
{
	const char *was = o ? o->value : NULL, *is = n ? n->value : NULL;
	_cleanup_free_ char *text = NULL;

	if (was || is)
		text = str_printf("%s %s -> %s", key, was ? was : "none", is ? is : "none");
	else
		text = str_printf("%s %s", key, n ? "added" : "gone");
	if (!text)
		return -ENOMEM;
	fn(ctx, o, n, text);
	return 0;
}

int topo_items_compare(struct topo_items *o, struct topo_items *n, topo_item_fn *fn, void *ctx)
{
	int r = o->oom || n->oom ? -ENOMEM : 0;

	sort_items(o);
	sort_items(n);
	for (size_t i = 0, k = 0; r == 0 && (i < o->n || k < n->n);) {
		const struct topo_item *x = i < o->n ? &o->v[i] : NULL;
		const struct topo_item *y = k < n->n ? &n->v[k] : NULL;
		int order = !x ? 1 : !y ? -1 : strverscmp(x->key, y->key);

		if (x && order < 0)
			r = tell(x->key, x, NULL, fn, ctx);
		else if (y && order > 0)
			r = tell(y->key, NULL, y, fn, ctx);
		else if (x && y && !same_value(x, y))
			r = tell(x->key, x, y, fn, ctx);
		i = order <= 0 ? after(o, i) : i;
		k = order >= 0 ? after(n, k) : k;
	}
	return r;
}
