/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_words - the words of profiles and the numbers they stand for. Private
 * to seccomp_profile.c.
 */
#ifndef CT_CORE_SECCOMP_WORDS_H
#define CT_CORE_SECCOMP_WORDS_H

#include <stdint.h>

struct err;

struct seccomp_word {
	const char *word; /* NULL at the end of a table */
	uint32_t value;
	const char *refused; /* known, but not supported, and why */
};

extern const struct seccomp_word seccomp_actions[], seccomp_operators[], seccomp_archs[],
	seccomp_flags[];

/* -EINVAL with a suggestion, in front of it where. */
int seccomp_word(const struct seccomp_word *table, const char *word, const char *where,
		 uint32_t *ret, struct err *e);

/* The number of a call here, or what libseccomp has for one that only others have;
 * __NR_SCMP_ERROR: nobody knows it. */
int seccomp_call_number(const char *name);
/* What docker calls this architecture in `arches`: "amd64". */
const char *seccomp_arch_word(void);

#endif
