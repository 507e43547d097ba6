/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz - what the targets share: inputs as text and in parts, and a directory for
 * what is parsed from files.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The bytes with a NUL behind them, on the heap, where one byte too far is seen. The
 * caller frees it.
 */
char *fuzz_text(const uint8_t *data, size_t size);
/*
 * An input of several texts has a line "%%" between them. Cuts off what is in front of
 * the next one; "" when there is no more. *at is moved behind it.
 */
char *fuzz_part(char **at);

/* A directory of this process's own in TMPDIR or in memory, removed at its end; a descriptor. */
int fuzz_dir(void);
/* A file below it, with its directories; what was there is replaced. */
void fuzz_file(const char *path, const void *data, size_t size);
/* A symbolic link, as notes are; one to nothing ("") is none. */
void fuzz_link(const char *path, const char *target);

#define fuzz_check(holds)        \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

#endif
