/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_verdict.h"

#include <inttypes.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

static const struct {
	const char *word, *key;
} results[] = {
	[LAB_PASS] = { "PASS", "pass" },
	[LAB_FAIL] = { "FAIL", "fail" },
	[LAB_WARN] = { "WARN", "warn" },
	[LAB_SKIP] = { "SKIP", "skip" },
};

const char *lab_result_word(enum lab_result r)
{
	return results[r].word;
}

const char *lab_result_key(enum lab_result r)
{
	return results[r].key;
}

void lab_yield_free(struct lab_yield *y)
{
	free(y->text);
	y->text = NULL;
}

void lab_say(struct lab_yield *y, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(y->said, sizeof(y->said), fmt, ap);
	va_end(ap);
}

void lab_verdict_free(struct lab_verdict *v)
{
	free(v->message);
	free(v->output);
	*v = (struct lab_verdict){ 0 };
}

void lab_verdict_set(struct lab_verdict *v, enum lab_result r, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	free(v->message);
	v->message = text;
	v->result = r;
}

/* ---- values ---- */

/* Millionths without zeroes at the end. */
static void count_str(uint64_t v, char *buf)
{
	char *end;

	snprintf(buf, LAB_VALUE_MAX, "%" PRIu64 ".%06u", v / 1000000, (unsigned)(v % 1000000));
	for (end = buf + strlen(buf); end[-1] == '0';)
		*--end = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
}

/* "9.512mbit": four digits are more than a measurement is worth. */
static void thousands_str(uint64_t v, const char *const units[4], char *buf)
{
	uint64_t unit = 1, scale = 1;
	size_t u = 0, len;

	while (v / scale >= 10000)
		scale *= 10;
	v = (v + scale / 2) / scale * scale;
	for (; u < 3 && v / unit >= 1000; u++)
		unit *= 1000;
	count_str(v / unit * 1000000 + v % unit * 1000000 / unit, buf);
	len = strlen(buf);
	snprintf(buf + len, LAB_VALUE_MAX - len, "%s", units[u]);
}

const char *lab_value(enum topo_unit unit, int64_t value, char buf[LAB_VALUE_MAX])
{
	static const char *const times[] = { "ns", "us", "ms", "s" };
	static const char *const rates[] = { "bit", "kbit", "mbit", "gbit" };
	uint64_t v = value < 0 ? (uint64_t)-value : (uint64_t)value;
	size_t len;

	switch (unit) {
	case TOPO_UNIT_NS:
		thousands_str(v, times, buf);
		break;
	case TOPO_UNIT_BPS:
		thousands_str(v, rates, buf);
		break;
	case TOPO_UNIT_SHARE:
		/* billionths are ten-millionths of a percent */
		count_str((v + 500) / 1000 * 100, buf);
		len = strlen(buf);
		snprintf(buf + len, LAB_VALUE_MAX - len, "%%");
		break;
	default:
		count_str(v, buf);
	}
	if (value < 0) {
		memmove(buf + 1, buf, LAB_VALUE_MAX - 1);
		buf[0] = '-';
		buf[LAB_VALUE_MAX - 1] = '\0';
	}
	return buf;
}

/* What does not fit is as large as it gets. */
static int64_t millionths(const char *p)
{
	uint64_t whole = 0, part = 0, scale = 1000000;

	for (; *p >= '0' && *p <= '9'; p++)
		whole = whole < INT64_MAX / 1000000 / 10 - 1 ? whole * 10 + (uint64_t)(*p - '0')
							     : whole;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++) {
			scale /= 10;
			part += scale * (uint64_t)(*p - '0');
		}
	return (int64_t)(whole * 1000000 + part);
}

bool lab_first_number(const char *text, int64_t *ret)
{
	const char *p = text + strcspn(text, "0123456789");

	if (!*p)
		return false;
	*ret = millionths(p);
	if (p > text && p[-1] == '-')
		*ret = -*ret;
	return true;
}

/* ---- the judge ---- */

static bool matches(const char *expression, const char *text)
{
	regex_t re;
	int r;

	if (regcomp(&re, expression, REG_EXTENDED | REG_NOSUB | REG_NEWLINE))
		return false;
	r = regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	return !r;
}

/* Word by word, whatever stands between the words. */
static bool same_words(const char *a, const char *b)
{
	static const char blanks[] = " \t\n,";

	for (;;) {
		size_t n;

		a += strspn(a, blanks);
		b += strspn(b, blanks);
		n = strcspn(a, blanks);
		if (n != strcspn(b, blanks) || memcmp(a, b, n))
			return false;
		if (!n)
			return true;
		a += n;
		b += n;
	}
}

static bool holds(const struct topo_test *t, const struct lab_yield *y)
{
	const struct topo_expect *x = &t->expect;
	char buf[LAB_VALUE_MAX];
	const char *text = y->text;

	if (!text)
		text = y->has_value ? lab_value(topo_test_unit(t->type), y->value, buf) : "";
	switch (x->what) {
	case TOPO_EXPECT_OK:
		return y->ok;
	case TOPO_EXPECT_FAIL:
		return !y->ok;
	case TOPO_EXPECT_RANGE:
		return y->has_value && y->value >= x->low && y->value <= x->high;
	case TOPO_EXPECT_MATCH:
		return matches(x->text + 1, text);
	case TOPO_EXPECT_TEXT:
		return y->ok && same_words(text, x->text);
	}
	return false;
}

void lab_judge(const struct topo_test *t, const struct lab_yield *y, struct lab_verdict *ret)
{
	bool ok = holds(t, y);

	if (ok)
		lab_verdict_set(ret, LAB_PASS, "%s", y->said);
	else
		lab_verdict_set(ret, t->warn ? LAB_WARN : LAB_FAIL, "%s%s%s expected", y->said,
				y->said[0] ? "; " : "", t->expect.text);
}
