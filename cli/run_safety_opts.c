/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for what a container may do. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "cli/run_opts.h"
#include "core/base/err.h"
#include "core/caps.h"

#define NET_RAW	  (1ull << CAP_NET_RAW)
#define NET_ADMIN (1ull << CAP_NET_ADMIN)

static int set_cap_add(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_add |= mask;
	/* by name: ALL alone does not ask for packet sockets */
	if (mask == NET_RAW || mask == NET_ADMIN)
		a->spec.packet_sockets = true;
	return r;
}

static int set_cap_drop(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_drop |= mask;
	return r;
}

static int set_seccomp(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (strcmp(value, "unconfined"))
		return err_set(e, EINVAL, "'%s': this version knows only 'unconfined'", value);
	a->spec.seccomp_unconfined = true;
	return 0;
}

const struct opt run_safety_opts[] = {
	OPT_HEADING("Safety"),
	FN("cap-add", 0, "CAP", set_cap_add, "give a capability, or ALL, repeatable"),
	FN("cap-drop", 0, "CAP", set_cap_drop, "take one away, or ALL, repeatable"),
	FN("seccomp", 0, "unconfined", set_seccomp, "no system call filter"),
	ROW("privileged", 0, OPT_FLAG, NULL, spec.privileged,
	    "all capabilities, no filter, nothing masked"),
	OPT_END,
};

void run_safety_finish(struct run_args *a)
{
	struct ct_spec *s = &a->spec;

	if (s->privileged)
		s->caps = caps_all();
	else
		s->caps = a->bundle.has_caps ? a->bundle.caps : caps_default();
	/* another's network namespace: no raw sockets there unless asked for */
	if (a->nets.join && !s->privileged)
		s->caps &= ~NET_RAW;
	/* as docker: what is named wins over ALL, whichever way round */
	if (a->cap_add == caps_all())
		s->caps = a->cap_add & ~a->cap_drop;
	else
		s->caps = (s->caps & ~a->cap_drop) | a->cap_add;
	if (s->privileged)
		s->seccomp_unconfined = true;
}
