/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int number_err(const char *s, struct err *e)
{
	bool digits = *s && !s[strspn(s, "0123456789")];

	if (digits && *s != '0')
		return err_set(e, ERANGE, "%.80s is too large a number", s);
	err_set(e, EINVAL, "\"%.80s\" is not a number", s);
	if (digits)
		err_hint(e, "write it without leading zeros");
	return -EINVAL;
}

int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret, struct err *e)
{
	const char *p = s;
	uint64_t v;

	if (!cur_u64(&p, 0, UINT64_MAX, &v) || *p)
		return number_err(s, e);
	if (v < min || v > max)
		return err_set(e, ERANGE, "%s is not between %" PRIu64 " and %" PRIu64, s, min,
			       max);
	*ret = v;
	return 0;
}

int parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret, struct err *e)
{
	uint64_t v;
	int r = parse_u64(s, min, max, &v, e);

	if (r < 0)
		return r;
	*ret = (uint32_t)v;
	return 0;
}

/*
 * A decimal fraction times a unit, in integers all the way: a double would turn
 * 0.3ms into 299999 ns. What is finer than 1 is cut off, except that nothing
 * but zero may become zero, and that a unit of 1 has no parts.
 */
struct unit {
	const char *name;
	uint64_t factor;
};

#define FRACTION_DIGITS 18

/* ".5" to 5 and 10; a fraction needs a digit. Absent: 0 and 1. */
static bool cur_fraction(const char **p, uint64_t *ret_num, uint64_t *ret_den)
{
	const char *s = *p;
	uint64_t num = 0, den = 1;

	if (cur_lit(&s, ".")) {
		size_t n = strspn(s, "0123456789");

		if (!n || n > FRACTION_DIGITS)
			return false;
		for (; n; n--, s++, den *= 10)
			num = num * 10 + (unsigned)(*s - '0');
	}
	*ret_num = num;
	*ret_den = den;
	*p = s;
	return true;
}

static const struct unit *unit_find(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcasecmp(units->name, name))
			return units;
	return NULL;
}

static int parse_scaled(const char *s, const struct unit *units, uint64_t *ret)
{
	uint64_t whole, num, den, v, part;
	const struct unit *u;

	if (!cur_u64(&s, 0, UINT64_MAX, &whole))
		return *s >= '1' && *s <= '9' ? -ERANGE : -EINVAL;
	if (!cur_fraction(&s, &num, &den))
		return -EINVAL;
	u = unit_find(units, s);
	if (!u || (den > 1 && u->factor == 1))
		return -EINVAL;
	part = (uint64_t)((unsigned __int128)num * u->factor / den);
	if (__builtin_mul_overflow(whole, u->factor, &v) || __builtin_add_overflow(v, part, &v))
		return -ERANGE;
	if (!v && (whole || num))
		return -ERANGE;
	*ret = v;
	return 0;
}

/* The message of parse_scaled's failure: what it is not, or that it does not fit. */
static int scaled_err(const char *s, int r, const char *what, const char *form, struct err *e)
{
	if (r == -ERANGE) {
		err_hint(e, "%s", form);
		return err_set(e, r, "%s %.80s is out of range", what, s);
	}
	return err_set(e, r, "\"%.80s\" is not a %s: %s", s, what, form);
}

int parse_size(const char *s, uint64_t *ret, struct err *e)
{
	static const struct unit units[] = {
		{ "", 1 },	     { "B", 1 },
		{ "K", 1ULL << 10 }, { "KiB", 1ULL << 10 },
		{ "M", 1ULL << 20 }, { "MiB", 1ULL << 20 },
		{ "G", 1ULL << 30 }, { "GiB", 1ULL << 30 },
		{ "T", 1ULL << 40 }, { "TiB", 1ULL << 40 },
		{ "P", 1ULL << 50 }, { "PiB", 1ULL << 50 },
		{ NULL, 0 },
	};
	int r = parse_scaled(s, units, ret);

	return r < 0 ? scaled_err(s, r, "size", "bytes, or with K, M, G or T, as in 64M", e) : 0;
}

int parse_duration(const char *s, uint64_t *ret_ns, struct err *e)
{
	static const struct unit units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", 60 * 1000000000ULL },
		{ "h", 3600 * 1000000000ULL },
		{ NULL, 0 },
	};
	int r;

	if (!strcmp(s, "0")) {
		*ret_ns = 0;
		return 0;
	}
	r = parse_scaled(s, units, ret_ns);
	if (r < 0)
		return scaled_err(s, r, "duration",
				  "a number with ns, us, ms, s, m or h, as in 1.5ms", e);
	return 0;
}

