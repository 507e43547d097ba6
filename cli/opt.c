/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/opt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"

/* Zero stands for "not given": leaving the option out says it better. */
static int parse_limit(const char *value, uint64_t *member, struct err *e)
{
	int r = parse_size(value, member, e);

	if (r < 0 || *member)
		return r;
	err_hint(e, "leave the option out for what it is by default");
	return err_set(e, EINVAL, "0 bytes are too few");
}

static int set_value(const struct opt *o, void *args, const char *value, struct err *e)
{
	void *member = (char *)args + o->offset;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)member = true;
		return 0;
	case OPT_NOFLAG:
		*(bool *)member = false;
		return 0;
	case OPT_STR:
		*(const char **)member = value;
		return 0;
	case OPT_STRV:
		return strv_add(member, value);
	case OPT_U32:
		return parse_u32(value, 1, UINT32_MAX, member, e);
	case OPT_SIZE:
		return parse_limit(value, member, e);
	case OPT_CPUS:
		return parse_cpus(value, member, e);
	case OPT_FN:
		return o->set(member, value, e);
	case OPT_TABLE:
		break;
	}
	return -EINVAL;
}

bool opt_is_heading(const struct opt *o)
{
	return o->type == OPT_FLAG && !o->help;
}

/* Tables stand in tables one level deep. */
const struct opt *opt_next(struct opt_walk *w)
{
	while (w->at) {
		if (w->at->type == OPT_TABLE) {
			w->back = w->at + 1;
			w->base = w->at->offset;
			w->at = w->at->table;
		} else if (w->at->name) {
			return w->at++;
		} else {
			w->at = w->back;
			w->back = NULL;
			w->base = 0;
		}
	}
	return NULL;
}

static const struct opt *find(const struct opt *table, const char *name, size_t len, char letter,
			      size_t *ret_base)
{
	struct opt_walk w = { .at = table };

	for (const struct opt *o; (o = opt_next(&w));) {
		if (opt_is_heading(o))
			continue;
		*ret_base = w.base;
		if (letter ? o->letter == letter
			   : strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	}
	return NULL;
}

/* Candidate i over both tables, for the suggestion. */
static const char *candidate(const void *ctx, size_t i)
{
	const struct opt_set *set = ctx;
	const struct opt *tables[] = { set->own, set->common };

	for (size_t t = 0; t < 2; t++) {
		struct opt_walk w = { .at = tables[t] };

		for (const struct opt *o; (o = opt_next(&w));)
			if (!opt_is_heading(o) && i-- == 0)
				return o->name;
	}
	return NULL;
}

static int unknown(const struct opt_set *set, const char *word, struct err *e)
{
	char name[64];
	const char *near = NULL;
	int r = err_set(e, EINVAL, "unknown option %s", word);

	if (str_starts(word, "--")) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
		near = str_nearest(name, candidate, set);
	}
	if (near)
		err_hint(e, "did you mean --%s?", near);
	return r;
}

/* "[X]" is a value only behind '=': --tty, --tty=no */
static bool takes_word(const struct opt *o)
{
	return o->arg && o->arg[0] != '[';
}

/* Where the parser stands: consumed words are overwritten from the left. */
struct cursor {
	int argc, at;
	char **argv;
};

/* Looks in both tables and applies; inline_value is what followed '=' or the letter. */
static int apply(const struct opt_set *set, const char *name, size_t len, char letter,
		 const char *inline_value, struct cursor *c, struct err *e)
{
	const char *word = c->argv[c->at];
	void *args = set->args;
	size_t base;
	const struct opt *o = find(set->own, name, len, letter, &base);
	int r;

	if (!o) {
		o = find(set->common, name, len, letter, &base);
		args = set->common_args;
	}
	if (!o)
		return unknown(set, word, e);
	if (!o->arg && inline_value)
		return err_set(e, EINVAL, "--%s takes no value", o->name);
	if (takes_word(o) && !inline_value) {
		if (c->at + 1 >= c->argc)
			return err_set(e, EINVAL, "--%s needs a value: --%s %s", o->name, o->name,
				       o->arg);
		inline_value = c->argv[++c->at];
	}
	r = set_value(o, (char *)args + base, inline_value, e);
	return r < 0 ? err_wrap(e, r, "--%s", o->name) : 0;
}

static int parse_long(const struct opt_set *set, struct cursor *c, struct err *e)
{
	const char *name = c->argv[c->at] + 2;
	const char *eq = strchr(name, '=');

	return apply(set, name, eq ? (size_t)(eq - name) : strlen(name), 0, eq ? eq + 1 : NULL, c,
		     e);
}

/* -it is -i -t; -p8080:80 and -p 8080:80 are the same. */
static int parse_letters(const struct opt_set *set, struct cursor *c, struct err *e)
{
	const char *word = c->argv[c->at];

	for (const char *p = word + 1; *p; p++) {
		size_t base;
		const struct opt *o = find(set->own, NULL, 0, *p, &base);
		int r;

		if (!o)
			o = find(set->common, NULL, 0, *p, &base);
		if (!o) {
			char letter[3] = { '-', *p, 0 };

			return unknown(set, letter, e);
		}
		r = apply(set, NULL, 0, *p, takes_word(o) && p[1] ? p + 1 : NULL, c, e);
		if (r < 0 || takes_word(o))
			return r;
	}
	return 0;
}

int opt_parse(const struct opt_set *set, int argc, char **argv, struct err *e)
{
	struct cursor c = { .argc = argc, .argv = argv };
	int words = 0, r;

	for (c.at = 0; c.at < argc; c.at++) {
		const char *word = argv[c.at];

		if (!strcmp(word, "--")) {
			c.at++;
			break;
		}
		if (word[0] != '-' || !word[1]) {
			if (set->stop_at_words)
				break;
			argv[words++] = argv[c.at];
			continue;
		}
		r = word[1] == '-' ? parse_long(set, &c, e) : parse_letters(set, &c, e);
		if (r < 0)
			return r;
	}
	for (; c.at < argc; c.at++)
		argv[words++] = argv[c.at];
	argv[words] = NULL;
	return words;
}

void opt_help(const struct opt *table)
{
	struct opt_walk w = { .at = table };

	for (const struct opt *o; (o = opt_next(&w));) {
		char left[64];

		if (opt_is_heading(o)) {
			printf("\n%s:\n", o->name);
			continue;
		}
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			 !o->arg	 ? ""
			 : takes_word(o) ? " "
					 : "=",
			 o->arg ? o->arg : "");
		if (strlen(left) > 30)
			printf("  %s\n  %-30s  %s\n", left, "", o->help);
		else
			printf("  %-30s  %s\n", left, o->help);
	}
}
