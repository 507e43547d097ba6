/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hosts_file - the lines of one hosts file that is mounted into containers,
 * whose inode therefore stays: an address's line put in, or blanked out, which
 * the next line of fitting length uses again. The caller holds the lock.
 *
 * Lines of ours have a tab behind the address; others are never touched.
 */
#ifndef CT_NET_HOSTS_FILE_H
#define CT_NET_HOSTS_FILE_H

#include <stddef.h>

struct ip_addr;

/* names[0] is the canonical one; a line that the address had is replaced. -EINVAL. */
int hosts_file_put(int fd, const struct ip_addr *a, const char *const *names, size_t n);
int hosts_file_clear(int fd, const struct ip_addr *a); /* absent: success */
/* The whole text, not terminated; the caller frees it. -EFBIG. */
int hosts_file_read(int fd, char **ret, size_t *ret_size);

#endif
