/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/values.h"

#include <errno.h>
#include <string.h>

#include "cli/env.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/spec.h"

int value_env(void *strv, const char *word, struct err *e)
{
	return env_add(strv, word, e);
}

int value_env_file(void *strv, const char *path, struct err *e)
{
	return env_add_file(strv, path, e);
}

int value_label(void *strv, const char *word, struct err *e)
{
	if (word[0] == '=' || !strchr(word, '='))
		return err_set(e, EINVAL, "'%s' is not KEY=VALUE", word);
	return strv_add(strv, word);
}

int value_absolute(void *path, const char *word, struct err *e)
{
	if (word[0] != '/')
		return err_set(e, EINVAL, "'%s' is not an absolute path", word);
	*(const char **)path = word;
	return 0;
}

int value_tty(void *tty, const char *word, struct err *e)
{
	bool on = true;
	int r = word ? parse_bool(word, &on, e) : 0;

	if (r >= 0)
		*(enum ct_tty *)tty = on ? TTY_YES : TTY_NO;
	return r;
}
