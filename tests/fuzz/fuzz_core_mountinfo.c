/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a mountinfo: every line is refused, or its fields are whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *pos = text;
	struct mount_info m;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (mountinfo_next(&pos, &m) > 0) {
		if (m.target[0] != '/' || !*m.root || !*m.options || !*m.fstype ||
		    !*m.super_options || pos > text + size)
			abort();
		mount_has_option(m.options, "ro");
		mount_has_option(m.super_options, "");
	}
	free(text);
	return 0;
}
