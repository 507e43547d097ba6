/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_agent - a node's first process, and how it and the supervisor talk.
 *
 *	supervisor -> node	calls, over a SEQPACKET pair of the node's own; some are
 *				answered there
 *	node -> supervisor	notes, over one SEQPACKET pair for all: with BORN comes
 *				the supervisor's end of the node's pair
 *
 * An idle node waits in one system call and has touched few pages of its own: what it
 * needs for commands and daemons it makes when there is one. So with its files, unless
 * it has a root or mounts of its own: they are made for the first command, or when
 * somebody enters, who asks for them by NODE_FILES_SIGNAL and sees them appear.
 */
#ifndef CT_CORE_NODE_AGENT_H
#define CT_CORE_NODE_AGENT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/node.h"
#include "core/node_root.h"
#include "core/rootfs.h"

struct log_file;

#define NODE_FILES_SIGNAL SIGUSR1

enum node_call_type {
	CALL_WIRE = 1,
	CALL_RUN,
	CALL_EXEC, /* answered */
	CALL_DAEMON, /* answered */
	CALL_RESTART, /* answered */
	CALL_STOPS, /* answered */
	CALL_STOP,
	CALL_CANCEL, /* nobody waits for the command that runs */
};

#define CALL_TEXT 65536
struct node_call {
	uint32_t type, num;
	uint64_t grace; /* nanoseconds */
	bool text; /* a string follows, with its NUL */
};

struct node_answer {
	int32_t result;
	struct err err; /* only when result is below 0 */
};

enum { NOTE_DAEMON = NODE_ENDED + 1, NOTE_FORGOTTEN };
struct node_note {
	uint32_t id, type; /* enum node_event_type, or these */
	union {
		struct node_daemon_info daemon; /* of the two; FORGOTTEN: only num */
		struct err err; /* of FAILED, which alone is sent whole */
	};
};
#define NOTE_SHORT (offsetof(struct node_note, err) + sizeof(struct node_daemon_info))

/* What a node is born with; all of it the worker's. */
struct node_birth {
	uint32_t id;
	const struct node_spec *spec;
	const struct node_template *template;
	int notes_fd, logs_fd; /* logs_fd -1: none are kept */
	struct cgroup cgroup;
	struct node_files files; /* from where the node is not */
};

/* A daemon; its place in the array is the agent's. */
struct node_daemon {
	struct node_daemon_info info;
	char *text;
	struct log_file *log;
	int out[2]; /* what it writes to 1 and 2; -1: none */
	uint64_t started,
		due; /* due: of the next start, or of SIGKILL while it is to end; 0: never */
	int delay; /* core/restart.h */
	bool leaving; /* it was told to end */
};

struct agent {
	const struct node_birth *b;
	const struct node_spec *spec;
	int calls_fd, signals_fd; /* signals_fd -1: no turn yet */
	struct rootfs fs;
	bool files; /* made */
	/* of commands; made with the first */
	bool prepared;
	struct account who;
	struct strv env;
	/* the command that is waited for */
	pid_t job;
	int job_status; /* -1: it runs */
	struct node_daemon *daemons;
	size_t n_daemons;
	struct node_command *stops; /* NULL: those of the spec */
	size_t n_stops;
	struct pollfd *polls;
	size_t n_polls; /* room */
	bool busy; /* a call is being seen to: of others only STOP */
	bool stop, ending; /* STOP came; it is being seen to */
	bool cancel; /* CANCEL came */
	bool childless;
	uint64_t grace; /* of STOP */
};

/* In the process that the worker made; does not return. */
_Noreturn void agent_main(const struct node_birth *b);
/* One turn: waits until something happens or the time has come (0: never), and sees to it. */
void agent_turn(struct agent *a, uint64_t until);
/* Makes the node's files, if they are not there. */
int agent_files(struct agent *a, struct err *e);
/* To the supervisor; -errno: it does not hear it. */
int agent_note(const struct agent *a, struct node_note *n, int fd);
/* Its end: the supervisor hears why. */
_Noreturn void agent_failed(const struct agent *a, int r, const struct err *e);
/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t agent_now(void);

/* node_hear.c: the call that is there, carried out and answered. */
void agent_take_call(struct agent *a);
/* Waits for that one: before it has work there is nothing else to see to. */
void agent_await(struct agent *a, enum node_call_type type);

/* What commands have when the file says nothing: docker's and NET_ADMIN. */
uint64_t node_caps(void);

/* node_job.c: a command by sh -c. out: what it writes to 1 and 2. Its pid. */
pid_t job_start(struct agent *a, const char *text, const int out[2], struct err *e);
/* One to its end, or until then (0: never), when it is killed; -EREMOTEIO as node_exec(). */
int job_run(struct agent *a, const char *what, const char *text, uint64_t until, struct err *e);

/* node_stop.c: stop.N, in the order of their numbers; until then. */
int stops_put(struct agent *a, uint32_t num, const char *text, struct err *e);
void stops_run(struct agent *a, uint64_t until);

/* node_daemon.c */
int daemon_put(struct agent *a, uint32_t num, const char *text, struct err *e);
int daemon_restart(struct agent *a, uint32_t num, struct err *e); /* 0: all */
/* Whether pid was one: then it is seen to. */
bool daemon_ended(struct agent *a, pid_t pid, int status);
/* Due starts and kills; the time of the next, 0: none. */
uint64_t daemons_due(struct agent *a);
/* Its descriptors, two for each; and what came by them. */
void daemons_polls(const struct agent *a, struct pollfd *p);
void daemons_read(struct agent *a, const struct pollfd *p);

#endif
