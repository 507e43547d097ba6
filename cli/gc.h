/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc - what the dead left behind, removed by whichever command comes next:
 * records, cgroups, and with them the attachments of those containers.
 */
#ifndef CT_CLI_GC_H
#define CT_CLI_GC_H

struct app;

/* Looks at max containers at most (0: all); best effort, says nothing. */
void gc_containers(struct app *app, unsigned max);

#endif
