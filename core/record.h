/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - one container's record as a JSON file: written whole, in one write,
 * read with every member checked. Used by state*.c only.
 *
 * Who writes to one that others may write to holds its lock (flock(2) of the
 * file). A file that somebody else than its runner has written to is marked
 * (the sticky bit): what the runner remembers of it is old then.
 */
#ifndef CT_CORE_RECORD_H
#define CT_CORE_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ct_info;

bool record_id_valid(const char *s);
void record_cleanup(struct ct_info *i); /* ct_info_free() for _cleanup_() */

/* What a record is judged by; read once for many. */
struct record_now {
	char boot[37];
	uint64_t pidns;
};
int record_now(struct record_now *ret);

enum record_life {
	RECORD_LIVE, /* its runner lives, or it has exited and is kept */
	RECORD_DEAD, /* its runner died without a word */
	RECORD_OLD, /* of an earlier boot */
};

/* A new reference; NULL: no memory. Only what is set, but for what names it. */
json_t *record_to_json(const struct ct_info *i, const struct record_now *now);
/* The members as they stand, and enum record_life; -EINVAL. */
int record_from_json(const json_t *o, const struct record_now *now, struct ct_info *ret);

/* Of container i->id, below containers_fd. -EEXIST when the id is taken. */
int record_create(int root_fd, int containers_fd, const struct ct_info *i,
		  const struct record_now *now);
/*
 * enum record_life, with status "dead" unless RECORD_LIVE; -ENOENT: no such
 * container; -EINVAL: a file that is no record.
 */
int record_load(int containers_fd, const char *id, const struct record_now *now,
		struct ct_info *ret);

/* Waits for the lock; the descriptor holds it. -ENOENT: there is no such record (any more). */
int record_lock(int containers_fd, const char *id, bool *ret_marked);
/* Of one that is locked: enum record_life, and the status as it was written. */
int record_read(int fd, const struct record_now *now, struct ct_info *ret);
int record_write(int fd, const struct ct_info *i, const struct record_now *now);
int record_mark(int fd);

/* Nothing but the padding: whoever was removing it died before it had another name. */
bool record_is_blank(int containers_fd, const char *id);

/*
 * Removes it; absent is success. -EAGAIN: it is locked or marked, and `all` is
 * false: the names of it that the caller does not know must go first.
 */
int record_drop(int root_fd, int containers_fd, const char *id, bool all);

#endif
