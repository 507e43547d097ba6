/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as the definition of a network: refused with a word, or a network that passes
 * every check, and is the same once it was written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/network.h"
#include "tests/fuzz/fuzz.h"

#define NAME "bridge0"
#define FILE NAME ".conf"

static void check_again(struct net *net, const struct network *n)
{
	_cleanup_network_ struct network again = { .name = "" };
	_cleanup_free_ char *one = NULL, *two = NULL;
	struct err e = ERR_INIT;

	fuzz_check(network_check(n, &e) >= 0);
	fuzz_check(network_store(net, n, &e) >= 0);
	fuzz_check(file_read_at(net->defs_fd, FILE, 1 << 20, &one, NULL) >= 0);
	fuzz_check(network_load(net, NAME, &again, &e) >= 0);
	fuzz_check(network_store(net, &again, &e) >= 0);
	fuzz_check(file_read_at(net->defs_fd, FILE, 1 << 20, &two, NULL) >= 0);
	fuzz_check(!strcmp(one, two));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_config config = { .n_pools = 0 };
	struct net net = NET_INIT;
	_cleanup_network_ struct network n = { .name = "" };
	struct err e = ERR_INIT;

	net.config = &config;
	net.defs_fd = fuzz_dir();
	fuzz_file(FILE, data, size);
	if (network_load(&net, NAME, &n, &e) < 0)
		fuzz_check(e.num < 0 && e.msg[0]);
	else
		check_again(&net, &n);
	return 0;
}
