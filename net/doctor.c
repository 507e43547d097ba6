/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/foreign.h"

/* In the order of a cure: what may be done, what is in the way, what fills up, what is there. */
static const struct {
	const char *name;
	doctor_check *check;
	bool anyone; /* needs neither state nor privileges */
} checks[] = {
	{ "capabilities", doctor_capabilities, true },
	{ "forward", doctor_forward, false },
	{ "input", doctor_input, false },
	{ "forwarding", doctor_forwarding, false },
	{ "bridge-nf", doctor_bridge_nf, true },
	{ "firewalld", doctor_firewalld, true },
	{ "rp-filter", doctor_rp_filter, true },
	{ "managers", doctor_managers, true },
	{ "programs", doctor_programs, true },
	{ "bridge-ports", doctor_bridge_ports, false },
	{ "neighbours", doctor_neighbours, true },
	{ "conntrack", doctor_conntrack, true },
	{ "inotify", doctor_inotify, true },
	{ "state", doctor_state, false },
	{ "kernel", doctor_kernel, true },
	{ "links", doctor_links, false },
	{ "qdiscs", doctor_qdiscs, false },
	{ "nftables", doctor_nftables, false },
};

const char *doctor_status_name(enum doctor_status s)
{
	static const char *const names[] = { "ok", "warn", "fail" };

	return names[s];
}

void doctor_say(struct doctor *d, enum doctor_status s, const char *cure, const char *fmt, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	if (n < 0)
		message = NULL;
	d->report(&(struct doctor_finding){ .check = d->check,
					    .status = s,
					    .message = message ? message : "no memory",
					    .cure = s == DOCTOR_OK ? NULL : cure },
		  d->ctx);
	d->said++;
}

long long doctor_number(const char *path, long long def)
{
	_cleanup_free_ char *text = NULL;
	uint64_t n;

	if (file_read_at(AT_FDCWD, path, 256, &text, NULL) < 0)
		return def;
	text[strcspn(text, " \t\n")] = '\0';
	return parse_u64(text, 0, INT64_MAX, &n, NULL) < 0 ? def : (long long)n;
}

bool doctor_has_program(const char *name)
{
	_cleanup_free_ char *all = NULL;
	const char *path = getenv("PATH");
	struct strv dirs = { 0 };
	bool found = false;

	/* a user's PATH leaves out what only root calls */
	all = str_printf("%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "");
	if (!all || strv_split(&dirs, all, ":") < 0)
		return false;
	for (size_t i = 0; i < dirs.n && !found; i++) {
		_cleanup_free_ char *file = str_printf("%s/%s", dirs.v[i], name);

		found = file && access(file, X_OK) == 0;
	}
	strv_free(&dirs);
	return found;
}

bool doctor_forwards(const struct network *n)
{
	return strcmp(n->driver, "macvlan") != 0 && strcmp(n->driver, "ipvlan") != 0;
}

/* A definition that cannot be read is passed over: ctnet ls tells about it. */
static int load_networks(struct doctor *d, struct err *e)
{
	struct strv names = { 0 };
	int r = network_names(d->net, &names, e);

	d->nets = r < 0 || !names.n ? NULL : calloc(names.n, sizeof(*d->nets));
	if (r >= 0 && names.n && !d->nets)
		r = err_sys(e, ENOMEM, "read the networks");
	for (size_t i = 0; d->nets && i < names.n; i++)
		if (network_load(d->net, names.v[i], &d->nets[d->n_nets], NULL) >= 0)
			d->n_nets++;
	strv_free(&names);
	return r < 0 ? r : 0;
}

static void release(struct doctor *d)
{
	for (size_t i = 0; i < d->n_nets; i++)
		network_free(&d->nets[i]);
	free(d->nets);
	foreign_free(d->foreign);
}

int doctor_run(struct net *net, doctor_fn *report, void *ctx, struct err *e)
{
	_cleanup_(release) struct doctor d = { .net = net, .report = report, .ctx = ctx };
	int r = net ? load_networks(&d, e) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct err own = ERR_INIT;

		if (!net && !checks[i].anyone)
			continue;
		d.check = checks[i].name;
		d.said = 0;
		r = checks[i].check(&d, &own);
		if (r < 0)
			doctor_say(&d, DOCTOR_WARN, own.hint[0] ? own.hint : NULL,
				   "could not be looked at: %s",
				   own.msg[0] ? own.msg : strerror(-r));
	}
	return 0;
}
