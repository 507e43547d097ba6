/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_lacks - what a lab file asks for and the kernel lacks, said before anything is
 * built or changed.
 */
#ifndef CT_CLI_LAB_LACKS_H
#define CT_CLI_LAB_LACKS_H

#include "core/base/str.h"
#include "net/topology.h"

struct app;
struct err;

/*
 * With unsupported = warn it is taken out of t, noted, and a line each added to *unapplied.
 * Else LAB_LACKS: all but the last are printed, that is in e. file: for the messages.
 */
int lab_lacks_check(struct app *app, const char *file, struct topology *t, struct strv *unapplied,
		    struct err *e);

#endif
