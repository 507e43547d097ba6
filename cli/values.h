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
int value_tty(void *tty, const char *word, struct err *e); /* enum ct_tty; NULL: yes */

#endif
