/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_name - names of containers: ROOT/names/NAME, a symbolic link to the
 * id. Used by state*.c only.
 *
 * Names are taken without a lock and released under one, so that a slow
 * remover cannot unlink the name of the next owner.
 */
#ifndef CT_CORE_STATE_NAME_H
#define CT_CORE_STATE_NAME_H

#include <stdbool.h>

#include "core/state.h"

/* The id that has the name; -ENOENT. */
int state_name_holder(int names_fd, const char *name, char id[CT_ID_LEN + 1]);
/* For a container whose record is there. -EEXIST names the holder. */
int state_name_take(int root_fd, const char *name, const char *id, struct err *e);
/* The names' lock, for a rename or a removal; -ENOENT: there are no names. */
int state_name_lock(int names_fd);
/* Under the lock: name, unless it is another's; NULL: every name of that container. */
void state_name_drop(int names_fd, const char *name, const char *id);

/* Names that refer to no record; by a removal that could not be finished. */
void state_name_sweep(int root_fd);

/* Whether there is a record of that id. */
bool state_is_recorded(int root_fd, const char *id);

#endif
