/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps - sets of capabilities as 64-bit masks, by name, and giving them to
 * the calling process.
 */
#ifndef CT_CORE_CAPS_H
#define CT_CORE_CAPS_H

#include <stdbool.h>
#include <stdint.h>

struct err;

/* docker's default set (capabilities(7) numbers as bits). */
uint64_t caps_default(void);
/* Every one this kernel knows. */
uint64_t caps_all(void);
/* "NET_ADMIN", "cap_net_admin", "ALL"; -EINVAL with a suggestion. */
int caps_parse(const char *word, uint64_t *ret, struct err *e);

/* "CHOWN" of a number; NULL: it has no name here. */
const char *caps_name(unsigned cap);

struct caps_want {
	uint64_t mask; /* bounding, and of root permitted and effective */
	uint64_t ambient; /* of mask: permitted, effective, inheritable and ambient of anybody */
	uint32_t uid, gid, n_groups;
	const uint32_t *groups;
};
/*
 * Makes the calling thread that user with these sets. Inheritable and ambient are
 * empty but for what is asked for (CVE-2022-27650), securebits are zero. Another
 * user than root keeps only the ambient ones. Order: bounding set, then groups
 * and ids, then the rest; ids are changed here because the order is the point.
 * Bits that the caller does not hold are left out silently.
 */
int caps_become(const struct caps_want *want, struct err *e);
/* Lets go of every capability that is not in mask. */
int caps_reduce(uint64_t mask, struct err *e);

#endif
