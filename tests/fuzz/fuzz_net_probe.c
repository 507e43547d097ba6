/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes back to a probe, from whoever sent it: ICMP of both families, HTTP. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/probe_http.h"
#include "net/probe_icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_answer a = { 0 };
	struct http_answer h = { 0 };
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (http_parse(text, size, &h) > 0 && (h.body > size || h.status > 999))
		abort();
	free(text);
	/* ids are at the same place in replies of both; any of them will do */
	for (int family = 0; family < 2 && size >= 2; family++) {
		uint16_t id = (uint16_t)(data[0] << 8 | data[1]);

		if (icmp_parse(family ? AF_INET6 : AF_INET, data + 2, size - 2, id, &a) &&
		    a.reply == !!a.error)
			abort();
	}
	return 0;
}
