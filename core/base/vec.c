/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Full when the count is 0 or a power of two. */
void *vec_add(void **v, size_t *n, size_t size)
{
	char *grown = *v;

	if (!(*n & (*n - 1))) {
		size_t room = *n ? *n * 2 : 1;

		grown = room > SIZE_MAX / size ? NULL : realloc(*v, room * size);
		if (!grown)
			return NULL;
		*v = grown;
	}
	return memset(grown + (*n)++ * size, 0, size);
}
