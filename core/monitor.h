/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor - the runner of a detached container: the process that `ctrun -d`
 * leaves behind. It keeps what the command writes in a log, lets terminals attach,
 * looks after its health, starts it again when that was asked for, and writes
 * how it ended.
 *
 * It is the runner and does what a foreground one does, with other ends to its
 * pipes: signals it gets go to the command, and guard, network and record end
 * by its hand. When it is killed the guard takes the container along, and the
 * next command cleans up. Idle it has given back the memory it started with.
 */
#ifndef CT_CORE_MONITOR_H
#define CT_CORE_MONITOR_H

struct ct_hooks;
struct ct_info;
struct ct_spec;
struct err;

/*
 * As ct_run(), in a process of its own: returns 0 with *info filled when the
 * command has started, or the status or errno with which it did not. hooks are
 * called there, `detach` too.
 */
int ct_run_detached(int root_fd, struct ct_spec *spec, struct ct_info *info,
		    const struct ct_hooks *hooks, struct err *e);

#endif
