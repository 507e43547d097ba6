/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctnet reload: what the definitions and records say, made so once more. After
 * a reboot nothing stands, and every definition is meant; later only what was
 * realised here is, since other namespaces of the host share the definitions.
 */
#include <stdio.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/base/cleanup.h"
#include "net/bridge_nf.h"
#include "net/firewall.h"
#include "net/network.h"
#include "net/network_real.h"

static int realise(struct net *net, const char *name, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	int r = network_load(net, name, &n, e);

	if (r >= 0)
		r = network_realise(net, &n, NULL, e);
	return r < 0 ? err_wrap(e, r, "network %s", name) : 0;
}

/* One that cannot be made does not keep the others from it; the first error is returned. */
static int realise_defined(struct net *net, struct err *e)
{
	struct strv names = { 0 };
	int r = network_names(net, &names, e);

	for (size_t i = 0; i < names.n; i++) {
		int k = realise(net, names.v[i], r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	strv_free(&names);
	return r;
}

/*
 * The firewall first: what heals the networks finds it whole, so the
 * administrator's file is read once. Where nothing stands yet, it is made with
 * the first network, and that reads the file.
 */
static int reload(struct net *net, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	struct strv real = { 0 };
	struct err first = ERR_INIT;
	int k, r = lock < 0 ? lock : network_real_names(net, &real, e);

	if (r >= 0 && real.n == 0)
		return realise_defined(net, e);
	if (r < 0)
		return r;
	strv_free(&real);
	r = firewall_sync(net, true, &first);
	fd_close(take_fd(&lock));
	/* a file of the administrator's that is wrong is no reason to leave links down */
	k = network_heal(net, r < 0 ? NULL : e);
	if (r < 0)
		*e = first;
	r = r < 0 ? r : k;
	k = bridge_nf_follow(net, r < 0 ? NULL : e);
	return r < 0 ? r : k;
}

int cmd_net_reload(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r >= 0)
		r = app_open_net(app, &net, SWEEP_ALL, e);
	return r < 0 ? r : reload(&net, e);
}
