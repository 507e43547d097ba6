/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signal - signals by name, as kill(1) has them. */
#ifndef CT_BASE_SIGNAL_H
#define CT_BASE_SIGNAL_H

struct err;

/* "TERM", "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-1"; -EINVAL with a suggestion. */
int signal_parse(const char *word, int *ret, struct err *e);
/* "SIGTERM", "SIGRTMIN+3", into buf, which is returned. */
#define SIGNAL_STRLEN 16
const char *signal_name(int sig, char buf[SIGNAL_STRLEN]);

#endif
