/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step.h"

#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"

int steps_run(const struct step *s, size_t n, void *ctx, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		int r;

		log_trace("step: %s", s[i].name);
		r = s[i].run(ctx, e);
		if (r < 0)
			return err_wrap(e, r, "%s", s[i].name);
		crash_point("step", s[i].name);
	}
	return 0;
}
