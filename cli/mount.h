/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount - the --mount option: type=bind,source=SRC,target=DST,... as docker has it.
 */
#ifndef CT_CLI_MOUNT_H
#define CT_CLI_MOUNT_H

struct ct_spec;
struct err;
struct strv;

/*
 * Fields as in CSV (RFC 4180): one with a comma stands in double quotes, all of
 * it, and a double quote in that is written twice. The mount is added to the
 * spec; strings it points to are kept in owned.
 */
int mount_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e);

#endif
