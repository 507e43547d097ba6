/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct attach: this terminal at a detached container. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/attach.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/state.h"

#define KEYS_MAX 16

struct attach_args {
	bool no_stdin, no_signals;
	unsigned char keys[KEYS_MAX];
	size_t n_keys;
};

static int set_sig_proxy(void *args, const char *value, struct err *e)
{
	struct attach_args *a = args;
	bool on = true;
	int r = value ? parse_bool(value, &on, e) : 0;

	a->no_signals = !on;
	return r;
}

/* One character, or "ctrl-" and one that is a control character with it. */
static int key_parse(const char *word, unsigned char *ret, struct err *e)
{
	const char *c = word + strlen("ctrl-");

	if (word[0] && !word[1]) {
		*ret = (unsigned char)word[0];
		return 0;
	}
	if (str_starts(word, "ctrl-") && c[0] && !c[1] &&
	    ((c[0] >= 'a' && c[0] <= 'z') || (c[0] >= '@' && c[0] <= '_'))) {
		*ret = (unsigned char)(c[0] & 0x1f);
		return 0;
	}
	return err_set(e, EINVAL, "'%s' is no key: a character, or ctrl- and one", word);
}

static int set_keys(void *args, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	struct attach_args *a = args;
	int r = strv_split(&words, value, ",");

	a->n_keys = 0;
	if (r >= 0 && words.n > KEYS_MAX)
		return err_set(e, E2BIG, "at most %d keys", KEYS_MAX);
	for (size_t i = 0; r >= 0 && i < words.n; i++)
		r = key_parse(words.v[i], &a->keys[a->n_keys++], e);
	return r;
}

const struct opt attach_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct attach_args, "no-stdin", 0, OPT_FLAG, NULL, no_stdin, "only look"),
	OPT_ALL_FN("detach-keys", 0, "KEYS", set_keys,
		   "that leave it running (default: ctrl-p,ctrl-q)"),
	OPT_ALL_FN("sig-proxy", 0, "[no]", set_sig_proxy,
		   "signals go to the command, where it has no terminal (default: yes)"),
	OPT_END,
};

static int connect_to(struct app *app, const struct ct_info *ct, struct err *e)
{
	_cleanup_close_ int dir = -1;

	if (!ct->detached) {
		err_hint(e, "`ct exec` runs another command in it");
		return err_set(e, -EINVAL, "container %s is in the foreground of another terminal",
			       ct->name);
	}
	if (!strcmp(ct->status, "exited") || !strcmp(ct->status, "dead"))
		return err_set(e, -ESRCH, "container %s is not running", ct->name);
	dir = state_dir(app->root_fd, ct->id);
	return dir < 0 ? err_sys(e, dir, "open the container's directory") : attach_connect(dir, e);
}

/* The monitor's last word was not heard; the record may have it. */
static int status_of(struct app *app, const char *id, struct err *e)
{
	struct ct_info ct = { 0 };
	int r = state_find(app->root_fd, id, &ct, NULL);

	if (r >= 0 && ct.exit_code >= 0)
		r = ct.exit_code;
	else
		r = err_set(e, -EPIPE, "the container's monitor is gone");
	ct_info_free(&ct);
	return r;
}

static int attach_to(struct app *app, const struct ct_info *ct, const struct attach_args *a,
		     struct err *e)
{
	const struct attach_options o = { a->no_stdin, a->no_signals, a->keys, a->n_keys };
	_cleanup_close_ int sock = connect_to(app, ct, e);
	int r;

	if (sock < 0)
		return sock;
	r = attach_run(sock, &o, e);
	if (r == ATTACH_DETACHED)
		return 0;
	return r == -EPIPE ? status_of(app, ct->id, e) : r;
}

int cmd_attach(struct app *app, int argc, char **argv, struct err *e)
{
	struct attach_args a = { .keys = { 'p' & 0x1f, 'q' & 0x1f }, .n_keys = 2 };
	struct ct_info ct = { 0 };
	int r = app_parse(app, &a, argc, argv, 1, 1, e);

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = state_find(app->root_fd, argv[0], &ct, e);
	if (r >= 0)
		r = attach_to(app, &ct, &a, e);
	ct_info_free(&ct);
	return r;
}
