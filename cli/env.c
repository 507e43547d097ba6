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

int env_add_file(struct strv *env, const char *path, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	unsigned line = 0;
	char *next;
	int r = file_read_at(AT_FDCWD, path, 1 << 20, &text, NULL);

	if (r < 0)
		return err_sys(e, r, "%s", path);
	for (char *at = text; at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = 0;
		line++;
		if (!*at || *at == '#')
			continue;
		r = env_add(env, at, e);
		if (r < 0)
			return err_wrap(e, r, "%s:%u", path, line);
	}
	return 0;
}
