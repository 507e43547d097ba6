/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab_remains - what is left of a lab whose supervisor has ended, removed. */
#ifndef CT_CLI_LAB_REMAINS_H
#define CT_CLI_LAB_REMAINS_H

#include "cli/lab_record.h"

/*
 * Who calls it holds the lab's lock. On failure the record stays, for the next sweep.
 * A record without id: one that was never written; there are only files.
 */
int lab_remains_remove(struct app *app, const char *name, const struct lab_record *rec,
		       struct err *e);

/*
 * Whether nobody runs it, of the directory's record, which is read into rec: { 0 } before, and
 * when it cannot be read. Then, too, it lives if somebody listens, or if that cannot be found
 * out: what is dead is removed.
 */
bool lab_is_dead(int dir_fd, struct lab_record *rec);

#endif
