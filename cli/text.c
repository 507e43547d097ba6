/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/cleanup.h"

/* Bytes of the UTF-8 character at s that is fit to be printed; 0: none such (RFC 3629). */
static size_t character(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t min;
	} forms[] = {
		{ 0x80, 0x00, 0x20 },
		{ 0xe0, 0xc0, 0xa0 }, /* below: the other control characters */
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	size_t n = 0;
	uint32_t c;

	while (n < ARRAY_SIZE(forms) && (s[0] & forms[n].mask) != forms[n].lead)
		n++;
	if (n == ARRAY_SIZE(forms) || n >= len)
		return 0;
	c = s[0] & (unsigned char)~forms[n].mask;
	for (size_t i = 1; i <= n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < forms[n].min || c == 0x7f || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	return n + 1;
}

void text_clean(char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = character((const unsigned char *)s + at, len - at);

		if (!n)
			s[at] = '?';
		at += n ? n : 1;
	}
}

const char *text_size(uint64_t bytes, char buf[TEXT_MAX])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes;
	size_t u = 0;

	for (; v >= 1024 && u + 1 < ARRAY_SIZE(units); u++)
		v /= 1024;
	if (bytes == UINT64_MAX)
		snprintf(buf, TEXT_MAX, "-");
	else
		snprintf(buf, TEXT_MAX, "%.*f%s", u ? v < 10 ? 2 : 1 : 0, v, units[u]);
	return buf;
}

const char *text_cpu(uint64_t ns, char buf[TEXT_MAX])
{
	unsigned long long cs = ns / 10000000, s = cs / 100;

	if (s < 3600)
		snprintf(buf, TEXT_MAX, "%llu:%02llu.%02llu", s / 60, s % 60, cs % 100);
	else
		snprintf(buf, TEXT_MAX, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

const char *text_time(int64_t ns, char buf[TEXT_MAX])
{
	time_t t = (time_t)(ns / 1000000000);
	char seconds[TEXT_MAX - 10] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, TEXT_MAX, "%s.%06dZ", seconds, (int)(ns / 1000 % 1000000));
	return buf;
}

json_t *text_json_number(uint64_t n)
{
	return n == UINT64_MAX ? json_null() : json_integer((json_int_t)n);
}
