/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message with the trees of files and the beginning of the texts; where those
 * are long, others follow with the rest. Then one with the groups. Both ends are the
 * same program, so what arrives is as it was sent; only lengths are looked at.
 *
 *	texts		one after the other, each with its NUL
 *	groups		descriptors of the v2 group and of v1 task files, each if any
 */
#include "core/order.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/spec.h"

#define CHUNK	  4096
#define TEXTS_MAX (64UL << 20)

/* id, name, host name, files */
enum { TEXT_ID, TEXT_NAME, TEXT_HOSTNAME, TEXT_FILES, TEXTS = TEXT_FILES + ORDER_FILES };

struct order {
	uint32_t n_files;
	int32_t netns;
	uint32_t len[TEXTS]; /* with the NUL; 0: NULL */
	char text[CHUNK]; /* their beginning; only what there is of it is sent */
};

static void texts_of(const struct ct_spec *spec, const char *ret[TEXTS])
{
	ret[TEXT_ID] = spec->id;
	ret[TEXT_NAME] = spec->name;
	ret[TEXT_HOSTNAME] = spec->hostname;
	for (size_t i = 0; i < spec->n_files; i++)
		ret[TEXT_FILES + i] = spec->files[i].text;
}

/* All of them in one piece, and their lengths in o. */
static char *texts_join(const char *const v[TEXTS], struct order *o, size_t *ret_len)
{
	size_t len = 0, at = 0;
	char *all;

	for (size_t i = 0; i < TEXTS; i++) {
		o->len[i] = v[i] ? (uint32_t)strlen(v[i]) + 1 : 0;
		len += o->len[i];
	}
	all = malloc(len + 1);
	for (size_t i = 0; all && i < TEXTS; i++) {
		memcpy(all + at, v[i] ? v[i] : "", o->len[i]);
		at += o->len[i];
	}
	*ret_len = len;
	return all;
}

static size_t trees_of(const struct ct_spec *spec, const int *trees, int ret[ORDER_FILES])
{
	size_t n = 0;

	for (size_t i = 0; i < spec->n_files; i++)
		if (!spec->files[i].text)
			ret[n++] = trees[i];
	return n;
}

static size_t chunk(size_t len)
{
	return len < CHUNK ? len : CHUNK;
}

int order_send(int line, const struct ct_spec *spec, const int *trees, struct err *e)
{
	struct order o = { .n_files = (uint32_t)spec->n_files, .netns = spec->netns };
	_cleanup_free_ char *all = NULL;
	const char *texts[TEXTS] = { NULL };
	int fds[ORDER_FILES], r;
	size_t len, at;

	if (spec->n_files > ORDER_FILES)
		return err_set(e, -E2BIG, "more than %d files", ORDER_FILES);
	texts_of(spec, texts);
	all = texts_join(texts, &o, &len);
	if (!all)
		return err_sys(e, -ENOMEM, "texts");
	at = chunk(len);
	memcpy(o.text, all, at);
	r = fd_send(line, &o, offsetof(struct order, text) + at, fds, trees_of(spec, trees, fds));
	for (size_t n; r >= 0 && at < len; at += n) {
		n = chunk(len - at);
		r = fd_send(line, all + at, n, NULL, 0);
	}
	return r < 0 ? err_sys(e, r, "tell the guard") : 0;
}

/* Each ends with its NUL, or nobody would see where. */
static bool texts_end(const struct order *o, const char *all)
{
	for (size_t i = 0; i < TEXTS; i++) {
		all += o->len[i];
		if (o->len[i] && all[-1])
			return false;
	}
	return true;
}

/* The texts, of which the first message brought got bytes. */
static char *texts_take(int line, const struct order *o, size_t got)
{
	_cleanup_free_ char *all = NULL;
	size_t len = 0, n;

	for (size_t i = 0; i < TEXTS; i++)
		len += o->len[i];
	all = len <= TEXTS_MAX ? malloc(len + 1) : NULL;
	if (!all || got != chunk(len))
		return NULL;
	memcpy(all, o->text, got);
	while (got < len) {
		ssize_t more = fd_recv(line, all + got, chunk(len - got), NULL, 0, &n);

		if (more <= 0)
			return NULL;
		got += (size_t)more;
	}
	return texts_end(o, all) ? take_ptr(all) : NULL;
}

