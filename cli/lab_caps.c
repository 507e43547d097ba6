/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_caps.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/caps.h"

static int usual(uint64_t *ret, struct err *e)
{
	uint64_t admin = 0, raw = 0;
	int r = caps_parse("NET_ADMIN", &admin, e);

	if (r >= 0)
		r = caps_parse("NET_RAW", &raw, e);
	*ret = caps_default() | admin | raw;
	return r;
}

int lab_caps(const char *text, uint64_t *ret, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = text ? strv_split(&words, text, " \t,") : 0;
	uint64_t one;

	*ret = 0;
	if (r >= 0 && words.n && strchr("+-", *words.v[0]))
		r = usual(ret, e);
	for (size_t i = 0; r >= 0 && i < words.n; i++) {
		const char *w = words.v[i];

		r = caps_parse(w + strspn(w, "+-"), &one, e);
		if (r >= 0)
			*ret = *w == '-' ? *ret & ~one : *ret | one;
	}
	return r;
}
