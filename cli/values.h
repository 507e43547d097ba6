/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * values - setters for rows of OPT_FN that more than one command has: each
 * checks a word and stores it in the member the row points to.
 */
#ifndef CT_CLI_VALUES_H
#define CT_CLI_VALUES_H

struct err;

int value_env(void *strv, const char *word, struct err *e); /* struct strv: K[=V], see env.h */
int value_env_file(void *strv, const char *path, struct err *e);
int value_label(void *strv, const char *word, struct err *e); /* struct strv: K=V */
int value_absolute(void *path, const char *word,
		   struct err *e); /* const char *: an absolute path */
int value_signal(void *sig, const char *word, struct err *e); /* int: TERM, SIGHUP, 9 */
/*
 * uint64_t: nanoseconds before a signal is followed by SIGKILL; from seconds, or
 * with a unit; "-1": never, which is UINT64_MAX - 1, since UINT64_MAX stands for
 * the default.
 */
int value_grace(void *ns, const char *word, struct err *e);
int value_tty(void *tty, const char *word, struct err *e); /* enum ct_tty; NULL: yes */

#endif
