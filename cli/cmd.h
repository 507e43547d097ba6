/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd - the commands as one table: dispatch, --help, completion and the check
 * of the man pages derive from it.
 *
 * `ctnet X` is `ct net X`, `ctlab X` is `ct lab X`, `ctrun ...` is `ct run ...`;
 * a new command is one row here and one file with its function.
 */
#ifndef CT_CLI_CMD_H
#define CT_CLI_CMD_H

#include <stddef.h>

#include "cli/opt.h"

struct app;
struct err;

/* What a word on the command line names, for completion. */
enum cmd_words {
	WORDS_NONE,
	WORDS_NETWORK,
	WORDS_NETWORK_CONTAINER, /* a network, then a container */
	WORDS_CONTAINER,
	WORDS_NETNS,
	WORDS_COMMAND,
	WORDS_LAB,
	WORDS_LAB_NODE, /* a lab, then a node of it */
	WORDS_LAB_NODE_STATE, /* likewise, then start or stop */
	WORDS_LAB_LINK_STATE, /* a lab, a link of it, then up or down */
	WORDS_LAB_IMPAIR, /* a lab, a link of it, then what it does to packets */
	WORDS_LAB_WIRE, /* a lab, then a link of it or NODE:IF */
};

enum cmd_flags {
	CMD_STOP_AT_WORDS = 1, /* options end at the first word: the rest is a command */
	CMD_STATUS_125 = 2, /* the result is another program's status; ours is 125 */
	CMD_OWN_V = 4, /* -v is the command's own */
};

struct cmd {
	const char *group; /* "net", "lab", or "" for `ct NAME` */
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;
	const struct opt *opts; /* NULL: only the common ones */
	/* argv: behind the command's name. An exit status, or -errno with e set. */
	int (*run)(struct app *app, int argc, char **argv, struct err *e);
	unsigned flags;
	enum cmd_words words;
};

extern const struct cmd cmds[];
extern const size_t n_cmds;

/* The command of a group by its name; NULL. */
const struct cmd *cmd_find(const char *group, const char *name);
/* What the program's own name stands for: a command, or only a group in *ret_group. */
const struct cmd *cmd_of_link(const char *prog, const char **ret_group);

/* "net" in "", "net ns" in "net": the group that word opens, or NULL. */
const char *cmd_subgroup(const char *group, const char *word);
/* Name i of a group's commands and subgroups; NULL past the end. */
const char *cmd_member(const char *group, size_t i);

/* Runs the program; the exit status of the process. */
int cmd_main(int argc, char **argv);

/* One function each, in the file of its name. */
int cmd_net_create(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_ls(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_inspect(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_rm(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_prune(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_connect(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_disconnect(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_publish(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_unpublish(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_monitor(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_reload(struct app *app, int argc, char **argv, struct err *e);
int cmd_net_gc(struct app *app, int argc, char **argv, struct err *e);
int cmd_ns_add(struct app *app, int argc, char **argv, struct err *e);
int cmd_ns_rm(struct app *app, int argc, char **argv, struct err *e);
int cmd_ns_ls(struct app *app, int argc, char **argv, struct err *e);
int cmd_ns_exec(struct app *app, int argc, char **argv, struct err *e);
int cmd_ns_identify(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_lint(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_expand(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_graph(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_import(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_test(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_up(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_down(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_ls(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_status(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_exec(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_sh(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_logs(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_capture(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_link(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_impair(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_plan(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_apply(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_node(struct app *app, int argc, char **argv, struct err *e);
int cmd_lab_restart(struct app *app, int argc, char **argv, struct err *e);
int cmd_run(struct app *app, int argc, char **argv, struct err *e);
int cmd_ps(struct app *app, int argc, char **argv, struct err *e);
int cmd_stop(struct app *app, int argc, char **argv, struct err *e);
int cmd_kill(struct app *app, int argc, char **argv, struct err *e);
int cmd_wait(struct app *app, int argc, char **argv, struct err *e);
int cmd_rm(struct app *app, int argc, char **argv, struct err *e);
int cmd_prune(struct app *app, int argc, char **argv, struct err *e);
int cmd_rename(struct app *app, int argc, char **argv, struct err *e);
int cmd_pause(struct app *app, int argc, char **argv, struct err *e);
int cmd_unpause(struct app *app, int argc, char **argv, struct err *e);
int cmd_update(struct app *app, int argc, char **argv, struct err *e);
int cmd_port(struct app *app, int argc, char **argv, struct err *e);
int cmd_attach(struct app *app, int argc, char **argv, struct err *e);
int cmd_logs(struct app *app, int argc, char **argv, struct err *e);
int cmd_exec(struct app *app, int argc, char **argv, struct err *e);
int cmd_cp(struct app *app, int argc, char **argv, struct err *e);
int cmd_inspect(struct app *app, int argc, char **argv, struct err *e);
int cmd_stats(struct app *app, int argc, char **argv, struct err *e);
int cmd_events(struct app *app, int argc, char **argv, struct err *e);
int cmd_top(struct app *app, int argc, char **argv, struct err *e);
int cmd_doctor(struct app *app, int argc, char **argv, struct err *e);

extern const struct opt net_ls_opts[], net_prune_opts[], net_connect_opts[], net_disconnect_opts[];
extern const struct opt net_monitor_opts[], lab_graph_opts[], lab_import_opts[];
extern const struct opt lab_status_opts[], lab_capture_opts[];
extern const struct opt lab_test_opts[], lab_up_opts[], lab_down_opts[];
extern const struct opt ps_opts[], stop_opts[], kill_opts[], rm_opts[], prune_opts[];
extern const struct opt cp_opts[], top_opts[], events_opts[], stats_opts[];
extern const struct opt attach_opts[], logs_opts[];
extern const struct opt net_create_opts[], net_rm_opts[], run_opts[], exec_opts[];

/* Candidates for the last of the words, one a line (the shell's completion). */
int cmd_complete(struct app *app, int argc, char **argv);

#endif
