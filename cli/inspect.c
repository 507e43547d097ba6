/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct inspect: all that is known of containers, JSON with or without -j. */
#include "cli/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_json.h"
#include "cli/out.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"
#include "core/usage.h"
#include "core/cgroup.h"
#include "net/network.h"

static json_t *labels_json(const struct strv *labels)
{
	json_t *all = json_object();

	for (size_t i = 0; i < labels->n; i++) {
		const char *eq = strchr(labels->v[i], '=');
		_cleanup_free_ char *key =
			eq ? strndup(labels->v[i], (size_t)(eq - labels->v[i])) : NULL;

		if (!key)
			continue;
		text_clean(key, strlen(key));
		json_object_set_new(all, key, eq[1] ? ct_json_word(eq + 1) : json_string(""));
	}
	return all;
}

/* Of one that has ended the record's; 0 there: not known. */
static void put_usage(json_t *o, const struct ct_info *i)
{
	struct cgroup_stats s = { .memory_peak = i->memory_peak ? i->memory_peak : UINT64_MAX,
				  .cpu_ns = i->cpu_ns ? i->cpu_ns : UINT64_MAX };

	if (proc_alive(&i->init))
		usage_read(i, &s, NULL);
	json_object_set_new(o, "memory_peak", text_json_number(s.memory_peak));
	json_object_set_new(o, "cpu_ns", text_json_number(s.cpu_ns));
}

/* What the record has beside that of `ct ps`. */
static void put_record(json_t *o, const struct ct_info *i)
{
	json_t *config = i->config ? json_loads(i->config, 0, NULL) : NULL;
	json_t *user = i->user ? ct_json_word(i->user) : json_sprintf("%u:%u", i->uid, i->gid);

	json_object_update_missing_new(
		o,
		json_pack("{s:o, s:o, s:i, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "started",
			  ct_json_time(i->started), "finished", ct_json_time(i->finished),
			  "restarts", (int)i->restarts, "error", ct_json_word(i->error),
			  "oom_killed", json_boolean(i->oom_killed), "detached", i->detached,
			  "auto_remove", i->auto_remove, "runner_pid", json_integer(i->runner.pid),
			  "labels", labels_json(&i->labels), "env", ct_json_words(i->env.v), "user",
			  user, "workdir", ct_json_word(i->workdir)));
	json_object_set_new(o, "cgroup", ct_json_word(i->cgroup));
	json_object_set_new(o, "config", config ? config : json_object());
}

static json_t *container_json(struct app *app, struct net *net, const struct ct_info *i)
{
	json_t *o = ct_json(net, i);

	put_record(o, i);
	put_usage(o, i);
	json_object_set_new(o, "limits", inspect_limits(i));
	json_object_set_new(o, "process", inspect_process(i));
	json_object_set_new(o, "namespaces", inspect_namespaces(app->root_fd, i));
	json_object_set_new(o, "links", inspect_links(net, i));
	json_object_set_new(o, "mounts", inspect_mounts(i));
	return o;
}

/* A word that is no container may be a network. */
static int add_word(struct app *app, struct net *net, const char *word, json_t *all, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	struct ct_info ct = { .exit_code = -1 };
	int r = state_find(app->root_fd, word, &ct, e);

	if (r >= 0)
		json_array_append_new(all, container_json(app, net, &ct));
	else if (r == -ENOENT && network_load(net, word, &n, NULL) >= 0) {
		r = err_set(e, ENOENT, "no container %s", word);
		e->hint[0] = '\0';
		err_hint(e, "it is a network: `ctnet inspect %s`", word);
	}
	ct_info_free(&ct);
	return r;
}

int cmd_inspect(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	int words = app_parse(app, NULL, argc, argv, 1, -1, e), r = words, worst = 0;
	json_t *all;

	if (r >= 0)
		r = app_open_net(app, &net, SWEEP_SOME, e);
	if (r < 0)
		return r;
	all = json_array();
	for (int i = 0; i < words; i++) {
		struct err one = ERR_INIT;

		r = add_word(app, &net, argv[i], all, &one);
		if (r >= 0)
			continue;
		if (worst < 0) /* the caller prints the last one */
			app_print_error(app, e);
		*e = one;
		worst = r;
	}
	/* of several, those that are there are shown */
	if (json_array_size(all) || worst >= 0)
		out_json(all);
	else
		json_decref(all);
	return worst;
}
