/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ct_json.h"

#include <string.h>
#include <time.h>

#include "cli/net_json.h"
#include "cli/net_ports.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/state.h"

json_t *ct_json_word(const char *word)
{
	_cleanup_free_ char *copy = word && *word ? strdup(word) : NULL;

	if (!copy)
		return json_null();
	text_clean(copy, strlen(copy));
	return json_string(copy);
}

json_t *ct_json_words(char *const *words)
{
	json_t *all = json_array();

	for (; words && *words; words++)
		json_array_append_new(all, **words ? ct_json_word(*words) : json_string(""));
	return all;
}

json_t *ct_json_time(int64_t ns)
{
	char buf[TEXT_MAX];

	return ns ? json_string(text_time(ns, buf)) : json_null();
}

static json_t *created_json(int64_t created)
{
	time_t t = (time_t)created;
	struct tm tm;
	char buf[32];

	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return json_string(buf);
}

json_t *ct_json_of(const struct ct_info *i, json_t *networks, json_t *ports)
{
	json_t *exit_code = i->exit_code < 0 ? json_null() : json_integer(i->exit_code);

	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "id", i->id, "name",
			 i->name, "status", i->status, "pid", i->init.pid, "exit_code", exit_code,
			 "created", created_json(i->created), "command", ct_json_words(i->command),
			 "networks", networks, "ports", ports, "health", ct_json_word(i->health));
}

json_t *ct_json(struct net *net, const struct ct_info *i)
{
	return ct_json_of(i, net_json_attachments(net, i->id), net_ports_json(net, i->id));
}
