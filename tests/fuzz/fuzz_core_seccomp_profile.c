/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a profile: refused with a word, or a program that ends in a return. */
#include <linux/filter.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/seccomp_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_json_ json_t *o = json_loadb((const char *)data, size, 0, NULL);
	const struct seccomp_host host = { 0xa80425fb, "6.1.0" };
	struct seccomp_filter f = { 0 };
	struct err e = ERR_INIT;
	int r;

	if (!o)
		return 0;
	r = seccomp_profile_compile(o, &host, &f, &e);
	if (r < 0 && (!e.msg[0] || f.insns))
		abort();
	if (r >= 0 && (!f.n || BPF_CLASS(f.insns[f.n - 1].code) != BPF_RET))
		abort();
	seccomp_filter_free(&f);
	return 0;
}
