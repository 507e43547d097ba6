/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: steps in the order of their numbers, each a verb and its words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

/* Words, of which one may be in quotes; the quotes go. */
static int split(const char *text, struct strv *ret, struct err *e)
{
	const char *p = text;
	int r = 0;

	while (r == 0 && *(p += strspn(p, " \t"))) {
		size_t len;

		if (*p == '"' || *p == '\'') {
			const char *end = strchr(p + 1, *p);

			if (!end)
				return err_set(e, EINVAL, "a quote is not closed");
			r = strv_add_take(ret, strndup(p + 1, (size_t)(end - p - 1)));
			p = end + 1;
			continue;
		}
		len = strcspn(p, " \t");
		r = strv_add_take(ret, strndup(p, len));
		p += len;
	}
	return r < 0 ? err_sys(e, ENOMEM, "lab") : 0;
}

static int step_link(struct topo_build *b, const struct strv *w, struct topo_step *x, struct err *e)
{
	if (w->n != 3)
		return err_set(e, EINVAL, "link NAME up or down is expected");
	x->up = !strcmp(w->v[2], "up");
	if (!x->up && strcmp(w->v[2], "down"))
		return err_set(e, EINVAL, "\"%.80s\" is neither up nor down", w->v[2]);
	return topo_find(b, TOPO_LINKS, w->v[1], &x->link, e);
}

static int step_impair(struct topo_build *b, const struct strv *w, struct topo_step *x,
		       struct err *e)
{
	int r;

	if (w->n < 3)
		return err_set(e, EINVAL, "impair LINK KEY=VALUE ... or none is expected");
	r = topo_find(b, TOPO_LINKS, w->v[1], &x->link, e);
	x->clear = !strcmp(w->v[2], "none");
	for (size_t i = x->clear ? 3 : 2; r == 0 && i < w->n; i++) {
		char *eq = strchr(w->v[i], '=');

		if (!eq)
			return err_set(e, EINVAL, "\"%.80s\" is not KEY=VALUE", w->v[i]);
		*eq = '\0';
		if (!strcmp(w->v[i], "impair"))
			r = topo_impair_use(b, x->dirs, eq + 1, e);
		else
			r = impair_set(x->dirs, w->v[i], eq + 1, e);
		if (r == -ENOENT)
			return err_set(e, EINVAL, "there is no impairment \"%.80s\"", w->v[i]);
	}
	return r;
}

static int step_exec(struct topo_build *b, const struct strv *w, struct topo_step *x, struct err *e)
{
	size_t len = 0;
	char *text;
	int r;

	if (w->n < 3)
		return err_set(e, EINVAL, "exec NODE \"COMMAND\" is expected");
	for (size_t i = 2; i < w->n; i++)
		len += strlen(w->v[i]) + 1;
	text = topo_alloc(b, len + 1);
	if (!text)
		return topo_no_memory(b, e);
	len = 0;
	for (size_t i = 2; i < w->n; i++) {
		size_t n = strlen(w->v[i]);

		if (i > 2)
			text[len++] = ' ';
		memcpy(text + len, w->v[i], n);
		len += n;
	}
	x->cmd = text;
	r = topo_find(b, TOPO_NODES, w->v[1], &x->node, e);
	if (r == 0 && b->t->nodes[x->node].kind == TOPO_SWITCH)
		r = err_set(e, EINVAL, "%s is a switch: nothing runs there", w->v[1]);
	return r;
}

static int expect_word(const char *word, struct topo_step *x, struct err *e)
{
	if (str_starts(word, "wait="))
		return parse_duration(word + 5, &x->ns, e);
	if (!strcmp(word, "family=4") || !strcmp(word, "family=6")) {
		x->family = word[7] == '4' ? AF_INET : AF_INET6;
		return 0;
	}
	return err_set(e, EINVAL, "\"%.80s\" is neither wait=TIME nor family=4 or 6", word);
}

static int step_expect(struct topo_build *b, const struct strv *w, struct topo_step *x,
		       struct err *e)
{
	int r;

	if (w->n < 5 || strcmp(w->v[2], "ping"))
		return err_set(e, EINVAL, "expect ok or fail ping FROM TO [wait=TIME] is expected");
	x->up = !strcmp(w->v[1], "ok");
	if (!x->up && strcmp(w->v[1], "fail"))
		return err_set(e, EINVAL, "\"%.80s\" is neither ok nor fail", w->v[1]);
	r = topo_target_parse(b, topo_keep(b, w->v[3], strlen(w->v[3])), &x->from, e);
	if (r == 0 && (x->from.node == TOPO_NONE || b->t->nodes[x->from.node].kind == TOPO_SWITCH))
		r = err_set(e, EINVAL, "nothing can be sent from \"%.80s\"", w->v[3]);
	r = r < 0 ? r : topo_target_parse(b, topo_keep(b, w->v[4], strlen(w->v[4])), &x->to, e);
	if (r == 0 && x->to.node == TOPO_NONE && !ip_is_set(&x->to.prefix.addr))
		r = err_set(e, EINVAL, "nothing can be sent to \"%.80s\"", w->v[4]);
	for (size_t i = 5; r == 0 && i < w->n; i++)
		r = expect_word(w->v[i], x, e);
	return r;
}

