/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a limit for a block device, for huge pages, or as KEY=VALUE, and as
 * what a file of counters says: what is accepted becomes a name without a way out.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/cgroup.h"
#include "core/cgroup_settings.h"
#include "core/cgroup_stats.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const struct cg_settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strchr(s->v[i].file, '/') || strstr(s->v[i].file, "..") || !s->v[i].file[0] ||
		    strchr(s->v[i].text, '\n') || !s->v[i].text[0])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char host[] = "32 31 0:29 / /memory rw - cgroup cgroup rw,memory\n"
			     "41 31 0:38 / /2 rw - cgroup2 cgroup2 rw\n";
	char *text = malloc(size + 1), *mounts = strdup(host), *words[2];
	struct cg_settings s = CG_SETTINGS_INIT;
	struct ct_limits l = { 0 };
	struct cg_trees trees;
	struct err e = ERR_INIT;
	uint64_t in, out;

	if (!text || !mounts)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	words[0] = text;
	words[1] = NULL;
	cg_stat_number(text, NULL);
	cg_stat_number(text, "oom_kill");
	cg_stat_io(text, true, &in, &out);
	cg_stat_io(text, false, &in, &out);
	if (cg_trees_at_usual_places(text, &trees))
		cg_trees_free(&trees);
	if (cg_trees_parse(mounts, &trees) < 0)
		abort();
	for (int i = 0; i < 3; i++) {
		struct strv *list[] = { &l.io_max, &l.hugetlb, &l.raw };

		l = (struct ct_limits){ 0 };
		*list[i] = (struct strv){ words, 1 };
		if (cg_settings_make(&trees, &l, &s, &e) >= 0) {
			check_settings(&s);
			cg_settings_free(&s);
		}
	}
	free(mounts);
	free(text);
	return 0;
}
