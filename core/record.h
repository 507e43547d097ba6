/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - one container's record as a JSON file: written whole, read with
 * every member checked, judged dead or alive on reading. Used by state.c only.
 */
#ifndef CT_CORE_RECORD_H
#define CT_CORE_RECORD_H

#include <stdbool.h>

struct ct_info;

bool record_id_valid(const char *s);
void record_cleanup(struct ct_info *i); /* ct_info_free() for _cleanup_() */

/* Of container i->id, below containers_fd. -EEXIST when the id is taken. */
int record_create(int root_fd, int containers_fd, const struct ct_info *i);
int record_load(int containers_fd, const char *id, struct ct_info *ret);
int record_save(int containers_fd, const struct ct_info *i);
void record_drop(int root_fd, int containers_fd, const char *id);

#endif
