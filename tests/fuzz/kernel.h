/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel - in place of the kernel: every netlink request of the target is answered with
 * those messages of the input that are of the kind it asks for, or with the first error
 * among them. tests/fuzz.cmake puts it where nl_exchange() of net/nl.c is for the
 * sources that include this; what that does with messages is fuzz_net_reply.c's.
 */
#ifndef TESTS_FUZZ_KERNEL_H
#define TESTS_FUZZ_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* A row of messages, as the kernel sends them, until the next call; copied. */
void kernel_says(const uint8_t *data, size_t size);
void kernel_forget(void);

#endif
