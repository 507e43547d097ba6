/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/parse.h"

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int parse_bool(const char *s, bool *ret, struct err *e)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true }, { "no", false },  { "true", true }, { "false", false },
		{ "on", true },	 { "off", false }, { "1", true },    { "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(s, words[i].word)) {
			*ret = words[i].value;
			return 0;
		}
	}
	return err_set(e, EINVAL, "\"%.80s\" is neither yes nor no", s);
}

/* The kernel refuses -1 as an id, so the last id of a range is at most UINT32_MAX - 1. */
int parse_id_map(const char *s, struct id_map *ret, struct err *e)
{
	const char *p = s;
	struct id_map m;

	if (!cur_u32(&p, 0, UINT32_MAX - 1, &m.inside) || !cur_lit(&p, ":") ||
	    !cur_u32(&p, 0, UINT32_MAX - 1, &m.outside) || !cur_lit(&p, ":") ||
	    !cur_u32(&p, 1, UINT32_MAX, &m.count) || *p)
		return err_set(
			e, EINVAL,
			"\"%.80s\" is not an id map: CONTAINER:HOST:COUNT, as in 0:100000:65536",
			s);
	if (m.count > UINT32_MAX - m.inside || m.count > UINT32_MAX - m.outside)
		return err_set(e, ERANGE, "id map %.80s reaches beyond the last id, %u", s,
			       UINT32_MAX - 1);
	*ret = m;
	return 0;
}

int parse_user(const char *s, uint32_t *ret_uid, uint32_t *ret_gid, struct err *e)
{
	uint32_t uid, gid = UINT32_MAX;
	const char *p = s;

	if (!cur_u32(&p, 0, UINT32_MAX - 1, &uid) ||
	    (cur_lit(&p, ":") && !cur_u32(&p, 0, UINT32_MAX - 1, &gid)) || *p)
		return err_set(e, EINVAL, "\"%.80s\" is not a user: UID or UID:GID in numbers", s);
	*ret_uid = uid;
	*ret_gid = gid;
	return 0;
}

/* *ret_value lies in the allocation of *ret_key, which the caller frees. */
int parse_key_value(const char *s, char **ret_key, char **ret_value, struct err *e)
{
	const char *eq = strchr(s, '=');
	char *copy;

	if (!eq || eq == s)
		return err_set(e, EINVAL, "\"%.80s\" is not of the form KEY=VALUE", s);
	copy = strdup(s);
	if (!copy)
		return err_sys(e, ENOMEM, "KEY=VALUE");
	copy[eq - s] = '\0';
	*ret_key = copy;
	*ret_value = copy + (eq - s) + 1;
	return 0;
}
