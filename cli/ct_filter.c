/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ct_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/parse.h"
#include "core/state.h"

struct seen {
	const struct ct_info *ct;
	const json_t *networks;
};

static bool by_id(const struct seen *s, const char *value)
{
	return str_starts(s->ct->id, value);
}

static bool by_name(const struct seen *s, const char *value)
{
	return strstr(s->ct->name, value);
}

static bool by_status(const struct seen *s, const char *value)
{
	return !strcmp(s->ct->status, value);
}

/* "k" is there with any value, "k=v" with this one. */
static bool by_label(const struct seen *s, const char *value)
{
	size_t len = strlen(value);
	bool whole = strchr(value, '=');

	for (size_t i = 0; i < s->ct->labels.n; i++) {
		const char *label = s->ct->labels.v[i];

		if (!strncmp(label, value, len) && (!label[len] || (!whole && label[len] == '=')))
			return true;
	}
	return false;
}

static bool by_network(const struct seen *s, const char *value)
{
	const json_t *n;
	size_t i;

	json_array_foreach(s->networks, i,
			   n) if (!strcmp(json_str(n, "network", ""), value)) return true;
	return false;
}

static bool by_health(const struct seen *s, const char *value)
{
	return !strcmp(s->ct->health[0] ? s->ct->health : "none", value);
}

static bool by_exited(const struct seen *s, const char *value)
{
	return !strcmp(s->ct->status, "exited") && s->ct->exit_code == (int)strtol(value, NULL, 10);
}

static int check_status(const char *value, struct err *e)
{
	static const char *const all[] = { "created", "running", "paused", "restarting", "exited" };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i], value))
			return 0;
	return err_set(e, EINVAL, "status=%s: want created, running, paused, restarting or exited",
		       value);
}

static int check_health(const char *value, struct err *e)
{
	static const char *const all[] = { "none", "starting", "healthy", "unhealthy" };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i], value))
			return 0;
	return err_set(e, EINVAL, "health=%s: want none, starting, healthy or unhealthy", value);
}

static int check_exited(const char *value, struct err *e)
{
	uint32_t n;

	return parse_u32(value, 0, 255, &n, e);
}

static const struct {
	const char *key;
	bool (*match)(const struct seen *s, const char *value);
	int (*check)(const char *value, struct err *e);
	bool every; /* given more than once, each value must fit */
} keys[] = {
	{ "id", by_id, NULL, false },
	{ "name", by_name, NULL, false },
	{ "status", by_status, check_status, false },
	{ "label", by_label, NULL, true },
	{ "network", by_network, NULL, false },
	{ "health", by_health, check_health, false },
	{ "exited", by_exited, check_exited, false },
};

/* The value behind "KEY=" when the word is of that key. */
static const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(word, key, len) && word[len] == '=' ? word + len + 1 : NULL;
}

int ct_filter_add(void *strv, const char *word, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = value_of(word, keys[i].key);
		int r = 0;

		if (!value)
			continue;
		if (keys[i].check)
			r = keys[i].check(value, e);
		return r < 0 ? r : strv_add(strv, word);
	}
	err_hint(e, "id= name= status= label= network= health= exited=");
	return err_set(e, EINVAL, "'%s' is no filter", word);
}

static bool key_fits(size_t key, const struct strv *filters, const struct seen *s)
{
	bool any = false, all = true, given = false;

	for (size_t i = 0; i < filters->n; i++) {
		const char *value = value_of(filters->v[i], keys[key].key);
		bool fits = value && keys[key].match(s, value);

		given |= value != NULL;
		any |= fits;
		all &= !value || fits;
	}
	return !given || (keys[key].every ? all : any);
}

bool ct_filter_match(const struct strv *filters, const struct ct_info *ct, const json_t *networks)
{
	const struct seen s = { ct, networks };

	for (size_t k = 0; filters->n && k < ARRAY_SIZE(keys); k++)
		if (!key_fits(k, filters, &s))
			return false;
	return true;
}
