/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"

#define BOM "\xef\xbb\xbf"

int env_add(struct strv *env, const char *word, struct err *e)
{
	const char *eq = strchr(word, '='), *value;

	if (!*word || eq == word)
		return err_set(e, EINVAL, "'%s' has no name before the '='", word);
	if (eq)
		return strv_add(env, word);
	value = getenv(word);
	return value ? strv_add_take(env, str_printf("%s=%s", word, value)) : 0;
}

/*
 * A line as docker's --env-file has it (docker/cli, pkg/kvfile): blanks in front
 * are passed over, and what stands behind the '=' is the value as it is, quotes
 * and blanks included.
 */
static int add_line(struct strv *env, char *line, struct err *e)
{
	line += strspn(line, " \t\v\f\r");
	if (!*line || *line == '#')
		return 0;
	if (line[strcspn(line, "= \t")] != '=' && line[strcspn(line, "= \t")])
		return err_set(e, EINVAL, "the name in '%.64s' has a blank in it", line);
	return env_add(env, line, e);
}

int env_add_file(struct strv *env, const char *path, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	unsigned line = 0;
	size_t len;
	char *next;
	int r = file_read_at(AT_FDCWD, path, 1 << 20, &text, &len);

	if (r < 0)
		return err_sys(e, r, "%s", path);
	if (strlen(text) != len)
		return err_set(e, EINVAL, "%s: holds a byte 0", path);
	for (char *at = text + (str_starts(text, BOM) ? strlen(BOM) : 0); at; at = next) {
		size_t n = strcspn(at, "\n");

		next = at[n] ? at + n + 1 : NULL;
		at[n] = '\0';
		if (n && at[n - 1] == '\r')
			at[n - 1] = '\0';
		line++;
		r = add_line(env, at, e);
		if (r < 0)
			return err_wrap(e, r, "%s:%u", path, line);
	}
	return 0;
}
