/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes no difference to the kernel: settings, profiles, tests and scenarios,
 * which are read from the file when they are needed; and the names in /etc/hosts.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/inside.h"
#include "net/topology_diff_build.h"

/* ---- texts that the parts of topology write ---- */

struct writer {
	char *text;
	size_t len;
	FILE *f;
};

static FILE *begin(struct writer *w)
{
	*w = (struct writer){ .text = NULL };
	w->f = open_memstream(&w->text, &w->len);
	return w->f;
}

/* Owned by the caller; NULL without memory. */
static char *finish(struct writer *w)
{
	if (w->f && fclose(w->f) != 0) {
		free(w->text);
		return NULL;
	}
	return w->text;
}

/* ---- items of a side ---- */

static void put(struct topo_items *x, const char *key, const char *value)
{
	topo_items_put(x, TOPO_CHANGE_FILE, 0, str_printf("%s", key), str_printf("%s", value));
}

static void put_settings(struct topo_items *x, const struct topology *t)
{
	char buf[IP_PREFIX_STRLEN], time[IMPAIR_STRLEN], num[24];

	snprintf(num, sizeof(num), "%" PRIu64, t->seed);
	put(x, "lab: seed", num);
	if (t->pool4.addr.family)
		put(x, "lab: ipv4-pool", prefix_str(&t->pool4, buf));
	if (t->pool6.addr.family)
		put(x, "lab: ipv6-pool", prefix_str(&t->pool6, buf));
	snprintf(num, sizeof(num), "%u", t->mtu);
	if (t->mtu)
		put(x, "lab: mtu", num);
	put(x, "lab: unsupported", t->warn_unsupported ? "warn" : "fail");
	if (t->wait)
		put(x, "lab: wait", topo_time_str(t->wait, time));
}

static char *impair_text(const struct topo_impair dirs[TOPO_DIRS])
{
	struct writer w;
	FILE *f = begin(&w);

	for (unsigned d = 0; f && d < TOPO_DIRS; d++) {
		fputs(d ? " / " : "", f);
		impair_write(f, &dirs[d]);
	}
	return finish(&w);
}

static void put_profiles(struct topo_items *x, const struct topology *t)
{
	for (size_t i = 0; i < t->n_profiles; i++)
		topo_items_put(x, TOPO_CHANGE_FILE, 0, str_printf("impair %s", t->profiles[i].name),
			       impair_text(t->profiles[i].impair));
}

static void put_subnets(struct topo_items *x, const struct topology *t)
{
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < t->n_nets; i++)
		for (size_t k = 0; k < t->nets[i].n_subnets; k++)
			topo_items_put_key(x, TOPO_CHANGE_FILE,
					   str_printf("net %s: subnet %s", t->nets[i].name,
						      prefix_str(&t->nets[i].subnets[k], buf)));
}

/* The value is the whole section: nobody wants to read that again. */
static void put_tests(struct topo_items *x, const struct topology *t)
{
	struct writer w;

	for (size_t i = 0; i < t->n_tests; i++) {
		if (begin(&w))
			topology_write_test(w.f, t, &t->tests[i]);
		topo_items_put(x, TOPO_CHANGE_FILE, 1, str_printf("test %s", t->tests[i].name),
			       finish(&w));
	}
	for (size_t i = 0; i < t->n_scenarios; i++) {
		if (begin(&w))
			topology_write_scenario(w.f, &t->scenarios[i]);
		topo_items_put(x, TOPO_CHANGE_FILE, 1,
			       str_printf("scenario %s", t->scenarios[i].name), finish(&w));
	}
}

static void put_all(struct topo_items *x, const struct topology *t)
{
	put_settings(x, t);
	put_profiles(x, t);
	put_subnets(x, t);
	put_tests(x, t);
}

static void add_item(void *ctx, const struct topo_item *o, const struct topo_item *n,
		     const char *text)
{
	struct topo_change c = { .what = TOPO_CHANGE_FILE, .old = TOPO_NONE, .new = TOPO_NONE };

	if (!(n ? n : o)->num)
		topo_differ_add(ctx, c, "%s", text);
	else if (o && n)
		topo_differ_add(ctx, c, "%s changed", n->key);
	else
		topo_differ_add(ctx, c, "%s %s", n ? n->key : o->key, n ? "added" : "gone");
}

/* ---- names ---- */

static char *hosts_text(const struct topology *t)
{
	struct writer w;

	if (begin(&w))
		inside_hosts(t, w.f);
	return finish(&w);
}

static void diff_names(struct topo_differ *d)
{
	_cleanup_free_ char *o = hosts_text(d->o), *n = hosts_text(d->n);
	struct topo_change c = { .what = TOPO_CHANGE_NAMES, .old = TOPO_NONE, .new = TOPO_NONE };

	if (!o || !n)
		d->oom = true;
	else if (strcmp(o, n) != 0)
		topo_differ_add(d, c, "names in /etc/hosts");
}

void topo_diff_file(struct topo_differ *d)
{
	_cleanup_(topo_items_free) struct topo_items a = { 0 }, b = { 0 };

	if (!d->o->name) /* there is no lab yet: all of it comes, and that is told */
		return;
	if (!d->o->no_hosts_file && !d->n->no_hosts_file)
		diff_names(d);
	put_all(&a, d->o);
	put_all(&b, d->n);
	if (topo_items_compare(&a, &b, add_item, d) < 0)
		d->oom = true;
}
