/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/rlimit.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

static const struct {
	const char *name;
	int resource;
} names[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

static const char *name_at(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(names) ? names[i].name : NULL;
}

const char *rlimit_name(int resource)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].resource == resource)
			return names[i].name;
	return "?";
}

static int parse_value(const char *word, rlim_t *ret, struct err *e)
{
	uint64_t v;
	int r;

	if (!strcmp(word, "unlimited")) {
		*ret = RLIM_INFINITY;
		return 0;
	}
	r = parse_u64(word, 0, UINT64_MAX - 1, &v, e);
	if (r >= 0)
		*ret = v;
	return r;
}

static int find(const char *name, int *ret, struct err *e)
{
	const char *near;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, name)) {
			*ret = names[i].resource;
			return 0;
		}
	near = str_nearest(name, name_at, NULL);
	if (near)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "getrlimit(2) lists them: nofile for RLIMIT_NOFILE");
	return err_set(e, EINVAL, "unknown resource '%s'", name);
}

int rlimit_parse(const char *word, struct ct_rlimit *ret, struct err *e)
{
	_cleanup_free_ char *name = NULL;
	struct ct_rlimit lim = { 0 };
	char *hard, *value; /* value lies in name's allocation */
	int r = parse_key_value(word, &name, &value, e);

	if (r < 0)
		err_hint(e, "NAME=SOFT[:HARD], as in nofile=1024:4096");
	if (r >= 0)
		r = find(name, &lim.resource, e);
	if (r < 0)
		return r;
	hard = strchr(value, ':');
	if (hard)
		*hard++ = 0;
	r = parse_value(value, &lim.lim.rlim_cur, e);
	if (r >= 0)
		r = parse_value(hard ? hard : value, &lim.lim.rlim_max, e);
	if (r >= 0 && lim.lim.rlim_cur > lim.lim.rlim_max)
		r = err_set(e, EINVAL, "the soft limit is above the hard one");
	if (r >= 0)
		*ret = lim;
	return r;
}