/* Points spec's strings into all. */
static void texts_give(struct ct_spec *spec, const struct order *o, const char *all)
{
	const char *v[TEXTS];

	for (size_t i = 0; i < TEXTS; i++) {
		v[i] = o->len[i] ? all : NULL;
		all += o->len[i];
	}
	spec->id = v[TEXT_ID];
	spec->name = v[TEXT_NAME];
	spec->hostname = v[TEXT_HOSTNAME];
	for (size_t i = 0; i < o->n_files; i++)
		spec->files[i].text = v[TEXT_FILES + i];
}

/* Whether all that is counted on is there: who the container is, strings that end. */
static bool is_whole(const struct order *o, ssize_t len, const struct ct_spec *spec)
{
	return len >= (ssize_t)offsetof(struct order, text) && o->n_files == spec->n_files &&
	       o->n_files <= ORDER_FILES && o->len[TEXT_ID];
}

static size_t wanted(const struct order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_files; i++)
		n += !o->len[TEXT_FILES + i];
	return n;
}

static void close_all(int *fds, size_t n)
{
	while (n)
		close(fds[--n]);
}

int order_take(int line, struct ct_spec *spec, int trees[ORDER_FILES])
{
	struct order o;
	int fds[ORDER_FILES];
	size_t n = 0, at = 0;
	ssize_t len = fd_recv(line, &o, sizeof(o), fds, ORDER_FILES, &n);
	char *all = is_whole(&o, len, spec) && n == wanted(&o)
			    ? texts_take(line, &o, (size_t)len - offsetof(struct order, text))
			    : NULL;

	if (!all) {
		close_all(fds, n);
		return -EPIPE;
	}
	texts_give(spec, &o, all);
	spec->netns = (enum ct_netns)o.netns;
	for (size_t i = 0; i < o.n_files; i++)
		trees[i] = spec->files[i].text ? -1 : fds[at++];
	return 0;
}

/* ---- groups ---- */

#define GROUPS (1 + CGROUP_V1_MAX)

struct groups {
	char path[sizeof(((struct cgroup *)0)->path)];
	uint32_t v2, n_tasks; /* v2: 0 or 1 */
};

int order_send_groups(int line, const struct cgroup *cg, struct err *e)
{
	struct groups g = { .v2 = cg->v2_fd >= 0, .n_tasks = cg->n_tasks };
	size_t n = 0;
	int fds[GROUPS], r;

	memcpy(g.path, cg->path, sizeof(g.path));
	if (g.v2)
		fds[n++] = cg->v2_fd;
	for (unsigned i = 0; i < cg->n_tasks; i++)
		fds[n++] = cg->tasks_fds[i];
	r = fd_send(line, &g, sizeof(g), fds, n);
	return r < 0 ? err_sys(e, r, "tell the guard") : 0;
}

int order_take_groups(int line, struct cgroup *ret)
{
	struct groups g;
	int fds[GROUPS];
	size_t n = 0, at = 0;
	ssize_t len = fd_recv(line, &g, sizeof(g), fds, GROUPS, &n);

	if (len != (ssize_t)sizeof(g) || !memchr(g.path, '\0', sizeof(g.path)) ||
	    g.n_tasks > CGROUP_V1_MAX || n != !!g.v2 + (size_t)g.n_tasks) {
		close_all(fds, n);
		return -EPIPE;
	}
	*ret = (struct cgroup)CGROUP_INIT;
	memcpy(ret->path, g.path, sizeof(ret->path));
	if (g.v2)
		ret->v2_fd = fds[at++];
	while (ret->n_tasks < g.n_tasks)
		ret->tasks_fds[ret->n_tasks++] = fds[at++];
	return 0;
}
