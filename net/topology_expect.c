/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test is expected to yield: numbers with the unit of its type, and expressions. */
#include <errno.h>
#include <regex.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

/* A decimal fraction in millionths. */
static int parse_count(const char *s, uint64_t *ret, struct err *e)
{
	const char *p = s;
	uint64_t whole, scale = 1000000, v;

	if (!cur_u64(&p, 0, INT64_MAX / 1000000, &whole))
		return err_set(e, EINVAL, "\"%.80s\" is not a number", s);
	v = whole * scale;
	if (cur_lit(&p, ".") && *p)
		for (; *p >= '0' && *p <= '9'; p++) {
			scale /= 10;
			v += scale * (unsigned)(*p - '0');
		}
	if (*p)
		return err_set(e, EINVAL, "\"%.80s\" is not a number", s);
	*ret = v;
	return 0;
}

static int parse_unit(const char *s, enum topo_unit unit, int64_t *ret, struct err *e)
{
	bool minus = false;
	uint64_t v = 0;
	uint32_t share;
	int r;

	switch (unit) {
	case TOPO_UNIT_NS:
		r = parse_duration(s, &v, e);
		break;
	case TOPO_UNIT_BPS:
		r = !strcmp(s, "0") ? 0 : parse_rate(s, &v, e);
		break;
	case TOPO_UNIT_SHARE:
		r = topo_parse_share(s, &share, e);
		v = r == 0 ? share : 0;
		break;
	default:
		/* a command may print any number */
		minus = *s == '-';
		r = parse_count(s + minus, &v, e);
	}
	if (r == 0 && v > INT64_MAX)
		r = err_set(e, ERANGE, "%s is too large", s);
	if (r == 0)
		*ret = minus ? -(int64_t)v : (int64_t)v;
	return r;
}

int topo_range_parse(const char *text, enum topo_unit unit, struct topo_expect *x, struct err *e)
{
	const char *dots = strstr(text, "..");
	_cleanup_free_ char *left = NULL;
	const char *right = NULL, *sep = dots ? dots : strstr(text, "+-");
	size_t len = sep ? (size_t)(sep - text) : strlen(text);
	int64_t a = 0, z = 0;
	int r;

	while (len && text[len - 1] == ' ')
		len--;
	left = strndup(text, len);
	if (!left)
		return err_sys(e, ENOMEM, "lab");
	if (sep)
		right = sep + 2 + strspn(sep + 2, " ");
	r = parse_unit(left, unit, &a, e);
	r = r < 0 || !right ? r : parse_unit(right, unit, &z, e);
	if (r < 0)
		return r;
	x->what = TOPO_EXPECT_RANGE;
	x->low = a;
	x->high = z;
	if (!dots &&
	    (__builtin_sub_overflow(a, z, &x->low) || __builtin_add_overflow(a, z, &x->high)))
		return err_set(e, ERANGE, "%s is too large", text);
	if (x->low > x->high)
		return err_set(e, EINVAL, "the range \"%.80s\" runs backwards", text);
	return 0;
}

int topo_regex_check(const char *text, struct err *e)
{
	regex_t re;
	int r = regcomp(&re, text, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
	char why[128];

	if (!r) {
		regfree(&re);
		return 0;
	}
	regerror(r, &re, why, sizeof(why));
	return err_set(e, EINVAL, "\"%.80s\" is not an expression: %s", text, why);
}
