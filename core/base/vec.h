/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vec - arrays that grow by one element at a time: a pointer and a count, which
 * the owner frees with free(). Room doubles, so n additions cost n.
 */
#ifndef CT_BASE_VEC_H
#define CT_BASE_VEC_H

#include <stddef.h>

/*
 * A zeroed element more at the end of v, whose count n is one more then; NULL
 * without memory, with v and n as they were. Room is told from n, so the array
 * must have grown by this alone.
 */
#define VEC_ADD(v, n) ((__typeof__(v))vec_add((void **)&(v), &(n), sizeof(*(v))))

void *vec_add(void **v, size_t *n, size_t size);

#endif
