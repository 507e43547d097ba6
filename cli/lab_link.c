/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab link: the cable of a link cut and plugged in again. */
#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/lab_control.h"
#include "cli/lab_supervisor.h"
#include "core/base/err.h"
#include "core/base/json.h"

/* ---- the supervisor's side ---- */

/* The port of a switch is in the fabric anyway. */
bool lab_link_is_stitched(const struct supervisor *s, uint32_t link)
{
	const struct topology *t = s->live.t;
	const struct topo_link *x = &t->links[link];

	for (int i = 0; i < 2; i++)
		if (t->nodes[t->ifaces[x->ifaces[i]].node].kind == TOPO_SWITCH)
			return true;
	return x->stitched;
}

int lab_link_changeable(const struct supervisor *s, uint32_t link, struct err *e)
{
	if (lab_link_is_stitched(s, link))
		return 0;
	err_hint(e, "give it wire = stitched in the file");
	return err_set(e, -EOPNOTSUPP, "link %s is a direct wire, with nothing in its middle",
		       s->live.t->links[link].name);
}

int supervisor_do_link(struct supervisor *s, const struct question *q, struct err *e)
{
	uint32_t link;
	int r = supervisor_link(s, q, &link, e);
	bool was;

	r = r < 0 ? r : lab_link_changeable(s, link, e);
	if (r < 0)
		return r;
	was = s->live.t->links[link].down;
	s->live.t->links[link].down = !json_flag(q->o, "up", true);
	r = live_carrier(&s->live, link, e);
	if (r < 0)
		s->live.t->links[link].down = was;
	return err_wrap(e, r, "link %s", s->live.t->links[link].name);
}

/* ---- the command ---- */

static int parse_state(const char *word, bool *ret, struct err *e)
{
	*ret = !strcmp(word, "up");
	if (*ret || !strcmp(word, "down"))
		return 0;
	return err_set(e, EINVAL, "'%s' is neither up nor down", word);
}

int cmd_lab_link(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_lab_ struct lab lab = LAB_INIT;
	bool up = false;
	int r = app_parse(app, NULL, argc, argv, 3, 3, e);

	if (r >= 0) {
		r = parse_state(argv[2], &up, e);
		r = r < 0 ? app_usage(app, r) : r;
	}
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &lab, e);
	if (r >= 0)
		r = lab_ask(app, &lab,
			    json_pack("{s:s, s:s, s:b}", "do", "link", "link", argv[1], "up", up),
			    -1, NULL, NULL, e);
	return r;
}
