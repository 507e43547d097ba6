/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * propagation - the words for how mounts travel between namespaces
 * (mount_namespaces(7)): private, slave, shared, unbindable, with an r in front for
 * everything below too.
 */
#ifndef CT_CORE_PROPAGATION_H
#define CT_CORE_PROPAGATION_H

struct err;

/* MS_PRIVATE, MS_SLAVE, ..., with MS_REC; 0: it is no such word. */
unsigned long propagation_flags(const char *word);
/* The same for what a user said: -EINVAL, with the words that there are. */
int propagation_parse(const char *word, unsigned long *ret, struct err *e);
/* The word of flags; NULL for none. */
const char *propagation_word(unsigned long flags);

#endif
