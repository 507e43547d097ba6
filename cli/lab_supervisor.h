/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_supervisor - the process that a lab is: pid 1 of the lab's pid namespace, in a mount
 * namespace of its own and in the network namespace that is the fabric. With it the kernel
 * takes all processes, namespaces and links of the lab.
 *
 * It builds the lab and then answers its socket, one question after another. Until it is
 * told to stand, and for as long as it lives when it is tied, it dies with its maker.
 */
#ifndef CT_CLI_LAB_SUPERVISOR_H
#define CT_CLI_LAB_SUPERVISOR_H

#include <jansson.h>

#include "cli/lab.h"
#include "cli/lab_live.h"

/* What the maker gives it; the topology is copied with the process. */
struct supervisor_spec {
	struct lab_record *rec;
	struct topology *t; /* is the supervisor's in its process */
	const char *cgroup_parent;
	const char *base; /* as in struct lab_live */
	const struct strv *only;
	bool tied;
	int dir_fd, listen_fd;
};

/*
 * Makes it; *ret_line is the maker's end of the line, on which its words come as those
 * of a question: {"progress": 7, "of": 9}, {"host": ...}, and the end. Then the maker
 * says {"stand": true}, and it is nobody's child. Returns its pid, *ret_pidfd.
 */
pid_t supervisor_start(const struct supervisor_spec *s, int *ret_line, int *ret_pidfd,
		       struct err *e);

/* By these it is found when its files are gone (cli/lab_lost.c). */
#define SUPERVISOR_COMM	  "ct-lab"
#define SUPERVISOR_DIR_FD 5

/* ---- its side ---- */

struct supervisor {
	struct lab_record *rec;
	struct lab_live live;
	struct fabric_lacks lacks; /* of the kernel; looked for when first asked */
	int dir_fd;
	bool over; /* it ends when the question is answered */
};

/* A question: its object, a descriptor beside it or -1, and who asks. */
struct question {
	const json_t *o;
	int fd, sock;
};
/* An object in between; takes it. That nobody listens any more is no error. */
void supervisor_tell(const struct question *q, json_t *o);
/* The text of /etc/hosts; NULL without memory. */
char *supervisor_hosts(const struct topology *t);
/* A node, a link of the question, by its name: an index, or -ENOENT with a suggestion. */
int supervisor_node(const struct supervisor *s, const struct question *q, uint32_t *ret,
		    struct err *e);
int supervisor_link(const struct supervisor *s, const struct question *q, uint32_t *ret,
		    struct err *e);

/* What can be asked: one row in lab_supervisor.c and one function in a file of its own. */
typedef int supervisor_do(struct supervisor *s, const struct question *q, struct err *e);
supervisor_do supervisor_do_down; /* lab_supervisor_down.c */
supervisor_do supervisor_do_apply; /* lab_supervisor_apply.c */
supervisor_do supervisor_do_node, supervisor_do_restart; /* lab_supervisor_node.c */
supervisor_do supervisor_do_nodes, supervisor_do_ports; /* lab_supervisor_tell.c */
supervisor_do supervisor_do_status; /* lab_status_tell.c */
supervisor_do supervisor_do_place; /* lab_exec.c: what a command in a node gets */
supervisor_do supervisor_do_link, supervisor_do_impair; /* lab_link.c, lab_impair.c */

/* lab_link.c: whether there is a middle to a wire; -EOPNOTSUPP with a hint. */
bool lab_link_is_stitched(const struct supervisor *s, uint32_t link);
int lab_link_changeable(const struct supervisor *s, uint32_t link, struct err *e);

#endif
