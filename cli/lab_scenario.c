/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario: its steps one after the other, up to the first that fails. The
 * supervisor is asked for what changes the lab, as by the commands of these names.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_control.h"
#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/probe_icmp.h"

#define COMMAND_TIME (60 * PROBE_S)

/* 0, or a failure with what to say in v. */
typedef int step_fn(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		    struct err *e);

static int ask(struct lab_trial *x, json_t *request, struct err *e)
{
	return lab_ask(x->app, x->lab, request, -1, NULL, NULL, e);
}

static int step_link(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		     struct err *e)
{
	(void)v;
	return ask(x,
		   json_pack("{s:s, s:s, s:b}", "do", "link", "link", x->t->links[s->link].name,
			     "up", s->up),
		   e);
}

/* {"delay": "5ms", "loss.ab": "1%"} */
static json_t *impair_words(const struct topo_step *s)
{
	static const char *const dirs[] = { [TOPO_AB] = "ab", [TOPO_BA] = "ba" };
	json_t *o = json_object();

	for (unsigned d = 0; d < TOPO_DIRS; d++)
		for (unsigned p = 0; p < TOPO_PARAMS; p++) {
			_cleanup_free_ char *key = NULL;
			char value[IMPAIR_STRLEN];

			if (!(s->dirs[d].has & 1U << p))
				continue;
			key = str_printf("%s.%s", impair_name((enum topo_param)p), dirs[d]);
			impair_value(&s->dirs[d], (enum topo_param)p, value);
			json_object_set_new(o, key ? key : "", json_string(value));
		}
	return o;
}

static int step_impair(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		       struct err *e)
{
	(void)v;
	return ask(x,
		   json_pack("{s:s, s:s, s:o, s:b}", "do", "impair", "link",
			     x->t->links[s->link].name, "set", impair_words(s), "clear", s->clear),
		   e);
}

static int step_node(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		     struct err *e)
{
	int r = ask(x,
		    json_pack("{s:s, s:s, s:b}", "do", "node", "node", x->t->nodes[s->node].name,
			      "start", s->up),
		    e);

	(void)v;
	return r < 0 ? r : trial_look(x, e);
}

static int step_exec(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		     struct err *e)
{
	struct lab_said c = { 0 };
	int r = lab_command(x, s->node, s->cmd, COMMAND_TIME, &c, e);

	if (r < 0)
		return r;
	free(v->output);
	v->output = c.text;
	if (c.status == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT, "ended after %u s",
			       (unsigned)(COMMAND_TIME / PROBE_S));
	return c.status ? err_set(e, EREMOTEIO, "exit status %d", c.status) : 0;
}

static int step_expect(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		       struct err *e)
{
	struct lab_verdict own = { 0 };
	bool ok = trial_expect(x, s, &own);

	(void)v;
	if (!ok)
		err_set(e, EREMOTEIO, "%s", own.message ? own.message : "");
	lab_verdict_free(&own);
	return ok ? 0 : -EREMOTEIO;
}

static int step_sleep(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *v,
		      struct err *e)
{
	const uint64_t until = probe_now() + s->ns;
	uint64_t now;

	(void)x;
	(void)v;
	(void)e;
	while ((now = probe_now()) < until)
		poll(NULL, 0,
		     (int)((until - now < PROBE_S ? until - now : PROBE_S) / PROBE_MS) + 1);
	return 0;
}

static step_fn *const steps[] = {
	[TOPO_STEP_LINK] = step_link, [TOPO_STEP_IMPAIR] = step_impair,
	[TOPO_STEP_EXEC] = step_exec, [TOPO_STEP_EXPECT] = step_expect,
	[TOPO_STEP_NODE] = step_node, [TOPO_STEP_SLEEP] = step_sleep,
};

void scenario_run(struct lab_trial *x, const struct topo_scenario *s, struct lab_verdict *ret)
{
	if (scenario_skip(x, s, ret))
		return;
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct topo_step *step = &s->steps[i];
		struct err e = ERR_INIT;

		if (steps[step->what](x, step, ret, &e) >= 0)
			continue;
		lab_verdict_set(ret, LAB_FAIL, "step %u, %s: %s", step->num, step->text, e.msg);
		return;
	}
	free(ret->output);
	ret->output = NULL;
	lab_verdict_set(ret, LAB_PASS, "%zu steps", s->n_steps);
}
