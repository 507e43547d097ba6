/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/limit_opts.h"
#include "core/base/cleanup.h"
#include "core/base/kernel.h"
#include "core/base/log.h"
#include "core/base/str.h"

enum { STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_OURS = 125 };

const struct cmd cmds[] = {
	{ "net", "create", "NAME [options]", "define a network and make it real", net_create_opts,
	  cmd_net_create, 0, WORDS_NONE },
	{ "net", "ls", "[--filter K=V]", "list networks", net_ls_opts, cmd_net_ls, 0, WORDS_NONE },
	{ "net", "inspect", "NAME...", "show networks with their containers", NULL, cmd_net_inspect,
	  0, WORDS_NETWORK },
	{ "net", "rm", "[-f] NAME...", "remove networks", net_rm_opts, cmd_net_rm, 0,
	  WORDS_NETWORK },
	{ "net", "prune", "[-f] [--filter K=V]", "remove the networks that no container is on",
	  net_prune_opts, cmd_net_prune, 0, WORDS_NONE },
	{ "net", "connect", "[options] NET CONTAINER", "put a running container on a network",
	  net_connect_opts, cmd_net_connect, 0, WORDS_NETWORK_CONTAINER },
	{ "net", "disconnect", "[options] NET CONTAINER", "take a running container off a network",
	  net_disconnect_opts, cmd_net_disconnect, 0, WORDS_NETWORK_CONTAINER },
	{ "net", "publish", "CONTAINER [HOSTIP:]HOSTPORT[-END]:PORT[/PROTO]...",
	  "publish ports of a running container", NULL, cmd_net_publish, 0, WORDS_CONTAINER },
	{ "net", "unpublish", "CONTAINER [HOSTIP:]HOSTPORT[-END]:PORT[/PROTO]...",
	  "take published ports back", NULL, cmd_net_unpublish, 0, WORDS_CONTAINER },
	{ "net", "reload", "", "make the kernel match the definitions again", NULL, cmd_net_reload,
	  0, WORDS_NONE },
	{ "net", "gc", "", "remove what dead containers left, heal what is missing", NULL,
	  cmd_net_gc, 0, WORDS_NONE },
	{ "net", "doctor", "", "tell what is in the way of networks, with its cure", NULL,
	  cmd_doctor, 0, WORDS_NONE },
	{ "net", "monitor", "[OBJECT...]", "tell of changes as they happen", net_monitor_opts,
	  cmd_net_monitor, 0, WORDS_NONE },
	{ "net ns", "add", "NAME", "make a named network namespace", NULL, cmd_ns_add, 0,
	  WORDS_NONE },
	{ "net ns", "rm", "NAME...", "remove named network namespaces", NULL, cmd_ns_rm, 0,
	  WORDS_NETNS },
	{ "net ns", "ls", "", "list named network namespaces", NULL, cmd_ns_ls, 0, WORDS_NONE },
	{ "net ns", "exec", "NAME COMMAND [ARG...]", "run a command in one", NULL, cmd_ns_exec,
	  CMD_STOP_AT_WORDS | CMD_STATUS_125, WORDS_NETNS },
	{ "net ns", "identify", "[PID]", "name that of a process", NULL, cmd_ns_identify, 0,
	  WORDS_NONE },
	{ "lab", "lint", "FILE...", "tell all that is wrong with lab files", NULL, cmd_lab_lint, 0,
	  WORDS_NONE },
	{ "lab", "expand", "FILE", "print a lab file with all of it written out", NULL,
	  cmd_lab_expand, 0, WORDS_NONE },
	{ "lab", "graph", "[options] LAB|FILE", "draw a lab: DOT, Mermaid, SVG or HTML",
	  lab_graph_opts, cmd_lab_graph, 0, WORDS_LAB },
	{ "lab", "import", "[options] FILE.graphml|TOPO", "make a lab file of another description",
	  lab_import_opts, cmd_lab_import, 0, WORDS_NONE },
	{ "lab", "up", "[--only NODES] FILE", "make the lab of a file", lab_up_opts, cmd_lab_up, 0,
	  WORDS_NONE },
	{ "lab", "down", "LAB...|--all", "end labs, leaving nothing", lab_down_opts, cmd_lab_down,
	  0, WORDS_LAB },
	{ "lab", "test", "[options] LAB|FILE [NAME...]",
	  "run the tests of a lab, or of one made for them", lab_test_opts, cmd_lab_test, 0,
	  WORDS_LAB },
	{ "lab", "plan", "FILE", "tell what apply would do", NULL, cmd_lab_plan, 0, WORDS_NONE },
	{ "lab", "apply", "FILE", "make a running lab what its file says", NULL, cmd_lab_apply, 0,
	  WORDS_NONE },
	{ "lab", "ls", "", "list labs", NULL, cmd_lab_ls, 0, WORDS_NONE },
	{ "lab", "status", "[options] [LAB]", "show running labs as they are now", lab_status_opts,
	  cmd_lab_status, 0, WORDS_LAB },
	{ "lab", "exec", "[options] LAB NODE [--] COMMAND [ARG...]", "run a command in a node",
	  exec_opts, cmd_lab_exec, CMD_STOP_AT_WORDS | CMD_STATUS_125, WORDS_LAB_NODE },
	{ "lab", "sh", "[options] LAB NODE", "be in a node, in a shell", exec_opts, cmd_lab_sh,
	  CMD_STATUS_125, WORDS_LAB_NODE },
	{ "lab", "logs", "[options] LAB NODE [DAEMON]", "print what a daemon of a node wrote",
	  logs_opts, cmd_lab_logs, 0, WORDS_LAB_NODE },
	{ "lab", "capture", "[options] LAB LINK|NODE:IF", "write the packets of a wire to a file",
	  lab_capture_opts, cmd_lab_capture, 0, WORDS_LAB_WIRE },
	{ "lab", "link", "LAB LINK up|down", "cut the cable of a link, plug it in again", NULL,
	  cmd_lab_link, 0, WORDS_LAB_LINK_STATE },
	{ "lab", "impair", "LAB LINK KEY=VALUE...|none", "change what a link does to packets", NULL,
	  cmd_lab_impair, 0, WORDS_LAB_IMPAIR },
	{ "lab", "node", "LAB NODE stop|start", "take a node out of a lab, put it back", NULL,
	  cmd_lab_node, 0, WORDS_LAB_NODE_STATE },
	{ "lab", "restart", "LAB NODE [DAEMON]", "restart daemons of a node", NULL, cmd_lab_restart,
	  0, WORDS_LAB_NODE },
	{ "", "run", "[options] [--] COMMAND [ARG...]", "run a container", run_opts, cmd_run,
	  CMD_STOP_AT_WORDS | CMD_STATUS_125 | CMD_OWN_V, WORDS_COMMAND },
	{ "", "exec", "[options] CONTAINER COMMAND [ARG...]", "run a command in a container",
	  exec_opts, cmd_exec, CMD_STOP_AT_WORDS | CMD_STATUS_125, WORDS_CONTAINER },
	{ "", "attach", "[options] CONTAINER", "be the terminal of a detached container",
	  attach_opts, cmd_attach, CMD_STATUS_125, WORDS_CONTAINER },
	{ "", "logs", "[options] CONTAINER", "print what a detached container wrote", logs_opts,
	  cmd_logs, 0, WORDS_CONTAINER },
	{ "", "ps", "[options]", "list containers", ps_opts, cmd_ps, 0, WORDS_NONE },
	{ "", "stop", "[options] CONTAINER...", "end containers, gently first", stop_opts, cmd_stop,
	  0, WORDS_CONTAINER },
	{ "", "kill", "[-s SIGNAL] CONTAINER...", "send containers a signal", kill_opts, cmd_kill,
	  0, WORDS_CONTAINER },
	{ "", "wait", "CONTAINER...", "wait for containers to end, print their exit status", NULL,
	  cmd_wait, 0, WORDS_CONTAINER },
	{ "", "rm", "[-f] CONTAINER...", "remove containers that have exited", rm_opts, cmd_rm,
	  CMD_OWN_V, WORDS_CONTAINER },
	{ "", "prune", "[-f] [--filter K=V]", "remove every container that has exited", prune_opts,
	  cmd_prune, 0, WORDS_NONE },
	{ "", "rename", "CONTAINER NAME", "give a container another name", NULL, cmd_rename, 0,
	  WORDS_CONTAINER },
	{ "", "pause", "CONTAINER...", "freeze containers", NULL, cmd_pause, 0, WORDS_CONTAINER },
	{ "", "unpause", "CONTAINER...", "let frozen containers go on", NULL, cmd_unpause, 0,
	  WORDS_CONTAINER },
	{ "", "update", "[options] CONTAINER...", "change limits of running containers", limit_opts,
	  cmd_update, 0, WORDS_CONTAINER },
	{ "", "port", "CONTAINER [PORT[/PROTO]]", "show the published ports of a container", NULL,
	  cmd_port, 0, WORDS_CONTAINER },
	{ "", "top", "[options] CONTAINER [COLUMN...]", "show the processes of a container",
	  top_opts, cmd_top, 0, WORDS_CONTAINER },
	{ "", "events", "[options]", "tell what happens to containers", events_opts, cmd_events, 0,
	  WORDS_NONE },
	{ "", "stats", "[options] [CONTAINER...]", "show what containers use, live", stats_opts,
	  cmd_stats, 0, WORDS_CONTAINER },
	{ "", "inspect", "CONTAINER...", "show all that is known of containers", NULL, cmd_inspect,
	  0, WORDS_CONTAINER },
	{ "", "cp", "[options] CONTAINER:PATH|PATH CONTAINER:PATH|PATH",
	  "copy files into and out of a container", cp_opts, cmd_cp, 0, WORDS_CONTAINER },
	{ "", "doctor", "", "tell what is in the way of networks, with its cure", NULL, cmd_doctor,
	  0, WORDS_NONE },
};
const size_t n_cmds = ARRAY_SIZE(cmds);

