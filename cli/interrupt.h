/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupt - the end of a command that goes on until it is interrupted.
 */
#ifndef CT_CLI_INTERRUPT_H
#define CT_CLI_INTERRUPT_H

struct err;

/*
 * A signalfd, readable after SIGINT or SIGTERM: who interrupts us has seen
 * enough. Who reads us may go, and that is no error: SIGPIPE ends the process.
 */
int interrupt_open(struct err *e);

#endif
