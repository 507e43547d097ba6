/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes, in messages of any length, as what a child tells its parent: a record of
 * the start, a report, an order, trees, a message at a terminal. What is taken has its
 * strings ended; the other lengths are refused.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/attach.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/order.h"
#include "core/report.h"
#include "core/spec.h"
#include "core/sync.h"
#include "core/trees.h"
#include "tests/fuzz/fuzz.h"

static void check_err(const struct err *e)
{
	fuzz_check(memchr(e->msg, '\0', sizeof(e->msg)) && memchr(e->hint, '\0', sizeof(e->hint)));
}

static void hear_sync(int sock)
{
	struct sync_msg m;
	int fd = -1;

	while (sync_recv(sock, &m, &fd) > 0) {
		fuzz_check(m.type >= SYNC_NET && m.type <= SYNC_FAILED);
		check_err(&m.err);
		fd_close(fd);
	}
}

static void hear_report(int sock)
{
	struct err e = ERR_INIT;
	int fd = -1;

	if (report_take(sock, &fd, &e) < 0)
		check_err(&e);
	fd_close(fd);
}

static void hear_attach(int sock)
{
	struct attach_msg *m = malloc(sizeof(*m));

	while (m && attach_recv(sock, m) > 0)
		fuzz_check(m->len <= sizeof(m->data));
	free(m);
}

static void hear_order(int sock)
{
	struct ct_file files[ORDER_FILES] = { { .target = "/etc/hosts", .fd = -1 } };
	struct ct_spec spec = { .files = files, .n_files = 1 };
	int trees[ORDER_FILES] = { -1, -1, -1, -1 };

	if (order_take(sock, &spec, trees) < 0)
		return;
	/* read to their ends: they are within what was received */
	free(strdup(spec.id ? spec.id : ""));
	free(strdup(spec.name ? spec.name : ""));
	free(strdup(spec.hostname ? spec.hostname : ""));
	free(strdup(files[0].text ? files[0].text : ""));
	for (size_t i = 0; i < ORDER_FILES; i++)
		fd_close(trees[i]);
	free((void *)(uintptr_t)spec.id); /* where all of the texts begin */
}

static void hear_groups(int sock)
{
	struct cgroup cgroup = CGROUP_INIT;

	if (order_take_groups(sock, &cgroup) < 0)
		return;
	fuzz_check(memchr(cgroup.path, '\0', sizeof(cgroup.path)));
	cgroup_close(&cgroup);
}

static void hear_trees(int sock)
{
	struct trees t = { 0 };

	trees_take(sock, &t);
	for (size_t i = 0; i < t.n; i++) {
		fuzz_check(t.v[i].use < TREE_END && t.v[i].fd >= 0);
		free(t.v[i].path);
		close(t.v[i].fd);
	}
	free(t.v);
}

/*
 * The first byte: how it is heard, and whether descriptors come along. Then messages,
 * each of two bytes of length and as many bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const ears[])(int) = { hear_sync,	 hear_report, hear_attach,
					     hear_order, hear_trees,  hear_groups };
	const size_t n = sizeof(ears) / sizeof(ears[0]);
	int sv[2], with;
	size_t at = 1;

	if (!size || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv) < 0)
		return 0;
	with = data[0] / n % 2;
	for (unsigned i = 0; i < 8 && size - at > 2; i++) {
		size_t len = (size_t)(data[at] | data[at + 1] << 8);

		at += 2;
		len = len < size - at ? len : size - at;
		fd_send(sv[1], data + at, len, sv, (size_t)with);
		at += len;
	}
	close(sv[1]);
	ears[data[0] % n](sv[0]);
	close(sv[0]);
	return 0;
}