/* What the program's own name stands for: links to one executable. */
static const struct {
	const char *prog, *group, *name;
} links[] = {
	{ "ctnet", "net", NULL },
	{ "ctlab", "lab", NULL },
	{ "ctrun", "", "run" },
};

/* What `--help` says of a group, by its whole name. */
static const struct {
	const char *group, *summary;
} groups[] = {
	{ "net", "networks for containers: create, ls, connect, publish, ..." },
	{ "net ns", "network namespaces without a container" },
	{ "lab", "test topologies from one file: up, down, ls, lint, graph, ..." },
};

static const char *group_summary(const char *group)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strcmp(groups[i].group, group))
			return groups[i].summary;
	return "a group of commands";
}

/* Where a search for a command stands: a group, and how the user spelled it. */
struct place {
	const char *group;
	char prog[32];
	char called[64];
};

const struct cmd *cmd_find(const char *group, const char *name)
{
	for (size_t i = 0; i < n_cmds; i++)
		if (!strcmp(cmds[i].group, group) && !strcmp(cmds[i].name, name))
			return &cmds[i];
	return NULL;
}

const struct cmd *cmd_of_link(const char *prog, const char **ret_group)
{
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (strcmp(prog, links[i].prog))
			continue;
		*ret_group = links[i].group;
		return links[i].name ? cmd_find(links[i].group, links[i].name) : NULL;
	}
	return NULL;
}

