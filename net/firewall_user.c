// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/firewall_user.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/proc.h"
#include "net/store.h"

/* Beside the directory of definitions, which is CONFDIR/networks. */
static int user_file(const struct net *net, char *buf, size_t size)
{
	const char *defs = net->config->defs_dir;
	const char *slash = defs ? strrchr(defs, '/') : NULL;

	return slash ? str_fmt(buf, size, "%.*s/user.nft", (int)(slash - defs), defs) : -ENOENT;
}

/*
 * One transaction, by the program that the file is written for. It says itself
 * what becomes of rules that are there: without `flush chain inet ctnet user`
 * its rules are added to them.
 */
int firewall_user_load(struct net *net, struct err *e)
{
	char path[PATH_MAX];
	const char *const argv[] = { "nft", "-f", path, NULL };
	int status = 0, r = user_file(net, path, sizeof(path));

	if (r < 0 || access(path, F_OK) < 0)
		return 0;
	log_trace("firewall: loading %s", path);
	r = proc_run(argv, &status);
	if (r == -ENOENT) {
		err_hint(e, "install nftables, or move the file away");
		return err_set(e, r, "load %s: there is no program nft", path);
	}
	if (r < 0)
		return err_sys(e, r, "load %s", path);
	if (status == 0)
		return 0;
	err_hint(e, "`nft -c -f %s` says what is wrong with it", path);
	return err_set(e, EINVAL, "load %s: nft refuses it", path);
}
