/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cursor.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool cur_lit(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len))
		return false;
	*p += len;
	return true;
}

/* "010" is refused: some would read ten and some eight. */
bool cur_u64(const char **p, uint64_t min, uint64_t max, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	if (!is_digit(*s) || (*s == '0' && is_digit(s[1])))
		return false;
	for (; is_digit(*s); s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (unsigned)(*s - '0'), &v))
			return false;
	if (v < min || v > max)
		return false;
	*ret = v;
	*p = s;
	return true;
}

bool cur_u32(const char **p, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint64_t v;

	if (!cur_u64(p, min, max, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

bool cur_u16(const char **p, uint16_t min, uint16_t max, uint16_t *ret)
{
	uint64_t v;

	if (!cur_u64(p, min, max, &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool cur_hex_byte(const char **p, uint8_t *ret)
{
	int high = hex_value((*p)[0]);
	int low = high < 0 ? -1 : hex_value((*p)[1]);

	if (low < 0)
		return false;
	*ret = (uint8_t)(high << 4 | low);
	*p += 2;
	return true;
}

/* inet_pton(3) is the strict one: four decimal numbers, no zones, no leading zeros. */
bool cur_ip(const char **p, const char *stops, struct ip_addr *ret)
{
	size_t len = strcspn(*p, stops);
	struct ip_addr a = { 0 };
	char text[IP_STRLEN];

	if (len >= sizeof(text))
		return false;
	memcpy(text, *p, len);
	text[len] = '\0';
	a.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, text, a.b) != 1)
		return false;
	*ret = a;
	*p += len;
	return true;
}
