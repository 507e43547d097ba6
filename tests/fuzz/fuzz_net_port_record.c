/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a record of published ports: what is read can be written, and reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/port_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_port_record_ struct port_record rec = { .n = 0 }, again = { .n = 0 };
	_cleanup_free_ char *text = strndup((const char *)data, size), *out = NULL;

	if (!text || port_record_parse(text, &rec) < 0)
		return 0;
	for (size_t i = 0; i < rec.n; i++)
		if (!rec.specs[i].host_port || rec.specs[i].host_end < rec.specs[i].host_port)
			abort();
	out = port_record_text(&rec);
	if (!out || port_record_parse(out, &again) < 0 || again.n != rec.n)
		abort();
	return 0;
}
