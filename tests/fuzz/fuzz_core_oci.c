/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a bundle's config.json: refused with a message, or a whole spec. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/oci.h"
#include "core/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void close_namespaces(struct ct_spec *s)
{
	for (int k = 0; k < CT_NS_KINDS; k++)
		if (s->ns[k].mode == CT_NS_JOIN)
			fd_close(s->ns[k].fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ct_spec spec = { 0 };
	struct oci_bundle b = { 0 };
	struct err e = ERR_INIT;
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = oci_parse(text, "/bundle", &spec, &b, &e);
	if (r < 0 && (!e.msg[0] || e.num != r))
		abort();
	if (r >= 0 && (spec.rootfs.n != 1 || (b.has_args && !spec.argv[0])))
		abort();
	close_namespaces(&spec);
	ct_spec_free(&spec);
	oci_free(&b);
	free(text);
	return 0;
}
