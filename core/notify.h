/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify - signals that processes in the container send to its pid 1.
 *
 * The kernel drops such a signal when its action there is the default, even
 * SIGKILL, even from pid 1 to itself: `sh -c 'kill -9 $$'` would go on. The
 * filter notifies us of kill, tkill and tgkill with target 1
 * (seccomp_unotify(2)), and what the signal would have done to an ordinary
 * process is done by the runner.
 */
#ifndef CT_CORE_NOTIFY_H
#define CT_CORE_NOTIFY_H

struct target;

/* Takes one notification, if there is one, and answers it. */
void notify_answer(int listener, struct target *init);

#endif
