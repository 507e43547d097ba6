/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach - terminals at a detached container: a SEQPACKET socket at a path, 0600
 * in the container's own directory, which is 0700 (an abstract one would be in
 * reach of every container with the host's network: CVE-2020-15257). Who connects
 * must be root or who runs the monitor. A message is one struct attach_head and
 * bytes behind it.
 *
 *	monitor				who attaches
 *	HELLO (flags)
 *					SIZE (rows << 16 | columns)
 *	OUT, ERR (bytes)		IN (bytes), SIGNAL (number)
 *	LOST (bytes that were not read in time)
 *	END (status)
 */
#ifndef CT_CORE_ATTACH_H
#define CT_CORE_ATTACH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum attach_type {
	ATTACH_HELLO = 1,
	ATTACH_OUT, /* as descriptors: 1, 2 and one more */
	ATTACH_ERR,
	ATTACH_LOST,
	ATTACH_END,
	ATTACH_IN,
	ATTACH_SIZE,
	ATTACH_SIGNAL,
};

#define ATTACH_TTY   1 /* of HELLO: there is a pty */
#define ATTACH_INPUT 2 /* what is sent reaches the command */

#define ATTACH_DATA 16384

struct attach_head {
	uint32_t type;
	int32_t value;
};

struct attach_msg {
	struct attach_head head;
	char data[ATTACH_DATA];
	size_t len; /* of data; not sent */
};

/* Both non-blocking. 0; -EAGAIN; -EPIPE: the other side is gone. */
int attach_send(int sock, enum attach_type type, int32_t value, const char *data, size_t n);
/* 1: a message, 0: the other side is gone, -EAGAIN, -EPROTO. */
int attach_recv(int sock, struct attach_msg *ret);
/* The socket of who attaches. -ENOENT, -ECONNREFUSED: nobody listens. */
int attach_connect(int dir_fd, struct err *e);

/* ---- the monitor's side ---- */

#define ATTACH_MAX 16

struct attach_client {
	int fd;
	bool owed; /* it has not got what is held */
	uint64_t lost; /* bytes, since it was too slow */
};

struct attach_server {
	int listener; /* -1: none */
	int32_t hello;
	struct attach_client v[ATTACH_MAX];
	size_t n;
	/* what some have not taken yet: the command waits for them, for a moment */
	char *held;
	size_t held_len;
	enum attach_type held_type;
	int64_t held_since; /* milliseconds */
};

/* In dir_fd; what is there of an earlier one is replaced. */
int attach_listen(struct attach_server *s, int dir_fd, int32_t hello, struct err *e);
void attach_close(struct attach_server *s);

/* Whether output must wait; then *timeout (milliseconds) is lowered. */
bool attach_is_busy(const struct attach_server *s, int *timeout);
/* To all; only when not busy. n is at most ATTACH_DATA. */
void attach_output(struct attach_server *s, enum attach_type type, const char *buf, size_t n);
/* Until it is not busy: a moment at most. */
void attach_settle(struct attach_server *s);
/* The command has ended: told to all, who are let go. */
void attach_end(struct attach_server *s, int status);

/* Fills at most 1 + ATTACH_MAX; input: whether what clients send can be taken. */
size_t attach_wait_for(const struct attach_server *s, bool input, struct pollfd *p);
typedef void attach_fn(const struct attach_msg *m, void *ctx);
/* fn for each message of a client; p as filled before. */
void attach_ready(struct attach_server *s, const struct pollfd *p, attach_fn *fn, void *ctx);

/* ---- the other side ---- */

struct attach_options {
	bool no_stdin, no_signals;
	const unsigned char *keys; /* that detach, in this order */
	size_t n_keys;
};

#define ATTACH_DETACHED (-ECANCELED)

/*
 * The caller's descriptors 0 to 2 at the command, its terminal raw if the command
 * has one, until the command ends: its status. ATTACH_DETACHED: by keys, or the
 * terminal was closed. -EPIPE: the monitor went without a word.
 */
int attach_run(int sock, const struct attach_options *o, struct err *e);

#endif
