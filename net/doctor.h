/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor - what this kernel and host can do for networks, what is in the way,
 * and what to type about it.
 *
 * A check is a row in the table of doctor.c and says one or more findings.
 * Nothing of the host is changed: features are tried in a network namespace
 * that exists for nothing else.
 */
#ifndef CT_NET_DOCTOR_H
#define CT_NET_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "net/network.h"
#include "net/store.h"

struct err;

enum doctor_status { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_finding {
	const char *check;
	enum doctor_status status; /* fail: a network that was asked for does not work */
	const char *message;
	const char *cure; /* commands, or words where none would do; NULL: nothing to cure */
};

typedef void doctor_fn(const struct doctor_finding *f, void *ctx);

/* Every check; net NULL: only those that need neither state nor privileges. */
int doctor_run(struct net *net, doctor_fn *report, void *ctx, struct err *e);
/* "ok", "warn", "fail" */
const char *doctor_status_name(enum doctor_status s);

/* ---- for the doctor_*.c ------------------------------------------------- */

struct foreign;

struct doctor {
	struct net *net;
	struct network *nets; /* those that are defined */
	size_t n_nets;
	struct foreign *foreign; /* NULL: could not be read */
	const char *check;
	doctor_fn *report;
	void *ctx;
	size_t said; /* findings of this check */
};

void doctor_say(struct doctor *d, enum doctor_status s, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A number in a file below /proc or /sys; def when there is none. */
long long doctor_number(const char *path, long long def);
/* Whether a program of that name is in PATH or in the usual places. */
bool doctor_has_program(const char *name);
/* Whether the network's packets pass the host's forwarding. */
bool doctor_forwards(const struct network *n);

/* A check returns a negative errno, with e set, when it could not look. */
typedef int doctor_check(struct doctor *d, struct err *e);
/* doctor_filter.c: what others' packet filters do */
doctor_check doctor_forward, doctor_input, doctor_bridge_nf, doctor_firewalld;
/* doctor_host.c: settings and programs of the host */
doctor_check doctor_capabilities, doctor_forwarding, doctor_rp_filter, doctor_programs,
	doctor_managers, doctor_state;
/* doctor_room.c: tables that fill up */
doctor_check doctor_bridge_ports, doctor_neighbours, doctor_conntrack, doctor_inotify;
/* doctor_kernel.c: features */
doctor_check doctor_links, doctor_qdiscs, doctor_nftables, doctor_kernel;

#endif
