/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/names_own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/hosts_file.h"
#include "net/names.h"
#include "net/note.h"
#include "net/store.h"

#define FILES  "hosts-own"
#define FOLLOW "follow"

static int open_own(struct net *net, const char *id, int flags)
{
	_cleanup_close_ int dir = net_dir(net, FILES, flags & O_CREAT);
	int fd;

	if (dir < 0)
		return dir;
	fd = openat(dir, id, flags | O_NOFOLLOW | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

/* ---- following ---- */

/* Runs fn on the file of everyone who follows the network; the first error is returned. */
static int each_follower(struct net *net, const char *network, int (*fn)(int fd, void *ctx),
			 void *ctx)
{
	_cleanup_close_ int dir = net_dir_of(net, FOLLOW, network, false);
	struct strv ids = { 0 };
	int r = dir == -ENOENT ? 0 : dir;

	if (dir >= 0)
		r = dir_names(dir, &ids);
	for (size_t i = 0; i < ids.n && r >= 0; i++) {
		_cleanup_close_ int fd = open_own(net, ids.v[i], O_RDWR);

		if (fd >= 0)
			r = fn(fd, ctx);
		else if (fd != -ENOENT)
			r = fd;
	}
	strv_free(&ids);
	return r < 0 ? r : 0;
}

struct line {
	const struct ip_addr *a;
	const char *const *names;
	size_t n;
};

static int put(int fd, void *ctx)
{
	const struct line *l = ctx;

	return hosts_file_put(fd, l->a, l->names, l->n);
}

static int clear(int fd, void *ctx)
{
	const struct line *l = ctx;

	return hosts_file_clear(fd, l->a);
}

int names_own_join(struct net *net, const char *network, const struct ip_addr *a,
		   const char *const *names, size_t n)
{
	struct line l = { a, names, n };

	return each_follower(net, network, put, &l);
}

int names_own_leave(struct net *net, const char *network, const struct ip_addr *a)
{
	struct line l = { a, NULL, 0 };

	return each_follower(net, network, clear, &l);
}

/* ---- removing ---- */

static void unfollow(struct net *net, const char *id)
{
	_cleanup_close_ int dir = net_dir(net, FOLLOW, false);
	struct strv networks = { 0 };

	if (dir >= 0 && dir_names(dir, &networks) >= 0)
		for (size_t i = 0; i < networks.n; i++) {
			_cleanup_close_ int one = net_dir_of(net, FOLLOW, networks.v[i], false);

			if (one >= 0)
				note_del(one, id);
		}
	strv_free(&networks);
}

static void drop(struct net *net, const char *id)
{
	_cleanup_close_ int dir = net_dir(net, FILES, false);
	char note[NAME_MAX_CT + 2];

	if (dir < 0 || str_fmt(note, sizeof(note), ".%s", id) < 0)
		return;
	unfollow(net, id);
	unlinkat(dir, id, 0);
	note_del(dir, note);
}

/* ---- making ---- */

/* Calls fn with each line of a network's shared file that stands behind the head. */
static int each_line(struct net *net, const char *network, int (*fn)(const char *line, void *ctx),
		     void *ctx)
{
	_cleanup_close_ int from = names_open_hosts(net, network, NULL);
	_cleanup_free_ char *text = NULL;
	struct strv lines = { 0 };
	size_t size = 0;
	int r = from < 0 ? from : hosts_file_read(from, &text, &size);

	if (r < 0 || size < strlen(names_hosts_head))
		return r;
	text[size] = '\0';
	r = strv_split(&lines, text + strlen(names_hosts_head), "\n");
	for (size_t i = 0; i < lines.n && r >= 0; i++)
		r = lines.v[i][0] == ' ' ? 0 : fn(lines.v[i], ctx);
	strv_free(&lines);
	return r;
}

static int append_line(const char *line, void *ctx)
{
	int fd = *(int *)ctx, r;

	if (lseek(fd, 0, SEEK_END) < 0)
		return -errno;
	r = fd_write_all(fd, line, strlen(line));
	return r < 0 ? r : fd_write_all(fd, "\n", 1);
}

static int write_file(struct net *net, const char *id, const struct strv *networks,
		      const char *extra)
{
	_cleanup_close_ int fd = open_own(net, id, O_RDWR | O_CREAT | O_TRUNC);
	int r = fd;

	/* read in the container by any user, whatever our umask */
	if (r >= 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	if (r >= 0)
		r = fd_write_all(fd, names_hosts_head, strlen(names_hosts_head));
	if (r >= 0)
		r = fd_write_all(fd, extra, strlen(extra));
	for (size_t i = 0; i < networks->n && r >= 0; i++)
		r = each_line(net, networks->v[i], append_line, &fd);
	return r;
}

static int note_holder(struct net *net, const char *id, const struct proc_id *holder)
{
	_cleanup_close_ int dir = net_dir(net, FILES, true);
	char name[NAME_MAX_CT + 2];
	int r = dir < 0 ? dir : str_fmt(name, sizeof(name), ".%s", id);

	return r < 0 ? r : note_set_proc(dir, name, holder);
}

static int follow(struct net *net, const char *id, const struct strv *networks)
{
	int r = 0;

	for (size_t i = 0; i < networks->n && r >= 0; i++) {
		_cleanup_close_ int dir = net_dir_of(net, FOLLOW, networks->v[i], true);

		r = dir < 0 ? dir : note_mark(dir, id);
	}
	return r;
}

/* The holder is noted first: whatever is cut short after that is swept. */
static int make(struct net *net, const char *id, const struct proc_id *holder,
		const struct strv *networks, const char *extra)
{
	int r = note_holder(net, id, holder);

	if (r >= 0)
		r = write_file(net, id, networks, extra);
	if (r >= 0)
		r = follow(net, id, networks);
	if (r < 0)
		drop(net, id);
	return r;
}

int names_own_make(struct net *net, const char *id, const struct proc_id *holder,
		   const struct strv *networks, const char *extra, struct err *e)
{
	_cleanup_close_ int lock = net_lock(net, e);
	int r;

	if (lock < 0)
		return lock;
	r = make(net, id, holder, networks, extra);
	if (r >= 0)
		r = open_own(net, id, O_RDONLY);
	return r < 0 ? err_sys(e, r, "hosts file of %s", id) : r;
}

/* ---- changing ---- */

static int clear_line(const char *line, void *ctx)
{
	struct ip_addr a;
	char ip[IP_STRLEN];

	if (str_fmt(ip, sizeof(ip), "%.*s", (int)strcspn(line, "\t"), line) < 0 ||
	    parse_ip(ip, &a, NULL) < 0)
		return 0;
	return hosts_file_clear(*(int *)ctx, &a);
}

/* What follows the network stays as it is; lines first, so that the note is true. */
static int follow_one(struct net *net, const char *id, const char *network, int fd)
{
	_cleanup_close_ int dir = net_dir_of(net, FOLLOW, network, true);
	char text[8];
	int r;

	if (dir < 0)
		return dir;
	if (note_get(dir, id, text, sizeof(text)) >= 0)
		return 0;
	r = each_line(net, network, clear_line, &fd);
	if (r >= 0)
		r = each_line(net, network, append_line, &fd);
	return r < 0 ? r : note_mark(dir, id);
}

static int unfollow_one(struct net *net, const char *id, const char *network, int fd)
{
	_cleanup_close_ int dir = net_dir_of(net, FOLLOW, network, false);
	char text[8];
	int r = dir < 0 ? dir : note_get(dir, id, text, sizeof(text));

	/* whom it does not follow it has no lines of */
	if (r < 0)
		return err_is_passing(r) ? r : 0;
	r = each_line(net, network, clear_line, &fd);
	return r < 0 ? r : note_del(dir, id);
}

/* The file is there: follows the networks that it does not, and no other. */
static int refollow(struct net *net, const char *id, const struct strv *networks, int fd)
{
	_cleanup_close_ int dir = net_dir(net, FOLLOW, true);
	struct strv all = { 0 };
	int r = dir < 0 ? dir : dir_names(dir, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++)
		if (!strv_has(networks, all.v[i]))
			r = unfollow_one(net, id, all.v[i], fd);
	for (size_t i = 0; i < networks->n && r >= 0; i++)
		r = follow_one(net, id, networks->v[i], fd);
	strv_free(&all);
	return r;
}

int names_own_follow(struct net *net, const char *id, const struct proc_id *holder,
		     const struct strv *networks, const char *extra)
{
	_cleanup_close_ int fd = open_own(net, id, O_RDWR);

	if (fd >= 0)
		return refollow(net, id, networks, fd);
	return fd == -ENOENT ? make(net, id, holder, networks, extra) : fd;
}

int names_own_refollow(struct net *net, const char *id, const struct strv *networks)
{
	_cleanup_close_ int fd = open_own(net, id, O_RDWR);

	return fd >= 0 ? refollow(net, id, networks, fd) : fd == -ENOENT ? 0 : fd;
}

int names_own_open(struct net *net, const char *id)
{
	return open_own(net, id, O_RDONLY);
}

/* ---- ending ---- */

void names_own_forget(struct net *net, const char *network)
{
	_cleanup_close_ int dir = net_dir(net, FOLLOW, false);

	if (dir >= 0)
		dir_remove_at(dir, network);
}

void names_own_drop(struct net *net, const char *id)
{
	_cleanup_close_ int lock = net_lock(net, NULL);

	if (lock >= 0)
		drop(net, id);
}

/* By the notes, which are there as soon as anything is. */
void names_own_sweep(struct net *net)
{
	int fd = net_dir(net, FILES, false);
	_cleanup_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct strv dead = { 0 };

	if (!d) {
		fd_close(fd);
		return;
	}
	for (struct dirent *ent; (ent = readdir(d));)
		if (ent->d_name[0] == '.' && ent->d_type == DT_LNK &&
		    !note_proc_lives(dirfd(d), ent->d_name))
			strv_add(&dead, ent->d_name + 1);
	for (size_t i = 0; i < dead.n; i++)
		drop(net, dead.v[i]);
	strv_free(&dead);
}
