/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of nodes that are not as they should be: passed over, or whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/fd.h"
#include "core/node_agent.h"
#include "core/node_make.h"

struct world {
	struct nodes nodes;
	struct node *v[1];
	pid_t pids[1];
	int there;
};

/* One node that nobody has made yet: its failure is the end of it. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int sv[2];

	assert_non_null(w);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv),
			 0);
	w->v[0] = calloc(1, sizeof(*w->v[0]));
	assert_non_null(w->v[0]);
	w->v[0]->calls_fd = -1;
	w->nodes.notes_fd = sv[0];
	w->nodes.v = w->v;
	w->nodes.n = 1;
	w->nodes.pids = w->pids;
	w->there = sv[1];
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	close(w->nodes.notes_fd);
	close(w->there);
	free(w->nodes.told);
	free(w->v[0]);
	free(w);
	return 0;
}

static int tell(struct world *w, const struct node_note *n, size_t len)
{
	struct node_event ev;

	assert_int_equal(fd_send(w->there, n, len, NULL, 0), 0);
	assert_int_equal(nodes_read_note(&w->nodes, NULL), 1);
	return nodes_told(&w->nodes, &ev);
}

static void test_passed_over(void **state)
{
	struct node_note n = { .id = 0 };
	struct world *w = *state;

	memset(&n.err, 'x', sizeof(n.err));
	n.type = NODE_FAILED;
	assert_int_equal(tell(w, &n, 1), 0);
	assert_int_equal(tell(w, &n, NOTE_SHORT), 0);
	assert_int_equal(tell(w, &n, sizeof(n) - 1), 0);
	n.type = 0;
	assert_int_equal(tell(w, &n, sizeof(n)), 0);
	n.type = NOTE_FORGOTTEN + 1;
	assert_int_equal(tell(w, &n, sizeof(n)), 0);
	n.type = UINT32_MAX;
	assert_int_equal(tell(w, &n, sizeof(n)), 0);
	n.type = NODE_FAILED;
	n.id = 7; /* nobody */
	assert_int_equal(tell(w, &n, sizeof(n)), 0);
	assert_non_null(w->v[0]);
	assert_int_equal(w->v[0]->at, 0);
}

static void test_strings(void **state)
{
	struct node_note n = { .id = 0 };
	struct world *w = *state;
	struct node_event ev;

	memset(&n.err, 'x', sizeof(n.err));
	n.type = NODE_FAILED;
	assert_int_equal(fd_send(w->there, &n, sizeof(n), NULL, 0), 0);
	assert_int_equal(nodes_read_note(&w->nodes, NULL), 1);
	assert_int_equal(nodes_told(&w->nodes, &ev), 1);
	assert_int_equal(ev.type, NODE_FAILED);
	assert_int_equal(strlen(ev.err.msg), sizeof(ev.err.msg) - 1);
	assert_int_equal(strlen(ev.err.hint), sizeof(ev.err.hint) - 1);
	assert_null(w->v[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
