/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for how a container lives on without a terminal, and ends. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_opts.h"
#include "cli/values.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/log_file.h"

/* "no", "on-failure[:N]", "always", "unless-stopped" */
static int set_restart(void *args, const char *value, struct err *e)
{
	static const char on_failure[] = "on-failure:";
	static const struct {
		const char *word;
		enum ct_restart policy;
	} words[] = { { "no", RESTART_NO },
		      { "on-failure", RESTART_ON_FAILURE },
		      { "always", RESTART_ALWAYS },
		      { "unless-stopped", RESTART_UNLESS_STOPPED } };
	struct run_args *a = args;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i].word) != 0)
			continue;
		a->spec.restart = words[i].policy;
		a->spec.restart_max = 0;
		return 0;
	}
	if (!str_starts(value, on_failure))
		return err_set(e, EINVAL, "'%s': no, on-failure[:N], always or unless-stopped",
			       value);
	a->spec.restart = RESTART_ON_FAILURE;
	return parse_u32(value + strlen(on_failure), 1, UINT32_MAX, &a->spec.restart_max, e);
}

static int set_log_driver(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	a->log_given = true;
	a->spec.log_none = !strcmp(value, "none");
	if (!a->spec.log_none && strcmp(value, "file") != 0)
		return err_set(e, EINVAL, "'%s': file, or none", value);
	return 0;
}

/* docker writes 10m; ours have their units in capitals. */
static int log_size(const char *value, uint64_t *ret, struct err *e)
{
	char word[32];
	int r = str_fmt(word, sizeof(word), "%s", value);

	if (r < 0)
		return err_set(e, EINVAL, "'%s' is no size", value);
	for (char *p = word; *p; p++)
		if (strchr("kmgt", *p))
			*p = (char)(*p & ~0x20);
	r = parse_size(word, ret, e);
	if (r >= 0 && *ret < 1024)
		return err_set(e, ERANGE, "a log of %s is too small: 1K at least", value);
	return r;
}

static int set_log_opt(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	a->log_given = true;
	if (str_starts(value, "max-size="))
		return log_size(value + strlen("max-size="), &a->spec.log_max_size, e);
	if (str_starts(value, "max-file="))
		return parse_u32(value + strlen("max-file="), 1, LOG_MOST_FILE,
				 &a->spec.log_max_file, e);
	return err_set(e, EINVAL, "'%s': max-size=SIZE, or max-file=N", value);
}

static int set_health_cmd(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (!*value)
		return err_set(e, EINVAL, "a command is missing");
	a->health_argv[0] = "/bin/sh";
	a->health_argv[1] = "-c";
	a->health_argv[2] = value;
	/* nothing writes to them: it is execve(2) that has no const */
	a->spec.health.argv = (char *const *)a->health_argv;
	return 0;
}

/* A time that is not 0. */
static int set_time(void *ns, const char *value, struct err *e)
{
	int r = parse_duration(value, ns, e);

	if (r >= 0 && !*(uint64_t *)ns)
		return err_set(e, ERANGE, "'%s' is no time at all", value);
	return r;
}

static int set_start_period(void *ns, const char *value, struct err *e)
{
	return parse_duration(value, ns, e);
}

const struct opt run_life_opts[] = {
	OPT_HEADING("Life"),
	ROW("detach", 'd', OPT_FLAG, NULL, spec.detach,
	    "run in the background, print the id (ct logs, attach, stop)"),
	ROW("rm", 0, OPT_FLAG, NULL, spec.remove,
	    "of a detached one: not listed once it has ended"),
	FN("restart", 0, "POLICY", set_restart,
	   "of a detached one that ends: no, on-failure[:N], always,\n"
	   "                                  unless-stopped"),
	AT("stop-signal", 0, "SIGNAL", spec.stop_signal, value_signal,
	   "sent by ct stop (default: TERM)"),
	AT("stop-timeout", 0, "TIME", spec.stop_timeout, value_grace,
	   "before it is killed then, as 10 or 1.5s (default: 10)"),
	ROW("pidfile", 0, OPT_STR, "FILE", spec.pidfile,
	    "has the first process's pid while it runs"),
	FN("log-driver", 0, "file|none", set_log_driver, "whether ct logs has something to show"),
	FN("log-opt", 0, "K=V", set_log_opt,
	   "max-size=SIZE of a file (1M), max-file=N of them (2), repeatable"),
	FN("health-cmd", 0, "TEXT", set_health_cmd, "shell command that tells whether it is well"),
	AT("health-interval", 0, "TIME", spec.health.interval, set_time,
	   "between two of them (default: 30s)"),
	AT("health-timeout", 0, "TIME", spec.health.timeout, set_time,
	   "that one may take (default: 30s)"),
	ROW("health-retries", 0, OPT_U32, "N", spec.health.retries,
	    "failures in a row that make it unhealthy (default: 3)"),
	AT("health-start-period", 0, "TIME", spec.health.start_period, set_start_period,
	   "in which failures do not count (default: 0)"),
	OPT_END,
};

static int needs_detach(const char *option, const char *why, struct err *e)
{
	err_hint(e, "with --detach it goes on in the background");
	return err_set(e, EINVAL, "--%s: %s", option, why);
}

/* What nobody would look after. */
static int check_foreground(const struct run_args *a, struct err *e)
{
	const struct ct_spec *s = &a->spec;

	if (s->detach)
		return 0;
	if (s->restart != RESTART_NO)
		return needs_detach("restart", "a foreground container is gone when it ends", e);
	if (s->health.argv)
		return needs_detach("health-cmd", "a foreground container has no monitor", e);
	if (a->log_given)
		return needs_detach("log-opt, --log-driver", "a foreground container has no log",
				    e);
	return 0;
}

/* The monitor of a detached one is somewhere else when it removes the file. */
static int make_absolute(struct run_args *a)
{
	_cleanup_free_ char *here = NULL;
	char *path;

	if (!a->spec.pidfile || a->spec.pidfile[0] == '/')
		return 0;
	here = getcwd(NULL, 0);
	if (!here)
		return -errno;
	path = str_printf("%s/%s", here, a->spec.pidfile);
	if (!path || strv_add_take(&a->owned, path) < 0)
		return -ENOMEM;
	a->spec.pidfile = path;
	return 0;
}

int run_life_finish(struct run_args *a, struct err *e)
{
	const struct ct_spec *s = &a->spec;
	int r = check_foreground(a, e);

	if (r < 0)
		return r;
	if (s->remove && s->restart != RESTART_NO)
		return err_set(e, EINVAL, "--rm and --restart exclude each other");
	if (!s->health.argv && (s->health.interval || s->health.timeout || s->health.retries ||
				s->health.start_period))
		return err_set(e, EINVAL, "--health-cmd is missing: there is nothing to look at");
	return make_absolute(a);
}
