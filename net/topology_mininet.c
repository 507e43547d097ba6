/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Topologies in the words of `mn --topo`, each a generator of a lab file. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/topology.h"

#define PARAMS_MAX 3

/* What stands for the words behind the name; a default where one may be left out. */
static const struct {
	const char *name, *type;
	const char *keys[PARAMS_MAX];
	const char *defaults[PARAMS_MAX];
} kinds[] = {
	{ "minimal", "star", { NULL }, { NULL } },
	{ "single", "star", { "n" }, { "2" } },
	{ "linear", "line", { "n", "hosts-per-switch" }, { "2", "1" } },
	{ "tree", "tree", { "depth", "fanout" }, { "1", "2" } },
	{ "torus", "torus", { "w", "h", "hosts-per-switch" }, { "3", "3", "1" } },
};

static const char *word(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i].name : NULL;
}

static int write_gen(size_t kind, const struct strv *words, const char *name, FILE *f,
		     struct err *e)
{
	fprintf(f, "[lab]\nname = %s\n\n[gen.%s]\ntype = %s\n", name ? name : kinds[kind].name,
		kinds[kind].name, kinds[kind].type);
	if (!kinds[kind].keys[0])
		fprintf(f, "n = 2\n");
	for (size_t i = 0; i < PARAMS_MAX && kinds[kind].keys[i]; i++) {
		const char *v = i + 1 < words->n ? words->v[i + 1] : kinds[kind].defaults[i];
		uint32_t number;
		int r = parse_u32(v, 1, 65535, &number, e);

		if (r < 0)
			return err_wrap(e, r, "%s", kinds[kind].keys[i]);
		fprintf(f, "%s = %u\n", kinds[kind].keys[i], number);
	}
	fprintf(f, "subnet = 10.0.0.0/8\n\n[test.all]\ntype = pingall\nexpect = 100%%\nwait = %s\n",
		!strcmp(kinds[kind].type, "torus") ? "60s" : "5s");
	return 0;
}

/* Without the place, which is in a text that nobody sees. */
static const char *reason(const struct topo_problems *p)
{
	const char *msg, *bracket;
	size_t i = 0;

	while (i + 1 < p->n && p->v[i].warning)
		i++;
	msg = p->n ? p->v[i].msg + strcspn(p->v[i].msg, " ") : "";
	bracket = strstr(msg, "]: ");
	return bracket ? bracket + strlen("]: ") : msg + strspn(msg, " ");
}

/* Numbers that are fine one by one may be too small, or too large, for such a topology. */
static int check_lab(const char *words, const char *text, size_t len, struct err *e)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_topology_ struct topology t = { 0 };
	int r = topology_parse("lab", text, len, &t, &p);

	return r < 0 ? err_set(e, r, "%.80s: %s", words, reason(&p)) : 0;
}

static int write_checked(size_t kind, const struct strv *v, const char *words, const char *name,
			 FILE *f, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *lab = open_memstream(&text, &len);
	int r = lab ? write_gen(kind, v, name, lab, e) : err_sys(e, errno, "%s", words);

	if (lab && fclose(lab) != 0 && r >= 0)
		r = err_sys(e, ENOMEM, "%s", words);
	if (r >= 0)
		r = check_lab(words, text, len, e);
	if (r >= 0)
		fputs(text, f);
	return r;
}

int topology_from_mininet(const char *words, const char *name, FILE *f, struct err *e)
{
	_cleanup_(strv_free) struct strv v = { 0 };
	const char *near;

	if (strv_split(&v, words, ",") < 0)
		return err_sys(e, ENOMEM, "%s", words);
	if (name && name_check("lab", name, NAME_MAX_CT, e) < 0)
		return -EINVAL;
	for (size_t i = 0; v.n && i < ARRAY_SIZE(kinds); i++) {
		size_t params = 0;

		if (strcmp(v.v[0], kinds[i].name))
			continue;
		while (params < PARAMS_MAX && kinds[i].keys[params])
			params++;
		if (v.n - 1 > params)
			return err_set(e, EINVAL, "%s takes %zu numbers", v.v[0], params);
		return write_checked(i, &v, words, name, f, e);
	}
	err_set(e, EINVAL, "'%.80s' is no topology", words);
	near = v.n ? str_nearest(v.v[0], word, NULL) : NULL;
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	else
		err_hint(e, "minimal, single,N, linear,N[,HOSTS], tree,DEPTH,FANOUT, torus,W,H");
	return -EINVAL;
}
