/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_record - ROOT/labs/NAME/lab.json, and the lock beside it. Processes of a record
 * mean nothing after a boot or in another pid namespace: then their pids are 0, and the
 * lab is dead.
 */
#ifndef CT_CLI_LAB_RECORD_H
#define CT_CLI_LAB_RECORD_H

#include "cli/lab.h"

#define LAB_RECORD "lab.json"

/* Draws an id. The name is valid already. */
int lab_record_init(struct lab_record *r, const char *name, const char *file);
/* Of a lab's directory; *ret is { 0 } or to be freed. -ENOENT, -EINVAL. */
int lab_record_load(int dir_fd, struct lab_record *ret);
int lab_record_save(int dir_fd, const struct lab_record *r);

enum lab_life { LAB_DEAD, LAB_STARTING, LAB_RUNNING };
enum lab_life lab_record_life(const struct lab_record *r);

/* A lab's directory and the lock of who changes it; closing both lets go. */
struct lab_dir {
	int fd, lock;
};
#define LAB_DIR_INIT                 \
	{                            \
		.fd = -1, .lock = -1 \
	}
enum lab_dir_how { LAB_DIR_TRY = 1, LAB_DIR_MAKE = 2 };
/*
 * Opens ROOT/labs/NAME and takes its lock. -ENOENT: there is none; -EWOULDBLOCK with
 * LAB_DIR_TRY: another has the lock. What is returned is at its name still.
 */
int lab_dir_lock(struct app *app, const char *name, unsigned how, struct lab_dir *ret);
void lab_dir_close(struct lab_dir *d); /* accepts LAB_DIR_INIT */
#define _cleanup_lab_dir_ __attribute__((cleanup(lab_dir_close)))

/* Whether a control group of that id, LAB-NODE, is, or may be, a lab's that has a record. */
bool lab_record_has(struct app *app, const char *cgroup_id);

/* ROOT/labs; -ENOENT. */
int lab_labs_fd(struct app *app, bool create);

#endif
