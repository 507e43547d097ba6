/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages - memory given back by a process that will wait for a long time.
 */
#ifndef CT_CORE_PAGES_H
#define CT_CORE_PAGES_H

/*
 * What was read from files and can be read again, what is free in the heap, and
 * the stack that is not in use. A few tens of microseconds, and page faults for
 * what is needed again.
 */
void pages_release(void);

#endif
