/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a lab. Most labs have nothing to do at their end: their supervisor is killed,
 * and the kernel takes the rest. One with stop.N is asked, for as long as that may take.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "cli/lab_host.h"
#include "cli/lab_remains.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/json.h"
#include "core/base/log.h"

#define ASK_MS	     60000 /* for all stop.N */
#define DEATH_MS     60000
#define CHANGE_MS    10000
#define GONE_MS	     5000 /* of one that has said that it ends */
#define GONE_STEP_MS 10

/* It ends when it has answered. */
static void ask(const struct lab_record *rec, int dir_fd, int pidfd)
{
	const struct lab l = { .rec = *rec, .dir_fd = dir_fd };
	_cleanup_close_ int sock = lab_connect(&l, NULL);
	_cleanup_json_ json_t *o = json_pack("{s:s}", "do", "down");
	struct err e = ERR_INIT;
	json_t *word = NULL;
	int r = 0;

	if (sock < 0 || !o || lab_send(sock, o, -1) < 0 || !proc_await_end(pidfd, ASK_MS)) {
		log_note("lab %s ends without the commands of its end (stop.N): "
			 "its supervisor does not hear it",
			 rec->name);
		return;
	}
	for (; lab_recv(sock, &word, NULL) > 0; json_decref(word))
		if (lab_is_end(word, &r, &e) && r < 0)
			log_note("%s", e.msg);
}

static int end_supervisor(const struct lab_record *rec, int dir_fd, struct err *e)
{
	_cleanup_close_ int pidfd = proc_open(&rec->supervisor);

	if (pidfd < 0)
		return pidfd == -ESRCH ? 0 : err_sys(e, pidfd, "the supervisor of %s", rec->name);
	if (rec->stops && rec->ready)
		ask(rec, dir_fd, pidfd);
	if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return err_sys(e, errno, "kill the supervisor of lab %s", rec->name);
	crash_point("down", "killed");
	if (!proc_await_end(pidfd, DEATH_MS))
		return err_set(e, -ETIMEDOUT, "a process of lab %s does not die", rec->name);
	crash_point("down", "gone");
	return 0;
}

/* A record that cannot be read says not who it is; it hears all the same, says, and ends. */
static void ask_nameless(int dir_fd, struct lab_record *ret)
{
	const struct timeval patience = { .tv_sec = ASK_MS / 1000 };
	const struct lab l = { .dir_fd = dir_fd };
	_cleanup_close_ int sock = lab_connect(&l, NULL);
	_cleanup_json_ json_t *o = json_pack("{s:s}", "do", "down");
	json_t *word = NULL;

	lab_record_free(ret);
	if (sock < 0 || !o)
		return;
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (lab_send(sock, o, -1) < 0)
		return;
	for (; lab_recv(sock, &word, NULL) > 0; json_decref(word))
		if (json_object_get(word, "id")) {
			str_fmt(ret->id, sizeof(ret->id), "%s", json_str(word, "id", ""));
			str_fmt(ret->name, sizeof(ret->name), "%s", json_str(word, "name", ""));
		}
}

/* What of it is removed while it runs would be found by nobody. */
static int end_nameless(const char *name, int dir_fd, struct lab_record *ret, struct err *e)
{
	ask_nameless(dir_fd, ret);
	for (int ms = 0; ms < GONE_MS; ms += GONE_STEP_MS) {
		struct lab_record now = { 0 };
		bool dead = lab_is_dead(dir_fd, &now);

		lab_record_free(&now);
		if (dead)
			return 0;
		poll(NULL, 0, GONE_STEP_MS);
	}
	return err_set(e, -EIO, "lab %s: its record cannot be read, and it does not end", name);
}

/* A pidfd of who runs it, by its record, which is read into rec; -1: nobody. */
static int supervisor_of(struct app *app, const char *name, struct lab_record *rec)
{
	_cleanup_close_ int labs = lab_labs_fd(app, false), fd = -1;

	fd = labs < 0 ? -1 : dir_open_at(labs, name, false);
	if (fd < 0 || lab_record_load(fd, rec) < 0 || !rec->supervisor.pid)
		return -1;
	return proc_open(&rec->supervisor);
}

/* One that is being made is undone by its maker, who has the lock. */
static void end_making(struct app *app, const char *name)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	_cleanup_close_ int pidfd = supervisor_of(app, name, &rec);

	if (pidfd >= 0 && !rec.ready)
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

/* One that stands has lent nodes what is the host's. */
static void end_standing(struct app *app, const char *name)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	_cleanup_close_ int pidfd = supervisor_of(app, name, &rec);
	struct lab_lent *lent = NULL;

	if (pidfd < 0)
		return;
	lab_host_keep(app, &rec, &lent);
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	proc_await_end(pidfd, DEATH_MS);
	lab_host_back(app, lent);
}

static int lock_within(struct app *app, const char *name, int ms, struct lab_dir *ret)
{
	int r;

	for (; (r = lab_dir_lock(app, name, LAB_DIR_TRY, ret)) == -EWOULDBLOCK && ms > 0;
	     ms -= GONE_STEP_MS)
		poll(NULL, 0, GONE_STEP_MS);
	return r;
}

/* Who changes the lab may wait for a command in it that does not end. */
static int lock(struct app *app, const char *name, struct lab_dir *ret, struct err *e)
{
	int r;

	end_making(app, name);
	r = lock_within(app, name, CHANGE_MS, ret);
	if (r == -EWOULDBLOCK) {
		log_note("lab %s is being changed, and that does not end: its supervisor is killed",
			 name);
		end_standing(app, name);
		r = lock_within(app, name, CHANGE_MS, ret);
	}
	if (r == -EWOULDBLOCK)
		return err_set(e, -EBUSY, "lab %s: another command is changing it", name);
	return r < 0 && r != -ENOENT ? err_sys(e, r, "lock lab %s", name) : r;
}

int lab_down(struct app *app, const char *name, struct err *e)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	_cleanup_lab_dir_ struct lab_dir dir = LAB_DIR_INIT;
	int r = lock(app, name, &dir, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (lab_record_load(dir.fd, &rec) < 0) {
		r = end_nameless(name, dir.fd, &rec, e);
	} else {
		struct lab_lent *lent = NULL;

		lab_host_keep(app, &rec, &lent);
		r = end_supervisor(&rec, dir.fd, e);
		lab_host_back(app, lent);
	}
	return r < 0 ? r : lab_remains_remove(app, name, &rec, e);
}
