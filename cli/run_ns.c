/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_ns.h"

#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/proc.h"
#include "core/base/str.h"
#include "core/ns.h"
#include "core/state.h"

static int open_container(struct app *app, const char *word, enum ct_ns_kind kind, struct err *e)
{
	struct ct_info ct = { 0 };
	int r = state_find(app->root_fd, word, &ct, e);

	if (r >= 0 && ct.init.pid > 0)
		/* opened first: were the pid another's by then, the start time would tell */
		r = ns_open(ct.init.pid, ns_kinds[kind].name);
	else if (r >= 0)
		r = -ESRCH;
	if (ct.init.pid > 0 && !proc_alive(&ct.init)) {
		fd_close(r);
		r = -ESRCH;
	}
	if (r == -ESRCH)
		err_set(e, r, "container %s does not run", word);
	else if (r < 0 && ct.init.pid > 0)
		err_sys(e, r, "open the %s namespace of %s", ns_kinds[kind].name, word);
	ct_info_free(&ct);
	return r;
}

int run_ns_open(struct app *app, const struct run_ns *ns, struct ct_spec *spec, struct err *e)
{
	for (size_t i = 0; i < CT_NS_KINDS; i++) {
		const char *word = ns->join[i];
		int fd;

		if (!word)
			continue;
		if (str_starts(word, "container:"))
			fd = open_container(app, word + strlen("container:"), (enum ct_ns_kind)i,
					    e);
		else
			fd = ns_open_path(word + strlen("ns:"), (enum ct_ns_kind)i, e);
		if (fd < 0)
			return err_wrap(e, fd, "--%s%s %s", ns_kinds[i].name,
					i == CT_NS_USER || i == CT_NS_CGROUP ? "ns" : "", word);
		spec->ns[i].mode = CT_NS_JOIN;
		spec->ns[i].fd = fd;
	}
	return 0;
}

void run_ns_close(struct ct_spec *spec)
{
	for (size_t i = 0; i < CT_NS_KINDS; i++) {
		if (spec->ns[i].mode != CT_NS_JOIN)
			continue;
		fd_close(spec->ns[i].fd);
		spec->ns[i].mode = CT_NS_DEFAULT;
	}
}
