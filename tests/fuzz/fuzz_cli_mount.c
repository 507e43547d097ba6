/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as --mount, --volume and --tmpfs: refused with a word, or a mount that is whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device.h"
#include "cli/mount.h"
#include "cli/mount_opts.h"
#include "cli/volume.h"
#include "core/base/err.h"
#include "core/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int add_fn(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e);

static void try(add_fn *add, const char *word)
{
	struct strv owned = { 0 };
	struct ct_spec s = { 0 };
	struct err e = ERR_INIT;
	int r = add(&s, &owned, word, &e);

	if (r < 0 && (!e.msg[0] || s.n_mounts))
		abort();
	if (r >= 0 && (s.n_mounts != 1 || s.mounts[0].target[0] != '/' ||
		       (!s.mounts[0].fstype && s.mounts[0].source[0] != '/')))
		abort();
	mounts_sort(&s);
	ct_spec_free(&s);
	strv_free(&owned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ct_spec s = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	try(mount_add, text);
	try(volume_add, text);
	try(volume_add_tmpfs, text);
	device_rule_add(&s, text, NULL);
	ct_spec_free(&s);
	free(text);
	return 0;
}
