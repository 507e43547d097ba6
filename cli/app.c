/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/app.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/gc.h"
#include "cli/lab.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/ini.h"
#include "core/base/kernel.h"
#include "core/base/log.h"
#include "core/base/parse.h"
#include "core/userns.h"
#include "net/attach.h"

#define ROW(name, letter, type, arg, member, help) \
	OPT_ROW(struct app, name, letter, type, arg, member, help)

/* -v is a volume in `ctrun`, and means --trace everywhere else. */
#define COMMON_ROWS(trace_letter)                                                                  \
	OPT_HEADING("Everywhere"),                                                                 \
		ROW("root", 0, OPT_STR, "DIR", root,                                               \
		    "state directory (default " DEFAULT_ROOT ")"),                                 \
		ROW("config", 0, OPT_STR, "FILE", config,                                          \
		    "configuration (default " DEFAULT_CONFIG "); networks are defined beside it"), \
		ROW("trace", trace_letter, OPT_FLAG, NULL, trace,                                  \
		    "show every netlink message and step on stderr"),                              \
		ROW("quiet", 'q', OPT_FLAG, NULL, quiet, "print only errors"),                     \
		ROW("json", 'j', OPT_FLAG, NULL, json, "print results as JSON"),                   \
		ROW("help", 'h', OPT_FLAG, NULL, help, "print this help"),                         \
		ROW("version", 0, OPT_FLAG, NULL, version, "print the version"), OPT_END

const struct opt app_opts[] = { COMMON_ROWS(0) };
const struct opt app_opts_v[] = { COMMON_ROWS('v') };

int app_usage(struct app *app, int r)
{
	app->usage = true;
	return r;
}

static void usage_hint(const struct app *app, struct err *e)
{
	const char *words = app->cmd->synopsis;

	err_hint(e, "usage: %s%s%s", app->called, words[0] ? " " : "", words);
}

int app_parse(struct app *app, void *args, int argc, char **argv, int min, int max, struct err *e)
{
	const struct cmd *cmd = app->cmd;
	const struct opt_set set = {
		.own = cmd->opts,
		.common = cmd->flags & CMD_OWN_V ? app_opts : app_opts_v,
		.args = args,
		.common_args = app,
		.stop_at_words = cmd->flags & CMD_STOP_AT_WORDS,
	};
	int words = opt_parse(&set, argc, argv, e);

	if (words < 0)
		return app_usage(app, words);
	if (!app->root[0] || (app->config && !app->config[0]))
		return app_usage(app, err_set(e, EINVAL, "--%s: an empty path",
					      app->root[0] ? "config" : "root"));
	log_setup(app->prog, app->trace, app->quiet);
	if (app->help || app->version)
		return -ECANCELED;
	if (words < min) {
		usage_hint(app, e);
		return app_usage(app, err_set(e, EINVAL, "too few arguments"));
	}
	if (max >= 0 && words > max) {
		usage_hint(app, e);
		return app_usage(app, err_set(e, EINVAL, "unexpected argument '%s'", argv[max]));
	}
	return words;
}

static const struct ini_section config_schema[] = {
	{ "ipam", (const struct ini_key[]){ { "pools" }, { NULL } } },
	{ "cgroup", (const struct ini_key[]){ { "parent" }, { NULL } } },
	{ "publish", (const struct ini_key[]){ { "address" }, { NULL } } },
	{ "userns", (const struct ini_key[]){ { "range" }, { NULL } } },
	{ "dns", (const struct ini_key[]){ { "servers" }, { NULL } } },
	{ NULL, NULL },
};

static int parse_pools(struct app *app, const char *text, struct err *e)
{
	struct net_config *c = &app->net_config;
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = strv_split(&words, text, " \t,");

	if (r < 0)
		return r;
	if (!words.n || words.n > ARRAY_SIZE(c->pools))
		return err_set(e, EINVAL, "between 1 and %zu prefixes are expected",
			       ARRAY_SIZE(c->pools));
	for (size_t i = 0; i < words.n; i++) {
		r = parse_subnet(words.v[i], &c->pools[i], e);
		if (r < 0)
			return r;
	}
	c->n_pools = words.n;
	return 0;
}

static int parse_servers(struct app *app, const char *text, struct err *e)
{
	struct net_config *c = &app->net_config;
	int r = strv_split(&c->dns_servers, text, " \t,");

	for (size_t i = 0; r >= 0 && i < c->dns_servers.n; i++) {
		struct ip_addr a;

		r = parse_ip(c->dns_servers.v[i], &a, e);
	}
	return r;
}

/* The unspecified address says every one, as leaving the key out does. */
static int parse_publish(struct app *app, const char *text, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = strv_split(&words, text, " \t,");

	if (r >= 0 && (!words.n || words.n > ARRAY_SIZE(app->publish)))
		return err_set(e, EINVAL, "between 1 and %zu addresses are expected",
			       ARRAY_SIZE(app->publish));
	for (size_t i = 0; r >= 0 && i < words.n; i++) {
		struct ip_addr a, any;

		r = parse_ip(words.v[i], &a, e);
		any = (struct ip_addr){ .family = a.family };
		if (r >= 0 && ip_eq(&a, &any)) {
			app->n_publish = 0;
			return words.n == 1
				       ? 0
				       : err_set(e, EINVAL, "%s includes the others", words.v[i]);
		}
		if (r >= 0)
			app->publish[app->n_publish++] = a;
	}
	return r;
}

