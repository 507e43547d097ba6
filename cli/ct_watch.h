/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct_watch - the records of containers as they change: what `ct events` and
 * `ctnet monitor` tell of.
 */
#ifndef CT_CLI_CT_WATCH_H
#define CT_CLI_CT_WATCH_H

struct ct_info;
struct ct_watch;
struct err;

/* From its return on nothing is missed; what is there already is known, and not told. */
int ct_watch_open(int root_fd, struct ct_watch **ret, struct err *e);
void ct_watch_close(struct ct_watch *w); /* accepts NULL */
/* To be polled for reading. */
int ct_watch_fd(const struct ct_watch *w);

/*
 * old NULL: a new one; now NULL: it is gone; both NULL: changes came faster than they
 * were read, and some are missing. Records that change in quick succession are
 * seen as they came out.
 */
typedef void ct_watch_fn(const struct ct_info *old, const struct ct_info *now, void *ctx);
/* Tells all there is to read, without waiting. */
int ct_watch_read(struct ct_watch *w, ct_watch_fn *fn, void *ctx, struct err *e);
/* Calls fn(NULL, now) for each that is known, those that were seen first first. */
void ct_watch_known(const struct ct_watch *w, ct_watch_fn *fn, void *ctx);

#endif
