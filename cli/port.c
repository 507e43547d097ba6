/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct port: the published ports of a container, or where one of its ports is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_words.h"
#include "cli/net_ports.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/json.h"

struct wanted {
	uint32_t port; /* 0: every one */
	const char *protocol; /* NULL: any */
};

/* "80", "80/udp": of tcp when none is named, as docker has it */
static int parse_wanted(const char *word, struct wanted *ret, struct err *e)
{
	static const char *const protocols[] = { "tcp", "udp", "sctp" };
	size_t len = strcspn(word, "/");
	char number[8];
	int r;

	if (str_fmt(number, sizeof(number), "%.*s", (int)len, word) < 0)
		return err_set(e, EINVAL, "'%s' is not PORT[/PROTO]", word);
	r = parse_u32(number, 1, 65535, &ret->port, e);
	if (r < 0)
		return r;
	ret->protocol = word[len] ? NULL : "tcp";
	for (size_t i = 0; word[len] && i < ARRAY_SIZE(protocols); i++)
		if (!strcmp(word + len + 1, protocols[i]))
			ret->protocol = protocols[i];
	return ret->protocol ? 0
			     : err_set(e, EINVAL, "'%s': want tcp, udp or sctp", word + len + 1);
}

static bool is_wanted(const json_t *port, const struct wanted *w)
{
	return !w->port || (json_int(port, "port", 0) == w->port &&
			    !strcmp(json_str(port, "protocol", ""), w->protocol));
}

static void print_one(const json_t *port, bool inner)
{
	const char *ip = json_str(port, "host_ip", "");
	bool six = strchr(ip, ':');

	if (inner)
		printf("%lld/%s -> ", (long long)json_int(port, "port", 0),
		       json_str(port, "protocol", "?"));
	printf("%s%s%s:%lld\n", six ? "[" : "", *ip ? ip : "0.0.0.0", six ? "]" : "",
	       (long long)json_int(port, "host_port", 0));
}

static int show(struct app *app, struct net *net, const struct ct_info *ct, const struct wanted *w,
		struct err *e)
{
	_cleanup_json_ json_t *all = net_ports_json(net, ct->id);
	json_t *some = json_array(), *port;
	size_t i;

	json_array_foreach(all, i, port) if (is_wanted(port, w)) json_array_append(some, port);
	if (w->port && !json_array_size(some)) {
		json_decref(some);
		return err_set(e, -ENOENT, "container %s does not publish %u/%s", ct->name, w->port,
			       w->protocol);
	}
	if (app->json) {
		out_json(some);
		return 0;
	}
	json_array_foreach(some, i, port) print_one(port, !w->port);
	json_decref(some);
	return 0;
}

int cmd_port(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct ct_info ct = { .exit_code = -1 };
	struct wanted w = { 0 };
	int n = app_parse(app, NULL, argc, argv, 1, 2, e), r = n;

	if (r == 2) {
		r = parse_wanted(argv[1], &w, e);
		if (r < 0)
			app_usage(app, r);
	}
	if (r >= 0)
		r = app_open_net(app, &net, SWEEP_SOME, e);
	if (r >= 0)
		r = ct_words_find(app, argv[0], &ct, e);
	if (r >= 0)
		r = show(app, &net, &ct, &w, e);
	ct_info_free(&ct);
	return r;
}
