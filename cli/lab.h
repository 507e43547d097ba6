/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab - a running lab as the commands see it: its directory, its supervisor, its nodes.
 *
 *	ROOT/labs/NAME/lab.json	who runs it (struct lab_record)
 *	ROOT/labs/NAME/lab.ini	the file as it was read last (up, apply)
 *	ROOT/labs/NAME/control	the supervisor's socket (cli/lab_control.h)
 *	ROOT/labs/NAME/logs	of daemons: NODE/daemon.N/log.1
 *	ROOT/labs/NAME/lock	held by who changes it
 *
 * The supervisor is pid 1 of the lab's pid namespace, lives in the fabric's network
 * namespace, and is the only one who changes the lab. What belongs to the host (an
 * uplink's attachment, a physical interface, published ports) is done by the client that
 * asked, in the host's namespaces, when the supervisor asks it back (cli/lab_host.h).
 */
#ifndef CT_CLI_LAB_H
#define CT_CLI_LAB_H

#include <jansson.h>
#include <stdbool.h>

#include "core/base/proc.h"
#include "core/base/str.h"
#include "net/fabric.h"
#include "net/fabric_need.h"
#include "net/topology.h"

struct app;
struct err;

struct lab_record {
	char name[64], id[16]; /* id: 12 hex digits, for control groups, attachments */
	char *file; /* as it was given; NULL: stdin */
	struct proc_id supervisor; /* pid 0: not yet */
	struct proc_id maker; /* of up, until the lab stands */
	int64_t created; /* seconds since the epoch */
	uint32_t nodes; /* processes, switches not counted */
	bool stops; /* a node has stop.N */
	bool ready; /* up is through */
	struct strv unapplied; /* what the kernel lacks, one line each */
};
void lab_record_free(struct lab_record *r);

/* One that runs. -ENOENT with a suggestion; -ESRCH: it died, and the next sweep removes it. */
struct lab {
	struct lab_record rec;
	int dir_fd; /* ROOT/labs/NAME */
	struct topology topo; /* of lab.ini, with what the kernel lacks taken out; by lab_load */
	struct fabric_lacks lacks;
};
#define LAB_INIT             \
	{                    \
		.dir_fd = -1 \
	}
/* word: a name, or a file with a [lab] name. One that is not up yet is -EBUSY. */
int lab_open(struct app *app, const char *word, struct lab *ret, struct err *e);
int lab_load(struct lab *l, struct err *e); /* topo and lacks */
/* The text that a lab keeps: where it has no name itself, that of the lab's first file holds. */
int lab_text_parse(const char *lab, const char *text, size_t len, struct topology *ret,
		   struct topo_problems *p);
void lab_close(struct lab *l); /* accepts LAB_INIT */
#define _cleanup_lab_ __attribute__((cleanup(lab_close)))
/* The name that a word stands for; dead labs have one, too. */
int lab_find(struct app *app, const char *word, char ret_name[64], struct err *e);
/* All names with a directory, sorted; those of the dead are swept first. */
int lab_names(struct app *app, struct strv *ret, struct err *e);

/*
 * A node of it, asked of the supervisor; lab_load() was called. -ENOENT with a
 * suggestion, -ESRCH: it is stopped.
 */
struct lab_node {
	uint32_t node; /* index in topo */
	struct proc_id host; /* its first process, as the host sees it */
};
int lab_node(struct lab *l, const char *name, struct lab_node *ret, struct err *e);
/* Of all nodes that run, in one question; free it. */
int lab_nodes(struct lab *l, struct lab_node **ret, size_t *ret_n, struct err *e);
/* Network namespaces, to be closed: of a node, and of the fabric. */
int lab_node_netns(const struct lab_node *n, struct err *e);
int lab_fabric_netns(const struct lab *l, struct err *e);
/* Number of the fabric's port of an interface (index in topo); FABRIC_NONE: a direct wire. */
int lab_port(struct lab *l, uint32_t iface, uint32_t *ret, struct err *e);

/*
 * Makes the lab of a file; on failure nothing is left. t is read already and has a name; with
 * unsupported = warn what the kernel lacks is taken out of it. 0; LAB_LACKS or LAB_ROLLED_BACK with
 * e set; -errno: it was not begun.
 */
struct lab_up {
	const char *file; /* for the record; NULL: stdin */
	const char *text; /* what lab.ini will hold */
	size_t len;
	const struct strv *only; /* nodes to build, with the wires between them; NULL: all */
	bool tied; /* it dies with the caller: for `ctlab test FILE` */
	int progress_fd; /* -1: none; lines "nodes 120/200" for a terminal */
};
int lab_up(struct app *app, struct topology *t, const struct lab_up *u, struct err *e);
/* Ends it and waits until nothing is left; accepts a dead one. Also the host's part. */
int lab_down(struct app *app, const char *name, struct err *e);

#define LAB_FILE "lab.ini"

/* Labs whose supervisor is dead: what of them is left on the host. */
void lab_gc(struct app *app);
/* Those that run, and whose files somebody removed. */
void lab_gc_lost(struct app *app);

/* Exit statuses of ctlab, as results of the commands. */
enum { LAB_OK = 0, LAB_FAILED = 1, LAB_USAGE = 2, LAB_LACKS = 3, LAB_ROLLED_BACK = 4 };

#endif
