/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running lab is made what another text of its file says, or what that would take is
 * told. The text becomes the lab's file when what goes has gone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/lab_change.h"
#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"

#define TEXT_MAX (16L * 1024 * 1024)

struct applying {
	struct supervisor *s;
	const struct question *q;
	char *text;
	size_t len;
};

static int read_text(struct applying *a, struct err *e)
{
	struct stat st;
	ssize_t n;

	if (a->q->fd < 0 || fstat(a->q->fd, &st) < 0 || st.st_size > TEXT_MAX)
		return err_set(e, -EPROTO, "no text is beside the question");
	a->text = malloc((size_t)st.st_size + 1);
	if (!a->text)
		return err_sys(e, ENOMEM, "apply");
	n = pread(a->q->fd, a->text, (size_t)st.st_size, 0);
	if (n < 0)
		return err_sys(e, errno, "read the text");
	a->text[n] = '\0';
	a->len = (size_t)n;
	return 0;
}

/* Who asks has looked at it already: one problem is enough. */
static int parse(const struct applying *a, struct topology *ret, struct err *e)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_(fabric_lacks_free) struct fabric_lacks lacks = { 0 };
	int r = lab_text_parse(a->s->live.t->name, a->text, a->len, ret, &p);

	if (r < 0)
		return err_set(e, r, "%s", p.n ? p.v[0].msg : "the text cannot be read");
	if (strcmp(ret->name, a->s->live.t->name) != 0)
		return err_set(e, -EINVAL, "the file is of lab %s", ret->name);
	return fabric_lacks(ret, true, &lacks, e);
}

static void tell(const struct topo_change *x, const struct err *e, void *ctx)
{
	const struct applying *a = ctx;
	json_t *o = json_object();

	if (x) {
		json_object_set_new(o, "change", json_string(topo_change_word(x->what)));
		json_object_set_new(o, "text", json_string(x->text));
	}
	if (e) {
		json_object_set_new(o, "failed", json_string(e->msg));
		json_object_set_new(o, "hint", json_string(e->hint));
	}
	supervisor_tell(a->q, o);
}

static int keep_file(void *ctx, struct err *e)
{
	const struct applying *a = ctx;
	int r = file_replace_at(a->s->dir_fd, LAB_FILE, a->text, a->len, 0600, false);

	return r < 0 ? err_sys(e, r, "write the file of the lab") : 0;
}

static int change(struct applying *a, struct topology *t, const struct topo_diff *d, struct err *e)
{
	struct lab_change c = {
		.diff = d,
		.line = a->q->sock,
		.hosts = supervisor_hosts(t),
		.base = strdup(json_str(a->q->o, "base", "/")),
		.adopting = keep_file,
		.tell = tell,
		.ctx = a,
	};

	if (c.hosts && c.base)
		return lab_change(&a->s->live, t, &c, e);
	free(c.hosts);
	free(c.base);
	return err_sys(e, ENOMEM, "apply");
}

static int apply(struct applying *a, struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_(topology_diff_free) struct topo_diff d = { 0 };
	struct lab_standing stands = { 0 };
	int r = read_text(a, e);

	if (r >= 0)
		r = parse(a, &t, e);
	if (r < 0)
		return r;
	r = lab_standing(&a->s->live, &stands);
	if (r >= 0)
		r = topology_diff(a->s->live.t, &stands.s, &t, &d);
	free(stands.v);
	if (r < 0)
		return err_sys(e, r, "lab %s", t.name);
	if (!json_flag(a->q->o, "dry", false))
		return change(a, &t, &d, e);
	for (size_t i = 0; i < d.n; i++)
		tell(&d.v[i], NULL, a);
	return 0;
}

int supervisor_do_apply(struct supervisor *s, const struct question *q, struct err *e)
{
	struct applying a = { .s = s, .q = q };
	int r = apply(&a, e);

	free(a.text);
	return r;
}
