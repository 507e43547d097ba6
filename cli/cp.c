/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct cp: files into and out of a running container. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/base/cleanup.h"
#include "core/copy.h"
#include "core/state.h"

struct cp_args {
	bool archive, follow;
};

const struct opt cp_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct cp_args, "archive", 'a', OPT_FLAG, NULL, archive,
		"keep owners, set-id bits and extended attributes"),
	OPT_ROW(struct cp_args, "follow-link", 'L', OPT_FLAG, NULL, follow,
		"a source that is a symbolic link: copy what it points to"),
	OPT_END,
};

static void end_close(struct copy_end *end)
{
	fd_close(take_fd(&end->root_fd));
	free(take_ptr(end->uids.v));
	free(take_ptr(end->gids.v));
}

/* The container's name in CONTAINER:PATH; 0: a path of the host's. */
static size_t container_len(const char *word)
{
	size_t len = strcspn(word, ":/");

	return word[len] == ':' && word[0] != '.' ? len : 0;
}

static int open_container(struct app *app, const char *name, struct copy_end *ret, struct err *e)
{
	_cleanup_close_ int proc = -1;
	struct ct_info ct = { 0 };
	int r = state_find(app->root_fd, name, &ct, e);

	if (r < 0)
		return r;
	proc = procfs_open(&ct.init);
	r = proc < 0 ? proc : procfs_ids(proc, "uid_map", &ret->uids);
	if (r >= 0)
		r = procfs_ids(proc, "gid_map", &ret->gids);
	if (r >= 0)
		r = ret->root_fd = procfs_root(proc);
	if (r == -ESRCH || r == -ENOENT) {
		err_set(e, r, "container %s is not running", ct.name);
		err_hint(e, "its files are gone with it, but for volumes and --upper");
	} else if (r < 0) {
		err_sys(e, r, "open the files of container %s", ct.name);
	}
	ct_info_free(&ct);
	return r;
}

static int end_open(struct app *app, const char *word, struct copy_end *ret, struct err *e)
{
	char name[NAME_MAX_CT + 1];
	size_t len = container_len(word);

	*ret = (struct copy_end){ .root_fd = -1, .path = word };
	if (!len)
		return 0;
	if (!word[len + 1])
		return app_usage(app, err_set(e, EINVAL, "%s: a path is missing", word));
	if (len > NAME_MAX_CT)
		return err_set(e, ENOENT, "no container %.*s", (int)len, word);
	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	ret->path = word + len + 1;
	return open_container(app, name, ret, e);
}

static int check_words(struct app *app, char **argv, struct err *e)
{
	if (container_len(argv[0]) || container_len(argv[1]))
		return 0;
	err_hint(e, "CONTAINER:PATH on at least one side; for files of the host alone there is cp");
	return app_usage(app, err_set(e, EINVAL, "neither %s nor %s is in a container", argv[0],
				      argv[1]));
}

int cmd_cp(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_(end_close) struct copy_end from = { .root_fd = -1 }, to = { .root_fd = -1 };
	struct cp_args args = { 0 };
	int r = app_parse(app, &args, argc, argv, 2, 2, e);

	if (r >= 0)
		r = check_words(app, argv, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = end_open(app, argv[0], &from, e);
	if (r >= 0)
		r = end_open(app, argv[1], &to, e);
	if (r < 0)
		return r;
	return copy_run(
		&(struct copy_spec){
			.from = from, .to = to, .archive = args.archive, .follow = args.follow },
		e);
}
