/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_place.h"

#include <stdlib.h>
#include <string.h>

#include "cli/lab_control.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"

void lab_place_free(struct lab_place *p)
{
	strv_free(&p->env);
	free(p->user);
	free(p->cgroup);
	*p = (struct lab_place){ 0 };
}

static char *copy(const json_t *o, const char *key)
{
	const char *s = json_str(o, key, NULL);

	return s ? strdup(s) : NULL;
}

static int take_place(const json_t *o, void *ctx)
{
	const json_t *env = json_object_get(o, "env");
	struct lab_place *p = ctx;
	int r = 0;

	p->p.host.pid = (pid_t)json_int(o, "pid", 0);
	p->p.host.start = (uint64_t)json_int(o, "start", 0);
	p->p.caps = (uint64_t)json_int(o, "caps", 0);
	p->user = copy(o, "user");
	p->cgroup = copy(o, "cgroup");
	for (size_t i = 0; r >= 0 && i < json_array_size(env); i++)
		r = strv_add(&p->env, json_string_value(json_array_get(env, i)));
	return r;
}

int lab_place(struct app *app, struct lab *l, const char *node, struct lab_place *ret,
	      struct err *e)
{
	int r;

	*ret = (struct lab_place){ 0 };
	r = lab_ask(app, l, json_pack("{s:s, s:s}", "do", "place", "node", node), -1, take_place,
		    ret, e);
	if (r < 0) {
		lab_place_free(ret);
		return r;
	}
	ret->p.lab = l->rec.name;
	ret->p.name = node;
	ret->p.user = ret->user;
	ret->p.cgroup = ret->cgroup;
	ret->p.env = &ret->env;
	return 0;
}