const char *cmd_subgroup(const char *group, const char *word)
{
	char joined[32];

	if (str_fmt(joined, sizeof(joined), "%s%s%s", group, group[0] ? " " : "", word) < 0)
		return NULL;
	for (size_t i = 0; i < n_cmds; i++)
		if (!strcmp(cmds[i].group, joined))
			return cmds[i].group;
	return NULL;
}

/* Whether a row is a command of the group, or the first of a subgroup of it. */
static bool is_member(const char *group, const struct cmd *c, const char **ret_word)
{
	size_t len = strlen(group);

	*ret_word = c->name;
	if (!strcmp(c->group, group))
		return true;
	/* the first command of a subgroup speaks for it */
	if (strncmp(c->group, group, len) || (len && c->group[len] != ' '))
		return false;
	*ret_word = c->group + len + (len ? 1 : 0);
	return !strchr(*ret_word, ' ') && (c == cmds || strcmp(c[-1].group, c->group));
}

const char *cmd_member(const char *group, size_t i)
{
	const char *word;

	for (size_t c = 0; c < n_cmds; c++)
		if (is_member(group, &cmds[c], &word) && i-- == 0)
			return word;
	return NULL;
}

static const char *candidate(const void *ctx, size_t i)
{
	const struct place *p = ctx;

	return cmd_member(p->group, i);
}

static void help_group(const struct place *p)
{
	printf("usage: %s COMMAND [options]\n\n", p->prog);
	for (size_t i = 0; i < n_cmds; i++) {
		const char *word;

		if (is_member(p->group, &cmds[i], &word))
			printf("  %-10s  %s\n", word,
			       word == cmds[i].name ? cmds[i].summary
						    : group_summary(cmds[i].group));
	}
	opt_help(app_opts_v);
	printf("\n'%s COMMAND --help' tells the options of one command.\n", p->prog);
}

static void help_cmd(const struct app *app)
{
	const struct cmd *cmd = app->cmd;

	printf("usage: %s%s%s\n\n%c%s.\n", app->called, *cmd->synopsis ? " " : "", cmd->synopsis,
	       cmd->summary[0] & ~0x20, cmd->summary + 1);
	opt_help(cmd->opts);
	opt_help(cmd->flags & CMD_OWN_V ? app_opts : app_opts_v);
}

static int unknown_command(struct app *app, const struct place *p, const char *word, struct err *e)
{
	const char *near = str_nearest(word, candidate, p);

	app_usage(app, err_set(e, EINVAL, "unknown command '%s'", word));
	if (near)
		err_hint(e, "did you mean '%s %s'?", p->prog, near);
	else
		err_hint(e, "'%s --help' lists the commands", p->prog);
	return -EINVAL;
}

/* Enters the group that a word opens; false: it opens none. */
static bool enter_group(struct place *p, const char *word)
{
	const char *group = cmd_subgroup(p->group, word);
	size_t len = strlen(p->prog);

	if (!group)
		return false;
	p->group = group;
	str_fmt(p->prog + len, sizeof(p->prog) - len, " %s", word);
	return true;
}

