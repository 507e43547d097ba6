/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/values.h"

#include <errno.h>
#include <string.h>

#include "cli/env.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/signal.h"
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

int value_signal(void *sig, const char *word, struct err *e)
{
	return signal_parse(word, sig, e);
}

int value_grace(void *ns, const char *word, struct err *e)
{
	uint32_t seconds;

	if (!strcmp(word, "-1")) {
		*(uint64_t *)ns = UINT64_MAX - 1;
		return 0;
	}
	if (word[0] && !word[strspn(word, "0123456789")]) {
		int r = parse_u32(word, 0, UINT32_MAX, &seconds, e);

		if (r >= 0)
			*(uint64_t *)ns = seconds * UINT64_C(1000000000);
		return r;
	}
	return parse_duration(word, ns, e);
}

int value_tty(void *tty, const char *word, struct err *e)
{
	bool on = true;
	int r = word ? parse_bool(word, &on, e) : 0;

	if (r >= 0)
		*(enum ct_tty *)tty = on ? TTY_YES : TTY_NO;
	return r;
}
