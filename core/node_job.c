/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command writes goes to a memory file, of which the last line is told when
 * it fails: a pipe would end with who reads it, and what a command leaves behind
 * in the node may go on writing.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/caps.h"
#include "core/env.h"
#include "core/node_agent.h"
#include "core/payload.h"
#include "core/spawn.h"
#include "core/sync.h"

#define LINE_MAX_SHOWN 200

/* Who they are and what they find: looked up in the node's own files, once. */
static int prepare(struct agent *a, struct err *e)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct node_spec *s = a->spec;
	struct account_want want = { 0 };
	struct env_spec env = { .root_fd = root,
				.hostname = s->hostname ? s->hostname : s->name,
				.given = { &s->env } };
	int r = root < 0 ? err_sys(e, errno, "open the root") : agent_files(a, e);

	if (r >= 0 && s->user)
		r = account_parse(s->user, &want.uid, &want.gid, &want.user, e);
	if (r >= 0)
		r = account_find(root, &want, &a->who, e);
	env.uid = a->who.uid;
	if (r >= 0 && env_build(&env, &a->env) < 0)
		r = err_sys(e, -ENOMEM, "build the environment");
	a->prepared = r >= 0;
	return r;
}

static int descriptors(const int out[2], struct err *e)
{
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(out[0], 1) < 0 || dup2(out[1], 2) < 0)
		return err_sys(e, errno, "make the standard descriptors");
	return 0;
}

static _Noreturn void child(struct agent *a, const char *text, const int out[2], int sync)
{
	char sh[] = "sh", c[] = "-c", *copy = strdup(text);
	char *const argv[] = { sh, c, copy, NULL };
	struct payload p = { .sync = sync,
			     .argv = argv,
			     .env = &a->env,
			     .who = a->who,
			     .caps = a->spec->caps ? a->spec->caps : node_caps(),
			     .packet_sockets = true };
	struct err e = ERR_INIT;
	int r = copy ? 0 : err_sys(&e, -ENOMEM, "command");

	payload_detach();
	payload_reset_signals();
	if (r >= 0)
		r = descriptors(out, &e);
	if (r >= 0)
		r = payload_start(&p, &e);
	sync_send_failed(p.sync, r, &e);
	_exit(125);
}

/* Until it is sh, or has said why not. */
static int await_start(int sync, struct err *e)
{
	struct sync_msg m;
	int fd, r;

	while ((r = sync_recv(sync, &m, &fd)) > 0) {
		fd_close(fd);
		if (m.type != SYNC_FAILED)
			continue;
		*e = m.err;
		return m.err.num ? m.err.num : -EREMOTEIO;
	}
	return r < 0 ? err_sys(e, r, "hear of the command") : 0;
}

pid_t job_start(struct agent *a, const char *text, const int out[2], struct err *e)
{
	const struct spawn how = { .cgroup_fd = -1 };
	_cleanup_close_ int ours = -1, its = -1;
	int pair[2], r = a->prepared ? 0 : prepare(a, e);
	pid_t pid;

	if (r >= 0)
		r = sync_pair(pair, e);
	if (r < 0)
		return r;
	ours = pair[0];
	its = pair[1];
	pid = spawn_clone(&how, NULL, e);
	if (pid == 0)
		child(a, text, out, its);
	if (pid < 0)
		return pid;
	close(take_fd(&its));
	r = await_start(ours, e);
	return r < 0 ? r : pid;
}

/* The last line that is not empty, of at most so many bytes of a file's end. */
static void last_line(int fd, char buf[LINE_MAX_SHOWN + 1])
{
	struct stat st;
	off_t from;
	ssize_t n;
	char *feed;

	buf[0] = '\0';
	if (fstat(fd, &st) < 0)
		return;
	from = st.st_size > LINE_MAX_SHOWN ? st.st_size - LINE_MAX_SHOWN : 0;
	n = pread(fd, buf, LINE_MAX_SHOWN, from);
	while (n > 0 && strchr("\n\r\t ", buf[n - 1]))
		n--;
	buf[n > 0 ? n : 0] = '\0';
	feed = strrchr(buf, '\n');
	if (feed)
		memmove(buf, feed + 1, strlen(feed + 1) + 1);
}

static int judge(int status, int fd, const char *what, struct err *e)
{
	char line[LINE_MAX_SHOWN + 1];

	if (!status)
		return 0;
	last_line(fd, line);
	if (status > 128)
		return err_set(e, -EREMOTEIO, "%s: killed by signal %d%s%s", what, status - 128,
			       *line ? ": " : "", line);
	return err_set(e, -EREMOTEIO, "%s: exit status %d%s%s", what, status, *line ? ": " : "",
		       line);
}

/*
 * Killed when its time is over, when nobody waits for it, and when the node is told to end while
 * it has not begun to.
 */
static int wait_for(struct agent *a, uint64_t until)
{
	bool killed = false;

	while (a->job_status < 0) {
		bool over = (until && agent_now() >= until) || (a->stop && !a->ending) || a->cancel;

		if (over && !killed)
			killed = kill(-a->job, SIGKILL) == 0;
		agent_turn(a, killed ? 0 : until);
	}
	return a->stop && !a->ending ? -ECANCELED : a->job_status;
}

int job_run(struct agent *a, const char *what, const char *text, uint64_t until, struct err *e)
{
	_cleanup_close_ int file = memfd_create("output", MFD_CLOEXEC);
	const int out[2] = { file, file };
	int r;

	if (file < 0)
		return err_sys(e, errno, "%s: memory for its output", what);
	a->job_status = -1;
	a->job = job_start(a, text, out, e);
	if (a->job < 0)
		return err_wrap(e, a->job, "%s", what);
	r = wait_for(a, until);
	a->job = 0;
	return r < 0 ? err_set(e, r, "%s: the node is to end", what) : judge(r, file, what, e);
}
