/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_profile - a system call profile in JSON, as docker's --security-opt
 * seccomp=FILE takes it (moby, profiles/seccomp) or as linux.seccomp of an OCI
 * bundle (runtime-spec, config-linux.md), turned into a BPF program by libseccomp.
 */
#ifndef CT_CORE_SECCOMP_PROFILE_H
#define CT_CORE_SECCOMP_PROFILE_H

#include <jansson.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* One program, ready to be installed. */
struct seccomp_filter {
	struct sock_filter *insns; /* owned */
	uint16_t n;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* that the profile asks for */
};

void seccomp_filter_free(struct seccomp_filter *f);

/*
 * What a profile's conditions are judged by: the container's bounding set
 * (`includes` and `excludes` with `caps`), and the kernel's release ("6.1.0", of
 * uname(2)) for `minKernel`. The architecture is the one this is built for.
 */
struct seccomp_host {
	uint64_t caps;
	const char *release;
};

/*
 * Both forms; a key or a word that is not known is refused by name (-EINVAL).
 * System calls that nobody knows are passed over, as docker and runc do, since a
 * profile names those of kernels to come. Under a default action that denies, a call younger than
 * every one the profile names gets ENOSYS, so that C libraries fall back.
 */
int seccomp_profile_compile(json_t *profile, const struct seccomp_host *host,
			    struct seccomp_filter *ret, struct err *e);

/*
 * The same for a profile as text, kept compiled in ROOT/cache/seccomp by
 * content, capabilities, kernel and version of this program: it is compiled
 * once. A cache that cannot be used, or is damaged, costs the compilation.
 */
int seccomp_profile_get(int root_fd, const char *text, size_t len, uint64_t caps,
			struct seccomp_filter *ret, struct err *e);

/* A container's program beside its record, for who enters it later. */
int seccomp_filter_save(int root_fd, const char *id, const struct seccomp_filter *f, struct err *e);
int seccomp_filter_load(int root_fd, const char *id, struct seccomp_filter *ret, struct err *e);

#endif