static int step_node(struct topo_build *b, const struct strv *w, struct topo_step *x, struct err *e)
{
	if (w->n != 3)
		return err_set(e, EINVAL, "node NAME stop or start is expected");
	x->up = !strcmp(w->v[2], "start");
	if (!x->up && strcmp(w->v[2], "stop"))
		return err_set(e, EINVAL, "\"%.80s\" is neither stop nor start", w->v[2]);
	return topo_find(b, TOPO_NODES, w->v[1], &x->node, e);
}

static int step_sleep(struct topo_build *b, const struct strv *w, struct topo_step *x,
		      struct err *e)
{
	if (w->n != 2)
		return err_set(e, EINVAL, "sleep TIME is expected");
	return parse_duration(w->v[1], &x->ns, e);
}

static const struct {
	const char *verb;
	int (*read)(struct topo_build *b, const struct strv *w, struct topo_step *x, struct err *e);
} verbs[] = {
	[TOPO_STEP_LINK] = { "link", step_link }, [TOPO_STEP_IMPAIR] = { "impair", step_impair },
	[TOPO_STEP_EXEC] = { "exec", step_exec }, [TOPO_STEP_EXPECT] = { "expect", step_expect },
	[TOPO_STEP_NODE] = { "node", step_node }, [TOPO_STEP_SLEEP] = { "sleep", step_sleep },
};

static const char *verb(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(verbs) ? verbs[i].verb : NULL;
}

static int set_step(struct topo_build *b, void *scenario, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	struct topo_step x = { .num = b->num, .text = value, .link = TOPO_NONE, .node = TOPO_NONE };
	struct topo_scenario *s = scenario;
	const char *near = NULL;
	struct topo_step *to;
	int r = split(value, &words, e);

	x.at = topo_pos(b->at);
	if (r < 0)
		return r;
	if (!words.n)
		return err_set(e, EINVAL, "the step is empty");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(words.v[0], verbs[i].verb))
			continue;
		x.what = (enum topo_step_what)i;
		r = verbs[i].read(b, &words, &x, e);
		if (r < 0)
			return r;
		to = TOPO_ADD(b, s->steps, s->n_steps);
		if (to)
			*to = x;
		return r;
	}
	err_set(e, EINVAL, "there is no step \"%.80s\"", words.v[0]);
	near = str_nearest(words.v[0], verb, NULL);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	else
		err_hint(e, "steps are link, impair, exec, expect, node, sleep");
	return -EINVAL;
}

static int set_needs(struct topo_build *b, void *scenario, const char *value, struct err *e)
{
	struct topo_scenario *s = scenario;

	return topo_needs_parse(b, value, &s->needs, &s->n_needs, e);
}

const struct topo_key topo_scenario_keys[] = {
	{ "step.#", set_step, 0 },
	{ "needs", set_needs, 0 },
	{ NULL, NULL, 0 },
};

static int by_number(const void *a, const void *b)
{
	const struct topo_step *x = a, *y = b;

	return (x->num > y->num) - (x->num < y->num);
}

static void read_scenario(struct topo_build *b, const struct topo_section *s)
{
	struct topo_scenario x = { .name = s->name, .at = topo_pos(s->head) }, *to;
	struct err e = ERR_INIT;

	if (topo_name_check("scenario", s->name, &e) < 0)
		topo_blame(b, s->head, &e);
	for (size_t i = 1; i <= s->n; i++) {
		const struct ini_entry *at = &s->head[i];
		struct err why = ERR_INIT;
		int r = topo_key_set(b, topo_scenario_keys, &x, at, at->key, at->value, &why);

		if (r < 0 && r != -ENOENT)
			topo_blame(b, at, &why);
	}
	if (x.n_steps)
		qsort(x.steps, x.n_steps, sizeof(*x.steps), by_number);
	to = TOPO_ADD(b, b->t->scenarios, b->t->n_scenarios);
	if (to)
		*to = x;
}

void topo_read_scenarios(struct topo_build *b)
{
	for (size_t i = 0; i < b->n_sections && !b->oom; i++)
		if (str_starts(b->sections[i].head->section, "scenario."))
			read_scenario(b, &b->sections[i]);
}
