/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report - what a helper process tells the runner over their socket pair: a
 * number, the words when that is an error, and perhaps a descriptor.
 */
#ifndef CT_CORE_REPORT_H
#define CT_CORE_REPORT_H

struct err;

/* fd -1: none; e may be NULL. */
int report_send(int line, int value, const struct err *e, int fd);
/* Waits for one; returns its value. -ECHILD: the other side is gone. */
int report_take(int line, int *ret_fd, struct err *e);

#endif
