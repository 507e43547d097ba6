/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the supervisor hears of its nodes. Notes of all come by one socket, so that
 * waiting for a thousand costs no more than for one; what a node said before it died
 * is read before it is buried. Whose pid it was is told by a table of places, and
 * never by looking through all.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/node_agent.h"
#include "core/node_make.h"

/* ---- places of pids ---- */

static struct node **place_of(struct nodes *ns, pid_t pid)
{
	struct node **at = &ns->places[(unsigned)pid % NODES_PLACES];

	while (*at && node_pid(ns, *at) != pid)
		at = &(*at)->next;
	return at;
}

static void place(struct nodes *ns, struct node *n)
{
	struct node **at;

	if (n->placed)
		return;
	at = place_of(ns, node_pid(ns, n));
	n->next = *at;
	*at = n;
	n->placed = true;
}

void node_forget(struct nodes *ns, struct node *n)
{
	/* everybody who was in it is dead */
	if (n->cgroup)
		cgroup_remove(n->cgroup);
	if (n->placed) {
		struct node **at = place_of(ns, node_pid(ns, n));

		if (*at)
			*at = n->next;
	}
	ns->pids[n->id] = 0;
	ns->v[n->id] = NULL;
	fd_close(n->calls_fd);
	free(n->failed);
	free(n->cgroup);
	free(n->daemons);
	free(n);
}

/* ---- what is to be told ---- */

/* Takes err. Without memory the supervisor is at its end, and its nodes with it. */
static void tell(struct nodes *ns, uint32_t id, enum node_event_type type, struct err *err)
{
	if (ns->told_n == ns->told_room) {
		size_t room = ns->told_room ? 2 * ns->told_room : 64;
		struct nodes_told *v = calloc(room, sizeof(*v));

		if (!v) {
			free(err);
			return;
		}
		for (size_t i = 0; i < ns->told_n; i++)
			v[i] = ns->told[(ns->told_first + i) % ns->told_room];
		free(ns->told);
		ns->told = v;
		ns->told_room = room;
		ns->told_first = 0;
	}
	ns->told[(ns->told_first + ns->told_n++) % ns->told_room] =
		(struct nodes_told){ id, type, err };
}

static struct err *err_copy(const struct err *e)
{
	struct err *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *e;
	return copy;
}

int nodes_told(struct nodes *ns, struct node_event *ret)
{
	struct nodes_told t;

	if (!ns->told_n)
		return 0;
	t = ns->told[ns->told_first];
	ns->told_first = (ns->told_first + 1) % ns->told_room;
	ns->told_n--;
	ret->id = t.id;
	ret->type = t.type;
	err_clear(&ret->err);
	if (t.err)
		ret->err = *t.err;
	free(t.err);
	return 1;
}

/* ---- notes ---- */

static void note_daemon(struct node *n, const struct node_daemon_info *d, bool forgotten)
{
	struct node_daemon_info *v;
	size_t i = 0;

	while (i < n->n_daemons && n->daemons[i].num != d->num)
		i++;
	if (forgotten) {
		for (; i + 1 < n->n_daemons; i++)
			n->daemons[i] = n->daemons[i + 1];
		n->n_daemons = i;
		return;
	}
	if (i == n->n_daemons) {
		v = realloc(n->daemons, (i + 1) * sizeof(*v));
		if (!v)
			return;
		n->daemons = v;
		n->n_daemons++;
	}
	n->daemons[i] = *d;
}

static void note_failed(struct nodes *ns, struct node *n, const struct err *e)
{
	free(n->failed);
	n->failed = err_copy(e);
	if (node_pid(ns, n))
		return;
	/* never made: there is nothing to bury */
	tell(ns, n->id, NODE_FAILED, take_ptr(n->failed));
	node_forget(ns, n);
}

static void take_note(struct nodes *ns, const struct node_note *note, int fd)
{
	struct node *n = node_find(ns, note->id);

	if (!n) {
		fd_close(fd);
	} else if (note->type == NOTE_DAEMON || note->type == NOTE_FORGOTTEN) {
		note_daemon(n, &note->daemon, note->type == NOTE_FORGOTTEN);
	} else if (note->type == NODE_FAILED) {
		note_failed(ns, n, &note->err);
	} else {
		if (note->type == NODE_BORN) {
			n->calls_fd = fd;
			place(ns, n);
			/* it was not there yet when it was asked */
			if (n->asked)
				kill(node_pid(ns, n), SIGKILL);
		}
		n->at = note->type;
		if (!n->asked)
			tell(ns, n->id, n->at, NULL);
	}
}

