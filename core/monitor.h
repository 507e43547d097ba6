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
 *
 * What others may count on: info.runner is the monitor from the first record to
 * the last; it ends when the container has ended for good, after the record says
 * "exited" (or is gone, with auto_remove). status goes "created", "running", and
 * with a restart policy "restarting" while there is no process; "paused" is
 * written by others and left alone. It changes the record by state_change(), so
 * that what others write there stays. `stopping`, set by state_change() before a
 * signal is sent to the monitor, ends the restarts; so does an ending signal
 * while there is no process.
 */
#ifndef CT_CORE_MONITOR_H
#define CT_CORE_MONITOR_H

struct ct_hooks;
struct ct_info;
struct ct_spec;
struct err;

/*
 * As ct_run(), in a process of its own: returns 0 with the id, name and init of
 * *info when the command has started, else the status or errno with which it did
 * not, and nothing is left. The hooks are called there. The calling process, which
 * must have a single thread, may end while it waits: a container that was not yet
 * told to go is given up then.
 */
int ct_run_detached(int root_fd, struct ct_spec *spec, struct ct_info *info,
		    const struct ct_hooks *hooks, struct err *e);

#endif
