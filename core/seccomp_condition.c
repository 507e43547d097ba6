/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/seccomp_condition.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/caps.h"
#include "core/seccomp_member.h"
#include "core/seccomp_profile.h"
#include "core/seccomp_words.h"

static bool has_word(json_t *list, const char *word)
{
	size_t i;
	json_t *v;

	json_array_foreach(list, i, v) if (json_is_string(v) &&
					   !strcmp(json_string_value(v), word)) return true;
	return false;
}

/* In how many of the capabilities that are listed the container's set has a part. */
static int count_caps(json_t *list, uint64_t caps, const char *where, size_t *ret, struct err *e)
{
	size_t i;
	json_t *v;

	*ret = 0;
	json_array_foreach(list, i, v)
	{
		uint64_t mask = 0;
		int r = json_is_string(v) ? caps_parse(json_string_value(v), &mask, e)
					  : err_set(e, -EINVAL, "not a word");

		if (r < 0)
			return err_wrap(e, r, "%s", where);
		*ret += (caps & mask) == mask;
	}
	return 0;
}

static bool version_read(const char *s, uint32_t ret[2])
{
	return cur_u32(&s, 0, UINT16_MAX, &ret[0]) && cur_lit(&s, ".") &&
	       cur_u32(&s, 0, UINT16_MAX, &ret[1]);
}

static int kernel_reaches(const struct seccomp_host *host, json_t *want, const char *where,
			  bool *ret, struct err *e)
{
	uint32_t is[2] = { 0 }, min[2];

	if (!version_read(json_string_value(want), min))
		return err_set(e, -EINVAL, "%s: minKernel '%.32s' is not as 4.8", where,
			       json_string_value(want));
	version_read(host->release, is);
	*ret = is[0] > min[0] || (is[0] == min[0] && is[1] >= min[1]);
	return 0;
}

/*
 * How many of the conditions there are, and hold. caps: every listed one counts; of
 * the architectures one is enough.
 */
struct held {
	size_t caps, caps_held, others, others_held;
};

static int conditions(const struct seccomp_host *host, json_t *rule, const char *where,
		      const char *key, struct held *ret, struct err *e)
{
	static const char *const keys[] = { "caps", "arches", "minKernel", NULL };
	json_t *o, *caps, *arches, *kernel;
	int r = seccomp_member(rule, where, key, JSON_OBJECT, &o, e);
	bool reached = false;

	*ret = (struct held){ 0 };
	if (r < 0 || !o)
		return r;
	r = seccomp_keys(o, where, keys, e);
	if (r >= 0)
		r = seccomp_member(o, where, "caps", JSON_ARRAY, &caps, e);
	if (r >= 0)
		r = seccomp_member(o, where, "arches", JSON_ARRAY, &arches, e);
	if (r >= 0)
		r = seccomp_member(o, where, "minKernel", JSON_STRING, &kernel, e);
	if (r >= 0)
		r = count_caps(caps, host->caps, where, &ret->caps_held, e);
	if (r >= 0 && kernel)
		r = kernel_reaches(host, kernel, where, &reached, e);
	if (r < 0)
		return r;
	ret->caps = json_array_size(caps);
	ret->others = (json_array_size(arches) > 0) + (kernel != NULL);
	ret->others_held = (json_array_size(arches) && has_word(arches, seccomp_arch_word())) +
			   (kernel && reached);
	return 0;
}

int seccomp_applies(const struct seccomp_host *host, json_t *rule, const char *where, bool *ret,
		    struct err *e)
{
	struct held in = { 0 }, out = { 0 };
	int r = conditions(host, rule, where, "includes", &in, e);

	if (r >= 0)
		r = conditions(host, rule, where, "excludes", &out, e);
	if (r >= 0)
		*ret = in.caps_held == in.caps && in.others_held == in.others && !out.caps_held &&
		       !out.others_held;
	return r;
}
