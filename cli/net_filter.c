/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_filter.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/network.h"

/* What is looked at: the network, and whom it has. */
struct seen {
	const struct network *n;
	size_t n_containers;
};

static bool by_name(const struct seen *s, const char *value)
{
	return strstr(s->n->name, value);
}

static bool by_driver(const struct seen *s, const char *value)
{
	return !strcmp(s->n->driver, value);
}

/* "k" is there with any value, "k=v" with this one. */
static bool by_label(const struct seen *s, const char *value)
{
	size_t len = strlen(value);
	bool whole = strchr(value, '=');

	for (size_t i = 0; i < s->n->labels.n; i++) {
		const char *label = s->n->labels.v[i];

		if (!strncmp(label, value, len) && (whole ? !label[len] : label[len] == '='))
			return true;
	}
	return false;
}

static bool by_no_label(const struct seen *s, const char *value)
{
	return !by_label(s, value);
}

/* A subnet of the network is it, or holds the address. */
static bool by_subnet(const struct seen *s, const char *value)
{
	struct ip_prefix p = { .len = 0 };
	struct ip_addr a;
	bool address = parse_ip(value, &a, NULL) >= 0;

	if (!address && parse_prefix(value, &p, NULL) < 0)
		return false;
	for (size_t i = 0; i < s->n->n_subnets; i++) {
		const struct ip_prefix *has = &s->n->subnets[i].subnet;

		if (address ? prefix_has(has, &a) : has->len == p.len && ip_eq(&has->addr, &p.addr))
			return true;
	}
	return false;
}

static bool is_yes(const char *value)
{
	bool yes = false;

	return parse_bool(value, &yes, NULL) >= 0 && yes;
}

static bool by_dangling(const struct seen *s, const char *value)
{
	return !s->n_containers == is_yes(value);
}

static bool by_internal(const struct seen *s, const char *value)
{
	return s->n->internal == is_yes(value);
}

static int check_any(const char *value, struct err *e)
{
	return value[0] ? 0 : err_set(e, EINVAL, "a value is missing");
}

static int check_subnet(const char *value, struct err *e)
{
	struct ip_prefix p;
	struct ip_addr a;

	return strchr(value, '/') ? parse_subnet(value, &p, e) : parse_ip(value, &a, e);
}

static int check_bool(const char *value, struct err *e)
{
	bool on;

	return parse_bool(value, &on, e);
}

static const struct filter {
	const char *key;
	bool (*match)(const struct seen *s, const char *value);
	int (*check)(const char *value, struct err *e);
	bool all; /* every one must fit, not any */
} filters[] = {
	{ "name", by_name, check_any, false },
	{ "driver", by_driver, check_any, false },
	{ "label", by_label, check_any, true },
	{ "label!", by_no_label, check_any, true },
	{ "subnet", by_subnet, check_subnet, false },
	{ "dangling", by_dangling, check_bool, false },
	{ "internal", by_internal, check_bool, false },
};

/* The value of a word of that filter; NULL: of another. */
static const char *value_of(const struct filter *f, const char *word)
{
	size_t len = strlen(f->key);

	return !strncmp(word, f->key, len) && word[len] == '=' ? word + len + 1 : NULL;
}

static const char *key_at(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(filters) ? filters[i].key : NULL;
}

static int unknown(const char *word, struct err *e)
{
	_cleanup_free_ char *key = strndup(word, strcspn(word, "="));
	const char *near = key ? str_nearest(key, key_at, NULL) : NULL;

	if (near)
		err_hint(e, "did you mean %s=?", near);
	else
		err_hint(e, "name= driver= label= label!= subnet= dangling= internal=");
	return err_set(e, EINVAL, "'%s' is no filter", word);
}

int net_filter_add(void *strv, const char *word, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const char *value = value_of(&filters[i], word);
		int r;

		if (!value)
			continue;
		r = filters[i].check(value, e);
		return r < 0 ? err_wrap(e, r, "%s", filters[i].key) : strv_add(strv, word);
	}
	return unknown(word, e);
}

static bool fits(const struct filter *f, const struct strv *words, const struct seen *s)
{
	bool said = false, any = false, all = true;

	for (size_t i = 0; i < words->n; i++) {
		const char *value = value_of(f, words->v[i]);
		bool match = value && f->match(s, value);

		if (!value)
			continue;
		said = true;
		any |= match;
		all &= match;
	}
	return !said || (f->all ? all : any);
}

bool net_filter_match(const struct strv *words, const struct network *n, size_t n_containers)
{
	const struct seen s = { n, n_containers };

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (!fits(&filters[i], words, &s))
			return false;
	return true;
}