/* Whole, and one that there is; strings are not believed to be ended. */
static bool is_note(struct node_note *note, ssize_t len)
{
	bool failed = len >= (ssize_t)NOTE_SHORT && note->type == NODE_FAILED;

	if (len < (ssize_t)NOTE_SHORT || !note->type || note->type > NOTE_FORGOTTEN ||
	    (failed && len < (ssize_t)sizeof(*note)))
		return false;
	if (failed)
		err_receive(&note->err);
	return true;
}

/* 1: one, 0: none now. */
int nodes_read_note(struct nodes *ns, struct err *e)
{
	struct node_note note;
	int fd = -1;
	size_t n = 0;
	ssize_t len = fd_recv(ns->notes_fd, &note, sizeof(note), &fd, 1, &n);

	if (len == -EAGAIN)
		return 0;
	if (len < 0)
		return err_sys(e, (int)len, "hear of the nodes");
	if (!is_note(&note, len)) {
		fd_close(fd);
		return 1;
	}
	take_note(ns, &note, fd);
	return 1;
}

/* ---- burials ---- */

static struct err *why(const struct node *n, int status)
{
	struct err e = ERR_INIT;

	if (WIFSIGNALED(status))
		err_set(&e, -ESRCH, "node %s: its first process was killed by signal %d",
			n->spec->name, WTERMSIG(status));
	else
		err_set(&e, -ESRCH, "node %s: its first process ended", n->spec->name);
	return err_copy(&e);
}

static void bury_node(struct nodes *ns, struct node *n, int status)
{
	bool ready = n->at == NODE_READY;
	struct err *err = take_ptr(n->failed);
	uint32_t id = n->id;

	if (n->asked) {
		free(err);
		err = NULL;
	} else if (!err) {
		err = why(n, status);
	}
	tell(ns, id, n->asked || ready ? NODE_ENDED : NODE_FAILED, err);
	node_forget(ns, n);
}

/* Of a worker that died nodes may be left that nobody will make. */
static void bury_worker(struct nodes *ns, pid_t pid)
{
	for (size_t i = 0; i < ns->n; i++) {
		struct node *n = ns->v[i];
		struct err e = ERR_INIT;

		if (!n || n->worker != pid || node_pid(ns, n))
			continue;
		err_set(&e, -ECHILD, "node %s: the process that was to make it died",
			n->spec->name);
		note_failed(ns, n, &e);
	}
}

/* A node that died before it could say that it is born has no place yet. */
static struct node *unplaced(struct nodes *ns, pid_t pid)
{
	for (size_t i = 0; i < ns->n; i++)
		if (ns->v[i] && !ns->v[i]->placed && node_pid(ns, ns->v[i]) == pid)
			return ns->v[i];
	return NULL;
}

/* The signal was read: who is passed over now is never seen again. */
static pid_t next_dead(int *ret_status)
{
	pid_t pid;

	do {
		pid = waitpid(-1, ret_status, WNOHANG);
	} while (pid < 0 && errno == EINTR);
	return pid;
}

static int bury(struct nodes *ns, struct err *e)
{
	struct signalfd_siginfo si;
	int result = 0, status;
	pid_t pid;

	if (read(ns->signals_fd, &si, sizeof(si)) < 0)
		return 0;
	while ((pid = next_dead(&status)) > 0) {
		struct node *n;
		int r;

		while ((r = nodes_read_note(ns, e)) > 0)
			;
		/* waited for it was, and nobody will hear of it again */
		result = r < 0 ? r : result < 0 ? result : 1;
		n = *place_of(ns, pid);
		if (!n)
			n = unplaced(ns, pid);
		if (n)
			bury_node(ns, n, status);
		else if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0))
			bury_worker(ns, pid);
	}
	return result;
}

int nodes_next(struct nodes *ns, struct node_event *ret, struct err *e)
{
	int r = 1;

	while (r > 0 && !ns->told_n) {
		r = nodes_read_note(ns, e);
		if (r == 0)
			r = bury(ns, e);
	}
	return r < 0 ? r : nodes_told(ns, ret);
}
