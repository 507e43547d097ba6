/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_lacks.h"

#include <errno.h>

#include "cli/app.h"
#include "cli/lab.h"
#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "net/fabric_need.h"

static void lack_text(const char *file, const struct fabric_lack *l, struct err *e)
{
	err_set(e, EOPNOTSUPP, "%s:%u:%u: %s: %s", file, l->at.line, l->at.col, l->what, l->cure);
}

/* All of them are told, the last by the caller. */
static int refuse(struct app *app, const char *file, const struct fabric_lacks *lacks,
		  struct err *e)
{
	for (size_t i = 0; i < lacks->n; i++) {
		if (e->num)
			app_print_error(app, e);
		err_clear(e);
		lack_text(file, &lacks->v[i], e);
	}
	err_hint(e, "[lab] unsupported = warn builds the rest");
	return LAB_LACKS;
}

int lab_lacks_check(struct app *app, const char *file, struct topology *t, struct strv *unapplied,
		    struct err *e)
{
	_cleanup_(fabric_lacks_free) struct fabric_lacks lacks = { 0 };
	int r = fabric_lacks(t, t->warn_unsupported, &lacks, e);

	if (r < 0)
		return r;
	if (lacks.n && !t->warn_unsupported)
		return refuse(app, file, &lacks, e);
	for (size_t i = 0; r >= 0 && i < lacks.n; i++) {
		struct err one = ERR_INIT;

		lack_text(file, &lacks.v[i], &one);
		log_note("%s: left out", one.msg);
		r = strv_add(unapplied, one.msg);
	}
	return r < 0 ? err_sys(e, r, "lab %s", t->name) : 0;
}
