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

/*
 * Makes mask the bounding, permitted and effective set; inheritable and
 * ambient are emptied (CVE-2022-27650). With uid != 0 the permitted set goes
 * with the change of user. Order: bounding set, then groups and ids, then the
 * rest; uid and gid are changed here because the order is the point.
 * Bits that the caller does not hold are left out silently.
 */
int caps_become(uint64_t mask, uint32_t uid, uint32_t gid, struct err *e);

#endif