/* Days too: what uptimes are counted in. */
int parse_offset(const char *s, int64_t *ret_ns, struct err *e)
{
	static const struct unit units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", 60 * 1000000000ULL },
		{ "h", 3600 * 1000000000ULL },
		{ "d", 24ULL * 3600 * 1000000000 },
		{ NULL, 0 },
	};
	bool minus = *s == '-';
	const char *number = s + (minus || *s == '+');
	uint64_t v = 0;
	int r = strcmp(number, "0") ? parse_scaled(number, units, &v) : 0;

	if (r >= 0 && v > INT64_MAX)
		r = -ERANGE;
	if (r < 0)
		return scaled_err(s, r, "time offset",
				  "a number with ns, us, ms, s, m, h or d, as in +3d or -10s", e);
	*ret_ns = minus ? -(int64_t)v : (int64_t)v;
	return 0;
}

int parse_rate(const char *s, uint64_t *ret_bps, struct err *e)
{
	static const struct unit units[] = {
		{ "bit", 1 },		{ "kbit", 1000 },	   { "mbit", 1000000 },
		{ "gbit", 1000000000 }, { "tbit", 1000000000000 }, { NULL, 0 },
	};
	int r = parse_scaled(s, units, ret_bps);

	if (r < 0)
		return scaled_err(s, r, "rate",
				  "a number with bit, kbit, mbit, gbit or tbit, as in 10mbit", e);
	return 0;
}

int parse_cpus(const char *s, uint32_t *ret_milli, struct err *e)
{
	static const struct unit units[] = { { "", 1000 }, { NULL, 0 } };
	uint64_t milli;
	int r = parse_scaled(s, units, &milli);

	if (r == 0 && (milli < 1 || milli > UINT32_MAX))
		r = -ERANGE;
	if (r < 0)
		return scaled_err(s, r, "number of CPUs", "as in 0.5 or 2, at least 0.001", e);
	*ret_milli = (uint32_t)milli;
	return 0;
}

/* The largest CONFIG_NR_CPUS of any architecture. */
#define CPUS_MAX 8192

struct cpuset {
	uint8_t bits[CPUS_MAX / 8];
};

static bool cpuset_has(const struct cpuset *set, unsigned cpu)
{
	return cpu < CPUS_MAX && (set->bits[cpu / 8] & 1U << cpu % 8);
}

/* N or N-M into the set. */
static bool cur_cpus(const char **p, struct cpuset *set)
{
	const char *s = *p;
	uint32_t first, last;

	if (!cur_u32(&s, 0, CPUS_MAX - 1, &first))
		return false;
	last = first;
	if (cur_lit(&s, "-") && !cur_u32(&s, first, CPUS_MAX - 1, &last))
		return false;
	for (; first <= last; first++)
		set->bits[first / 8] |= (uint8_t)(1U << first % 8);
	*p = s;
	return true;
}

static int cpuset_format(const struct cpuset *set, char *buf, size_t size)
{
	size_t len = 0;

	for (unsigned first = 0, last; first < CPUS_MAX; first = last + 1) {
		const char *comma = len ? "," : "";
		int n;

		last = first;
		if (!cpuset_has(set, first))
			continue;
		while (cpuset_has(set, last + 1))
			last++;
		if (first == last)
			n = str_fmt(buf + len, size - len, "%s%u", comma, first);
		else
			n = str_fmt(buf + len, size - len, "%s%u-%u", comma, first, last);
		if (n < 0)
			return n;
		len += (size_t)n;
	}
	return 0;
}

/* Sorted, merged, in the kernel's own list format (cpuset(7)). */
int parse_cpuset(const char *s, char *buf, size_t size, struct err *e)
{
	struct cpuset set = { 0 };
	char text[4096];
	const char *p = s;
	bool ok;

	do {
		ok = cur_cpus(&p, &set);
	} while (ok && cur_lit(&p, ","));
	if (!ok || *p)
		return err_set(e, EINVAL, "\"%.80s\" is not a list of CPUs, as in 0-3,5", s);
	if (cpuset_format(&set, text, sizeof(text)) < 0 || strlen(text) >= size)
		return err_set(e, ERANGE, "the list of CPUs \"%.80s\" is too long", s);
	memcpy(buf, text, strlen(text) + 1);
	return 0;
}