static int run_cmd(struct app *app, int argc, char **argv, struct err *e)
{
	int r = app->cmd->run(app, argc, argv, e);

	if (app->help) {
		help_cmd(app);
		return 0;
	}
	if (app->version) {
		printf("ctnet %s\n", CT_VERSION);
		return 0;
	}
	return r;
}

/* `ctnet help`, `ctnet help create`, `ct help net ns`. */
static int help_words(struct app *app, struct place *p, int argc, char **argv, struct err *e)
{
	while (argc && enter_group(p, argv[0])) {
		argc--;
		argv++;
	}
	if (!argc) {
		help_group(p);
		return 0;
	}
	app->cmd = cmd_find(p->group, argv[0]);
	if (!app->cmd)
		return unknown_command(app, p, argv[0], e);
	str_fmt(p->called, sizeof(p->called), "%s %s", p->prog, argv[0]);
	help_cmd(app);
	return 0;
}

/*
 * Options may stand before the command too (`ctnet --root DIR ls`); then the
 * group word of `ct net ls`, then the command.
 */
static int dispatch(struct app *app, struct place *p, int argc, char **argv, struct err *e)
{
	const struct opt_set common = { .common = app_opts_v,
					.common_args = app,
					.stop_at_words = true };
	int words = opt_parse(&common, argc, argv, e);

	if (words < 0)
		return app_usage(app, words);
	if (app->version) {
		printf("ctnet %s\n", CT_VERSION);
		return 0;
	}
	if (words && enter_group(p, argv[0]))
		return dispatch(app, p, words - 1, argv + 1, e);
	if (words && !strcmp(argv[0], "help"))
		return help_words(app, p, words - 1, argv + 1, e);
	if (!words && app->help) {
		help_group(p);
		return 0;
	}
	if (!words) {
		err_hint(e, "'%s --help' lists them", p->prog);
		return app_usage(app, err_set(e, EINVAL, "a command is missing"));
	}
	app->cmd = cmd_find(p->group, argv[0]);
	if (!app->cmd)
		return unknown_command(app, p, argv[0], e);
	str_fmt(p->called, sizeof(p->called), "%s %s", p->prog, argv[0]);
	return run_cmd(app, words - 1, argv + 1, e);
}

static int exit_status(const struct app *app, int r)
{
	if (r >= 0)
		return r;
	if (app->cmd && app->cmd->flags & CMD_STATUS_125)
		return STATUS_OURS;
	return app->usage ? STATUS_USAGE : STATUS_FAILED;
}

/* The parsers move words about; who runs this program again needs the original. */
static char **copy_argv(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	for (int i = 0; copy && i < argc; i++)
		copy[i] = argv[i];
	return copy;
}

/*
 * A standard descriptor that is closed would become one of ours, and messages go
 * into a record or a socket. Its use goes on failing: 0 is not for reading, 1 and
 * 2 are not for writing, and the command finds it closed.
 */
static void standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC) < 0)
			_exit(STATUS_FAILED);
}

/* Met before it was looked for: which system call it is that the kernel lacks. */
static void name_the_call(struct app *app, struct err *e)
{
	struct err missing = ERR_INIT;

	if (kernel_check(&missing) >= 0)
		return;
	*e = missing;
	app->usage = false;
}

int cmd_main(int argc, char **argv)
{
	_cleanup_free_ char **as_called = copy_argv(argc, argv);
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argc ? argv[0] : "ct";
	struct place place = { .group = "" };
	struct app app = {
		.prog = place.prog,
		.called = place.called,
		.root = DEFAULT_ROOT,
		.root_fd = -1,
		.argv = as_called,
	};
	struct err e = ERR_INIT;
	int r;

	standard_descriptors();
	str_fmt(place.prog, sizeof(place.prog), "%s", self);
	str_fmt(place.called, sizeof(place.called), "%s", self);
	log_setup(app.prog, false, false);
	if (argc > 1 && !strcmp(argv[1], "__complete"))
		return cmd_complete(&app, argc - 2, argv + 2);
	app.cmd = cmd_of_link(self, &place.group);
	r = app.cmd ? run_cmd(&app, argc - 1, argv + 1, &e)
		    : dispatch(&app, &place, argc - 1, argv + 1, &e);
	if (r == -ENOSYS)
		name_the_call(&app, &e);
	if (r < 0 || e.num)
		app_print_error(&app, &e);
	app_close(&app);
	if (fflush(stdout) != 0 && r >= 0) {
		fprintf(stderr, "%s: cannot write the output: %s\n", app.prog, strerror(errno));
		r = -EIO;
	}
	return exit_status(&app, r);
}
