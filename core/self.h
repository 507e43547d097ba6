/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * self - keeps containers from writing to this program's own file
 * (CVE-2019-5736).
 */
#ifndef CT_CORE_SELF_H
#define CT_CORE_SELF_H

#include <stdbool.h>

struct err;

/*
 * First thing in a command whose children enter a container. Returns 0 when the
 * file is safe, else runs the program anew, with the same argv, from a read-only
 * mount that is nobody's. outlived: the container goes on when this process ends.
 */
int self_protect(char *const *argv, bool outlived, struct err *e);

#endif
