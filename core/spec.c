/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/spec.h"

#include <stdlib.h>

static void limits_free(struct ct_limits *l)
{
	strv_free(&l->io_max);
	strv_free(&l->hugetlb);
	strv_free(&l->raw);
}

void ct_spec_free(struct ct_spec *s)
{
	strv_free(&s->labels);
	strv_free(&s->env);
	strv_free(&s->rootfs);
	strv_free(&s->masked);
	strv_free(&s->ro_paths);
	strv_free(&s->sysctls);
	strv_free(&s->groups);
	limits_free(&s->limits);
	free(s->mounts);
	free(s->devices);
	free(s->device_rules);
	free(s->uid_maps);
	free(s->gid_maps);
	free(s->rlimits);
	*s = (struct ct_spec){ 0 };
}