static int parse_cgroup_parent(struct app *app, const char *text, struct err *e)
{
	while (*text == '/')
		text++;
	if (strstr(text, ".."))
		return err_set(e, EINVAL, "'..' is not allowed in a cgroup path");
	app->cgroup_parent = *text ? strdup(text) : NULL;
	return 0;
}

static int parse_userns(struct app *app, const char *text, struct err *e)
{
	return userns_parse_range(text, &app->userns_first, &app->userns_count, e);
}

static const struct {
	const char *section, *key;
	int (*parse)(struct app *app, const char *text, struct err *e);
} config_keys[] = {
	{ "ipam", "pools", parse_pools },
	{ "dns", "servers", parse_servers },
	{ "cgroup", "parent", parse_cgroup_parent },
	{ "publish", "address", parse_publish },
	{ "userns", "range", parse_userns },
};

static int read_config(struct app *app, const struct ini *ini, struct err *e)
{
	int r = ini_check(ini, config_schema, e);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(config_keys); i++) {
		const struct ini_entry *at =
			ini_find(ini, config_keys[i].section, config_keys[i].key);

		if (!at)
			continue;
		r = config_keys[i].parse(app, at->value, e);
		if (r < 0)
			return ini_err(ini, at, r, e);
	}
	return r;
}

static int set_defs_dir(struct app *app, struct err *e)
{
	const char *slash = strrchr(app->config, '/');
	int dir_len = slash ? (int)(slash - app->config) : 1;
	int r = str_fmt(app->defs_dir, sizeof(app->defs_dir), "%.*s/networks", dir_len,
			slash ? app->config : ".");

	if (r < 0)
		return err_set(e, r, "path too long: %s", app->config);
	app->net_config.defs_dir = app->defs_dir;
	return 0;
}

int app_load_config(struct app *app, struct err *e)
{
	struct ini ini = { 0 };
	bool given = app->config;
	int r;

	if (!given)
		app->config = DEFAULT_CONFIG;
	r = set_defs_dir(app, e);
	if (r < 0)
		return r;
	app->net_config.pools[0] = (struct ip_prefix){ .addr = ip_from_v4(0x0a580000), .len = 13 };
	app->net_config.n_pools = 1;
	r = ini_load(AT_FDCWD, app->config, &ini, e);
	if (r == -ENOENT && !given) {
		err_clear(e);
		return 0;
	}
	if (r >= 0)
		r = read_config(app, &ini, e);
	ini_free(&ini);
	return r;
}

/*
 * What everything here needs: CAP_SYS_ADMIN for namespaces and mounts,
 * CAP_NET_ADMIN for links and rules. The uid does not matter. And the system calls.
 */
int app_check_privileges(struct app *app, struct err *e)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };
	uint32_t need = 1u << CAP_SYS_ADMIN | 1u << CAP_NET_ADMIN;

	if (syscall(SYS_capget, &h, d) == 0 && (d[0].effective & need) == need)
		return kernel_check(e);
	err_hint(e, "run it as root: sudo %s ...", app->prog);
	return err_set(e, EPERM, "needs the capabilities CAP_SYS_ADMIN and CAP_NET_ADMIN");
}

int app_open(struct app *app, unsigned sweep, struct err *e)
{
	int r = app_check_privileges(app, e);

	if (r >= 0)
		r = app_load_config(app, e);
	if (r >= 0)
		r = dir_open_private(app->root, true, &app->root_fd, e);
	if (r >= 0 && sweep == SWEEP_ALL)
		lab_gc_lost(app);
	if (r >= 0)
		gc_containers(app, sweep);
	if (r >= 0)
		lab_gc(app);
	return r;
}

int app_open_net(struct app *app, struct net *net, unsigned sweep, struct err *e)
{
	int r = app_open(app, sweep, e);

	if (r >= 0)
		r = net_open(net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		attach_gc(net, sweep, NULL);
	return r;
}

void app_close(struct app *app)
{
	fd_close(take_fd(&app->root_fd));
	strv_free(&app->net_config.dns_servers);
	free(take_ptr(app->cgroup_parent));
}

bool app_confirm(bool force, const char *what)
{
	char answer[8] = "";

	if (force || !isatty(STDIN_FILENO))
		return true;
	/* not among the output, which may go elsewhere */
	fprintf(stderr, "%s will be removed. Go on? [y/N] ", what);
	if (!fgets(answer, sizeof(answer), stdin))
		fputc('\n', stderr);
	return answer[0] == 'y' || answer[0] == 'Y';
}

void app_print_error(const struct app *app, const struct err *e)
{
	fprintf(stderr, "%s: %s\n", app->prog, e->msg[0] ? e->msg : strerror(abs(e->num)));
	if (e->hint[0])
		fprintf(stderr, "hint: %s\n", e->hint);
}
