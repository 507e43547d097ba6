/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phys_real - what the parts of phys share.
 */
#ifndef CT_NET_PHYS_REAL_H
#define CT_NET_PHYS_REAL_H

#include "net/phys.h"

/* "ctnet:phys:OWNER:NAME", the mark of an interface that is lent. */
#define PHYS_ALIAS_LEN 96
int phys_alias(const struct phys_info *p, char buf[PHYS_ALIAS_LEN]);

/* Records: net/phys_record.c. */
int phys_record_save(struct net *net, const struct phys_info *p);
int phys_record_load(struct net *net, const char *name, struct phys_info *ret); /* -ENOENT */
int phys_record_drop(struct net *net, const char *name); /* absent: success */
int phys_record_names(struct net *net, struct strv *ret);

#endif
