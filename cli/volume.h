/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * volume - the --volume and --tmpfs options.
 */
#ifndef CT_CLI_VOLUME_H
#define CT_CLI_VOLUME_H

struct ct_spec;
struct err;
struct strv;

/*
 * SRC:DST[:OPTION,..], DST[:OPTION,..]. Both paths absolute (SRC may be relative
 * to the working directory with a leading "."). The mount is added to the
 * spec; strings it points to are kept in owned.
 */
int volume_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e);
int volume_add_tmpfs(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e);

#endif
