/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/env.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/inroot.h"

#define PASSWD_MAX 65536

static size_t key_len(const char *entry)
{
	return strcspn(entry, "=");
}

/* Puts K=V in the place of an earlier K, else at the end. */
static int env_set(struct strv *env, const char *entry)
{
	size_t n = key_len(entry);

	if (!n || entry[n] != '=')
		return 0;
	for (size_t i = 0; i < env->n; i++)
		if (key_len(env->v[i]) == n && !strncmp(env->v[i], entry, n)) {
			char *copy = strdup(entry);

			if (!copy)
				return -ENOMEM;
			free(env->v[i]);
			env->v[i] = copy;
			return 0;
		}
	return strv_add(env, entry);
}

static int env_set_value(struct strv *env, const char *key, const char *value)
{
	_cleanup_free_ char *entry = str_printf("%s=%s", key, value);

	return entry ? env_set(env, entry) : -ENOMEM;
}

/* Field number n (from 0) of a line of passwd(5); NULL when there is none. */
static char *passwd_field(char *line, unsigned n, size_t *ret_len)
{
	while (n--) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			return NULL;
		line++;
	}
	*ret_len = strcspn(line, ":\n");
	return line;
}

/* The home directory of uid as the image's passwd has it: "/root" or "/" without. */
static int home_set(struct strv *env, const struct env_spec *s)
{
	_cleanup_free_ char *text = malloc(PASSWD_MAX);
	char want[16];

	if (!text)
		return -ENOMEM;
	snprintf(want, sizeof(want), "%u", s->uid);
	if (inroot_read(s->root_fd, "/etc/passwd", text, PASSWD_MAX) < 0)
		text[0] = '\0';
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t uid_len, home_len;
		char *uid = passwd_field(line, 2, &uid_len), *home;

		if (!uid || uid_len != strlen(want) || strncmp(uid, want, uid_len))
			continue;
		home = passwd_field(line, 5, &home_len);
		if (!home || *home != '/')
			break;
		home[home_len] = '\0';
		return env_set_value(env, "HOME", home);
	}
	return env_set(env, s->uid ? "HOME=/" : "HOME=/root");
}

static int env_set_all(struct strv *env, char *const *v)
{
	int r = 0;

	for (; r >= 0 && v && *v; v++)
		r = env_set(env, *v);
	return r;
}

int env_build(const struct env_spec *s, struct strv *ret)
{
	const char *term = getenv("TERM");
	int r = env_set(ret, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

	if (r >= 0)
		r = home_set(ret, s);
	if (r >= 0 && s->tty)
		r = env_set_value(ret, "TERM", term && *term ? term : "xterm");
	if (r >= 0 && s->hostname)
		r = env_set_value(ret, "HOSTNAME", s->hostname);
	if (r >= 0)
		r = env_set_all(ret, s->caller);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(s->given); i++)
		if (s->given[i])
			r = env_set_all(ret, s->given[i]->v);
	return r;
}

const char *env_get(const struct strv *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (!strncmp(env->v[i], name, n) && env->v[i][n] == '=')
			return env->v[i] + n + 1;
	return NULL;
}
