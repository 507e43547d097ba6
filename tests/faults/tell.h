/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell - points and processes, as people read them. */
#ifndef CT_FAULTS_TELL_H
#define CT_FAULTS_TELL_H

#include <stdint.h>
#include <stdio.h>

struct call;
struct tracee;

/* 0.1:17 ct-guard mount /proc */
void tell_point(FILE *out, const struct tracee *t, const struct call *c, const uint64_t args[6]);

/* What it waits for: "hangs 0.1 ct-guard recvmsg" */
void tell_hang(FILE *out, const struct tracee *t);

#endif
