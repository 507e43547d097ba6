/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The times of a log: RFC 3339, section 5.6. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/log_file.h"

#define SECOND 1000000000LL

void log_time_format(int64_t time, char buf[LOG_TIME_SIZE])
{
	time_t s = (time_t)(time / SECOND);
	long ns = (long)(time % SECOND);
	struct tm tm;

	if (ns < 0) {
		ns += SECOND;
		s--;
	}
	memset(&tm, 0, sizeof(tm));
	gmtime_r(&s, &tm);
	buf[strftime(buf, LOG_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm)] = '\0';
	snprintf(buf + strlen(buf), LOG_TIME_SIZE - strlen(buf), ".%09ldZ", ns);
}

struct cursor_text {
	const char *at, *end;
};

/* n digits within min and max, behind the character before (0: none). */
static int number(struct cursor_text *c, char before, int n, int min, int max, int *ret)
{
	int v = 0;

	if (before) {
		if (c->at == c->end || *c->at != before)
			return -EINVAL;
		c->at++;
	}
	for (; n; n--, c->at++) {
		if (c->at == c->end || *c->at < '0' || *c->at > '9')
			return -EINVAL;
		v = v * 10 + (*c->at - '0');
	}
	*ret = v;
	return v < min || v > max ? -EINVAL : 0;
}

/* ".5", up to nine digits count. */
static int fraction(struct cursor_text *c, int64_t *ret)
{
	int64_t unit = SECOND, v = 0;

	*ret = 0;
	if (c->at == c->end || *c->at != '.')
		return 0;
	c->at++;
	if (c->at == c->end || *c->at < '0' || *c->at > '9')
		return -EINVAL;
	for (; c->at != c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
		unit /= 10;
		v += unit * (*c->at - '0');
	}
	*ret = v;
	return 0;
}

/* "Z", "+02:00", or nothing: seconds that the clock is ahead of UTC. */
static int zone(struct cursor_text *c, int *ret)
{
	int hours, minutes, sign;

	*ret = 0;
	if (c->at == c->end)
		return 0;
	if (*c->at == 'Z') {
		c->at++;
		return 0;
	}
	sign = *c->at == '-' ? -1 : 1;
	if (number(c, sign < 0 ? '-' : '+', 2, 0, 23, &hours) < 0 ||
	    number(c, ':', 2, 0, 59, &minutes) < 0)
		return -EINVAL;
	*ret = sign * (hours * 3600 + minutes * 60);
	return 0;
}

/* Whole, with seconds and their fraction or without. */
static int clock_of(struct cursor_text *c, struct tm *tm, int64_t *ret_fraction)
{
	if (number(c, 'T', 2, 0, 23, &tm->tm_hour) < 0 || number(c, ':', 2, 0, 59, &tm->tm_min) < 0)
		return -EINVAL;
	if (c->at == c->end || *c->at != ':')
		return 0;
	if (number(c, ':', 2, 0, 60, &tm->tm_sec) < 0)
		return -EINVAL;
	return fraction(c, ret_fraction);
}

int log_time_parse(const char *text, size_t len, int64_t *ret)
{
	struct cursor_text c = { text, text + len };
	struct tm tm = { .tm_hour = 0 };
	int64_t part = 0;
	int ahead;

	if (number(&c, 0, 4, 1970, 2261, &tm.tm_year) < 0 ||
	    number(&c, '-', 2, 1, 12, &tm.tm_mon) < 0 || number(&c, '-', 2, 1, 31, &tm.tm_mday) < 0)
		return -EINVAL;
	if (c.at != c.end && *c.at == 'T' && clock_of(&c, &tm, &part) < 0)
		return -EINVAL;
	if (zone(&c, &ahead) < 0 || c.at != c.end)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ret = ((int64_t)timegm(&tm) - ahead) * SECOND + part;
	return 0;
}
