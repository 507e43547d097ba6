/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as lines of a log: each is refused, or its text lies within it, its time has a form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/log_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const char *line, size_t len)
{
	char time[LOG_TIME_SIZE];
	struct log_line l;
	int64_t again;

	if (!log_line_parse(line, len, &l))
		return;
	if ((l.stream != 1 && l.stream != 2) || l.text < line || l.text + l.len != line + len)
		abort();
	log_time_format(l.time, time);
	if (log_time_parse(time, strlen(time), &again) < 0 || again != l.time)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *at = text;

	if (!text)
		return 0;
	memcpy(text, data, size);
	for (char *feed; (feed = memchr(at, '\n', (size_t)(text + size - at))); at = feed + 1)
		look(at, (size_t)(feed - at));
	look(at, (size_t)(text + size - at));
	free(text);
	return 0;
}
