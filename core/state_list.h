/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_list - the ids that have a record. Used by state*.c only. */
#ifndef CT_CORE_STATE_LIST_H
#define CT_CORE_STATE_LIST_H

#include "core/base/str.h"

/* Opens the directory of all containers; -ENOENT when there never was one. */
int state_ids_open(int root_fd, int *ret_fd, struct strv *ret);

#endif
