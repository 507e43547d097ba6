/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/value_time.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#define SECOND 1000000000LL
/* Of the year 9999, RFC 3339's last; the product fits no further than 2262. */
#define SECONDS_MAX (INT64_MAX / SECOND)

int64_t value_time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/* Exactly n digits. */
static bool digits(const char **p, unsigned n, int min, int max, int *ret)
{
	const char *at = *p;
	int v = 0;

	for (; n; n--, at++) {
		if (*at < '0' || *at > '9')
			return false;
		v = v * 10 + (*at - '0');
	}
	if (v < min || v > max)
		return false;
	*p = at;
	*ret = v;
	return true;
}

/* ".5": nanoseconds; what is finer is cut off. */
static bool fraction(const char **p, int64_t *ret)
{
	int64_t unit = SECOND / 10;
	const char *at = *p + 1;

	*ret = 0;
	if (**p != '.' || *at < '0' || *at > '9')
		return **p != '.';
	for (; *at >= '0' && *at <= '9'; at++, unit /= 10)
		*ret += unit * (*at - '0');
	*p = at;
	return true;
}

/* "Z", "+02:00" or nothing; true with *ret_local when there is none. */
static bool zone(const char **p, int *ret_seconds, bool *ret_local)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes;
	const char *at = *p + 1;

	*ret_seconds = 0;
	*ret_local = !**p;
	if (*ret_local || cur_lit(p, "Z") || cur_lit(p, "z"))
		return true;
	if ((**p != '+' && **p != '-') || !digits(&at, 2, 0, 23, &hours) || !cur_lit(&at, ":") ||
	    !digits(&at, 2, 0, 59, &minutes))
		return false;
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	*p = at;
	return true;
}

static bool clock_time(const char **p, struct tm *tm, int64_t *ret_fraction)
{
	*ret_fraction = 0;
	if (!cur_lit(p, "T") && !cur_lit(p, "t") && !cur_lit(p, " "))
		return true;
	if (!digits(p, 2, 0, 23, &tm->tm_hour) || !cur_lit(p, ":") ||
	    !digits(p, 2, 0, 59, &tm->tm_min))
		return false;
	return !cur_lit(p, ":") || (digits(p, 2, 0, 60, &tm->tm_sec) && fraction(p, ret_fraction));
}

static bool date(const char *p, int64_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	int64_t part, seconds;
	bool local;
	int offset;

	if (!digits(&p, 4, 1970, 2261, &tm.tm_year) || !cur_lit(&p, "-") ||
	    !digits(&p, 2, 1, 12, &tm.tm_mon) || !cur_lit(&p, "-") ||
	    !digits(&p, 2, 1, 31, &tm.tm_mday) || !clock_time(&p, &tm, &part) ||
	    !zone(&p, &offset, &local) || *p)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	seconds = local ? mktime(&tm) : timegm(&tm) - offset;
	*ret = seconds * SECOND + part;
	return true;
}

static bool epoch(const char *p, int64_t *ret)
{
	uint64_t seconds;
	int64_t part;

	if (!cur_u64(&p, 0, SECONDS_MAX - 1, &seconds) || !fraction(&p, &part) || *p)
		return false;
	*ret = (int64_t)seconds * SECOND + part;
	return true;
}

static bool ago(const char *word, int64_t *ret)
{
	int64_t now = value_time_now();
	uint64_t ns;

	if (parse_duration(word, &ns, NULL) < 0)
		return false;
	*ret = ns < (uint64_t)now ? now - (int64_t)ns : 1;
	return true;
}

int value_time(void *ns, const char *word, struct err *e)
{
	int64_t t;

	if (!date(word, &t) && !epoch(word, &t) && !ago(word, &t))
		return err_set(e, EINVAL,
			       "'%s' is no time (2026-01-31T12:00:00Z, 1767225600, or 10m: ago)",
			       word);
	*(int64_t *)ns = t > 0 ? t : 1;
	return 0;
}
