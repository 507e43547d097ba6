/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in the making, or on its way out. The note stands from before the
 * definition until all of it is real, or from before the first part goes until
 * the last is gone, and only under the lock: whoever holds the lock and finds
 * one knows that somebody died on the way, and removes what there is. So a
 * network is there as a whole or, after the next command, not at all.
 */
#include <errno.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "net/network_real.h"
#include "net/note.h"

#define UNFINISHED "unfinished"

int network_intent_set(struct net *net, const char *name, struct err *e)
{
	_cleanup_close_ int notes = net_dir(net, UNFINISHED, true);
	int r = notes < 0 ? notes : note_mark(notes, name);

	return r < 0 ? err_sys(e, r, "note that network %s is unfinished", name) : 0;
}

int network_intent_clear(struct net *net, const char *name, struct err *e)
{
	_cleanup_close_ int notes = net_dir(net, UNFINISHED, false);
	int r = notes < 0 ? notes : note_del(notes, name);

	return r < 0 && r != -ENOENT ? err_sys(e, r, "note that network %s is finished", name) : 0;
}

bool network_is_unfinished(struct net *net, const char *name)
{
	_cleanup_close_ int notes = net_dir(net, UNFINISHED, false);
	char text[8];

	return notes >= 0 && note_get(notes, name, text, sizeof(text)) >= 0;
}

static int undo(struct net *net, const char *name, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	int readable = network_load_any(net, name, &n, e), r = readable;

	if (r < 0)
		return r;
	log_trace("network %s: is unfinished, removing it", name);
	r = network_destroy(net, name, readable > 0 ? &n : NULL, e);
	if (r >= 0)
		r = network_forget(net, name, e);
	return r < 0 ? r : network_intent_clear(net, name, e);
}

int network_intent_undo(struct net *net, struct err *e)
{
	_cleanup_close_ int notes = net_dir(net, UNFINISHED, false);
	_cleanup_(strv_free) struct strv names = { 0 };
	int r;

	if (notes == -ENOENT)
		return 0;
	r = notes < 0 ? notes : dir_names(notes, &names);
	if (r < 0)
		return err_sys(e, r, "list the unfinished networks");
	r = 0;
	for (size_t i = 0; i < names.n; i++) {
		int k = undo(net, names.v[i], r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	return r < 0 ? r : 0;
}
