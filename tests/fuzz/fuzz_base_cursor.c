/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text under a cursor: each step moves it forward within the text, or touches
 * neither it nor the result. And words that are one of a few, and names of signals.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/signal.h"
#include "tests/fuzz/fuzz.h"

struct result {
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;
	uint8_t byte;
	struct ip_addr ip;
};

static bool step(unsigned which, const char **p, struct result *r)
{
	switch (which) {
	case 0:
		return cur_u64(p, 0, UINT64_MAX, &r->u64);
	case 1:
		return cur_u64(p, 10, 20, &r->u64) && r->u64 >= 10 && r->u64 <= 20;
	case 2:
		return cur_u32(p, 0, UINT32_MAX, &r->u32);
	case 3:
		return cur_u16(p, 1, UINT16_MAX, &r->u16) && r->u16;
	case 4:
		return cur_hex_byte(p, &r->byte);
	case 5:
		return cur_ip(p, "/-]", &r->ip);
	default:
		return cur_lit(p, "::");
	}
}

/* Every step at every place. */
static void walk(const char *text)
{
	const char *end = text + strlen(text);

	for (const char *at = text; at <= end; at++) {
		for (unsigned i = 0; i < 7; i++) {
			struct result r, untouched;
			const char *p = at;

			memset(&r, 0x5e, sizeof(r));
			untouched = r;
			if (step(i, &p, &r))
				fuzz_check(p > at && p <= end);
			else
				fuzz_check(p == at && !memcmp(&r, &untouched, sizeof(r)));
		}
	}
}

static void words(const char *text)
{
	char name[SIGNAL_STRLEN];
	struct err e = ERR_INIT;
	int64_t ns;
	bool yes;
	int sig, again;

	if (signal_parse(text, &sig, &e) == 0)
		fuzz_check(sig > 0 && sig <= 64 &&
			   signal_parse(signal_name(sig, name), &again, NULL) == 0 && again == sig);
	else
		fuzz_check(e.num < 0 && e.msg[0]);
	err_clear(&e);
	fuzz_check(parse_bool(text, &yes, &e) == 0 || (e.num < 0 && e.msg[0]));
	err_clear(&e);
	fuzz_check(parse_offset(text, &ns, &e) == 0 || (e.num < 0 && e.msg[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = size > 200 ? NULL : fuzz_text(data, size);

	if (!text)
		return 0;
	walk(text);
	words(text);
	return 0;
}
