/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace that plays the host, and others that play containers.
 */
#ifndef TESTS_NET_HOST_H
#define TESTS_NET_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/addr.h"
#include "net/attach.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/network.h"
#include "net/route.h"
#include "net/ruleset.h"
#include "net/sysctl.h"

#define OK(expr)                                                              \
	do {                                                                  \
		struct err ok_ = ERR_INIT, *e __attribute__((unused)) = &ok_; \
		int ok_r_ = (expr);                                           \
		if (ok_r_ < 0)                                                \
			fail_msg("%s: %d: %s", #expr, ok_r_, ok_.msg);        \
	} while (0)

#define FAILS(want, text, expr)                                                       \
	do {                                                                          \
		struct err fails_ = ERR_INIT, *e = &fails_;                           \
		assert_int_equal((expr), (want));                                     \
		if (!strstr(fails_.msg, (text)))                                      \
			fail_msg("%s: \"%s\" lacks \"%s\"", #expr, fails_.msg, text); \
	} while (0)

struct host {
	char path[32], defs[64];
	int root;
	struct net_config config;
	struct net net;
	pid_t holder;
	struct proc_id id;
};

static inline struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	assert_int_equal(parse_ip(s, &a, NULL), 0);
	return a;
}

static inline pid_t sleeper(struct proc_id *id)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(proc_identify(pid, id), 0);
	return pid;
}

static inline void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static inline int setup(void **state)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	snprintf(h->path, sizeof(h->path), "/tmp/ctnet-test.XXXXXX");
	assert_non_null(mkdtemp(h->path));
	snprintf(h->defs, sizeof(h->defs), "%s/networks", h->path);
	h->root = open(h->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	h->config.defs_dir = h->defs;
	assert_int_equal(parse_prefix("10.88.0.0/13", &h->config.pools[0], NULL), 0);
	h->config.n_pools = 1;
	h->net = (struct net)NET_INIT;
	OK(net_open(&h->net, h->root, &h->config, e));
	OK(sysctl_set("ipv4/ip_forward", "0", e));
	OK(link_set(&h->net.rt, 0, "lo", &(struct link_change){ .up = ON }, e));
	h->holder = sleeper(&h->id);
	*state = h;
	return 0;
}

static inline int teardown(void **state)
{
	struct host *h = *state;

	end(h->holder);
	net_close(&h->net);
	dir_remove_at(AT_FDCWD, h->path);
	close(h->root);
	free(h);
	return 0;
}

static inline int new_netns(void)
{
	int self = netns_open_self(), fd;

	assert_true(self >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = netns_open_self();
	assert_int_equal(setns(self, CLONE_NEWNET), 0);
	close(self);
	assert_true(fd >= 0);
	return fd;
}

static inline struct network named(const char *name)
{
	struct network n = { 0 };

	snprintf(n.name, sizeof(n.name), "%s", name);
	return n;
}

static inline void create(struct host *h, struct network *n)
{
	OK(network_create(&h->net, n, e));
	network_free(n);
}

static inline void create_named(struct host *h, const char *name)
{
	struct network n = named(name);

	create(h, &n);
}

static inline struct net_attach attachment(struct host *h, const char *network, const char *owner)
{
	return (struct net_attach){ .network = network,
				    .owner = owner,
				    .name = owner,
				    .default_route = true,
				    .holder = h->id };
}

static inline int attach(struct host *h, const char *network, const char *owner,
			 struct attach_info *info)
{
	struct net_attach a = attachment(h, network, owner);
	int ns = new_netns();

	OK(attach_up(&h->net, &a, ns, info, e));
	return ns;
}

#define on_host(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Out of the real host's sight: 0, or 77 when that is not permitted. */
static inline int sandbox(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
		perror("needs CAP_SYS_ADMIN: unshare");
		return 77;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? 77 : 0;
}

#endif
