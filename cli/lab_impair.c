/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctlab impair: what a link does to packets, changed while they pass. A value is
 * absolute; what is not named stays as it is.
 */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/str.h"

static const char *const dir_names[] = { [TOPO_AB] = "ab", [TOPO_BA] = "ba" };

/* ---- words ---- */

/* "rate", "rate.ab", "rate.ba", "delay" ... for suggestions. */
static const char *key_at(const void *ctx, size_t i)
{
	static const char *const keys[] = {
		"rate",	      "delay",	    "jitter",	  "loss",	"dup",	    "reorder",
		"corrupt",    "queue",	    "rate.ab",	  "rate.ba",	"delay.ab", "delay.ba",
		"jitter.ab",  "jitter.ba",  "loss.ab",	  "loss.ba",	"dup.ab",   "dup.ba",
		"reorder.ab", "reorder.ba", "corrupt.ab", "corrupt.ba", "queue.ab", "queue.ba",
	};

	return i < ARRAY_SIZE(keys) ? keys[i] : NULL;
}

static int unknown_key(const char *key, struct err *e)
{
	const char *near = str_nearest(key, key_at, NULL);

	if (near)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "rate, delay, jitter, loss, dup, reorder, corrupt, queue, or none");
	return err_set(e, EINVAL, "'%s' is nothing that a link does to packets", key);
}

static int parse_word(char *word, struct topo_impair dirs[TOPO_DIRS], struct err *e)
{
	char *value = strchr(word, '=');
	int r;

	if (!value) {
		err_hint(e, "loss=1%%, delay.ab=20ms, or none for nothing at all");
		return err_set(e, EINVAL, "'%s' has no value", word);
	}
	*value++ = '\0';
	r = impair_set(dirs, word, value, e);
	return r == -ENOENT ? unknown_key(word, e) : err_wrap(e, r, "%s", word);
}

/* "none" says that nothing is left of what was; what follows it is all there is. */
static int parse_words(char **words, bool *ret_clear, struct topo_impair dirs[TOPO_DIRS],
		       struct err *e)
{
	int r = 0;

	*ret_clear = !strcmp(*words, "none");
	for (words += *ret_clear; r >= 0 && *words; words++)
		r = parse_word(*words, dirs, e);
	return r;
}

/* One key a direction, so that no order matters. */
static json_t *as_json(const struct topo_impair dirs[TOPO_DIRS])
{
	json_t *o = json_object();
	char key[32], value[IMPAIR_STRLEN];

	for (unsigned d = 0; d < TOPO_DIRS; d++)
		for (unsigned p = 0; p < TOPO_PARAMS; p++) {
			if (!(dirs[d].has & 1U << p))
				continue;
			snprintf(key, sizeof(key), "%s.%s", impair_name((enum topo_param)p),
				 dir_names[d]);
			json_object_set_new(
				o, key,
				json_string(impair_value(&dirs[d], (enum topo_param)p, value)));
		}
	return o;
}

/* ---- the supervisor's side ---- */

static int parse_json(const json_t *set, struct topo_impair dirs[TOPO_DIRS], struct err *e)
{
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach((json_t *)(uintptr_t)set, key, value)
	{
		const char *word = json_string_value(value);

		r = impair_set(dirs, key, word ? word : "", e);
		if (r < 0)
			return r == -ENOENT ? unknown_key(key, e) : err_wrap(e, r, "%s", key);
	}
	return r;
}

/* What is there with what is given laid over it; nothing that could not be. */
static int merge(const struct supervisor *s, bool clear, const struct topo_impair given[TOPO_DIRS],
		 struct topo_impair now[TOPO_DIRS], struct err *e)
{
	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		int r;

		if (clear)
			now[d] = (struct topo_impair){ .at = now[d].at };
		impair_lay(&now[d], &given[d]);
		r = impair_check(&now[d], e);
		if (r >= 0)
			r = fabric_can(&s->lacks, &now[d], e);
		if (r < 0)
			return r;
	}
	return 0;
}

int supervisor_do_impair(struct supervisor *s, const struct question *q, struct err *e)
{
	struct topo_impair given[TOPO_DIRS] = { 0 }, was[TOPO_DIRS], *now;
	uint32_t link;
	int r = supervisor_link(s, q, &link, e);

	r = r < 0 ? r : lab_link_changeable(s, link, e);
	r = r < 0 ? r : parse_json(json_object_get(q->o, "set"), given, e);
	if (r < 0)
		return r;
	now = s->live.t->links[link].impair;
	memcpy(was, now, sizeof(was));
	r = merge(s, json_flag(q->o, "clear", false), given, now, e);
	if (r >= 0)
		r = live_impair_link(&s->live, link, e);
	if (r < 0)
		memcpy(now, was, sizeof(was));
	return err_wrap(e, r, "link %s", s->live.t->links[link].name);
}

/* ---- the command ---- */

int cmd_lab_impair(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_lab_ struct lab lab = LAB_INIT;
	struct topo_impair dirs[TOPO_DIRS] = { 0 };
	bool clear = false;
	int r = app_parse(app, NULL, argc, argv, 3, -1, e);

	if (r >= 0) {
		r = parse_words(argv + 2, &clear, dirs, e);
		r = r < 0 ? app_usage(app, r) : r;
	}
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &lab, e);
	if (r >= 0)
		r = lab_ask(app, &lab,
			    json_pack("{s:s, s:s, s:o, s:b}", "do", "impair", "link", argv[1],
				      "set", as_json(dirs), "clear", clear),
			    -1, NULL, NULL, e);
	return r;
}
