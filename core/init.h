/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init - pid 1 of a container with --init: it passes signals on to the command,
 * buries whoever loses his parent, and ends with the command's status.
 *
 * Being pid 1 has two burdens that few programs carry: a signal whose action is
 * the default is dropped by the kernel, and orphans stay zombies until waited for.
 */
#ifndef CT_CORE_INIT_H
#define CT_CORE_INIT_H

#include <stdbool.h>

struct err;

/*
 * Returns in a child, which is to become the command, in a process group of its
 * own, the foreground one when tty. The caller never returns: it keeps no
 * descriptor, no capability but KILL, and with filtered few system calls. When the
 * child ends it ends with 0..255, or 128 + n for signal n.
 */
int init_start(bool tty, bool filtered, struct err *e);

#endif
