/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/seccomp_words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include <seccomp.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

/* runtime-spec, config-linux.md; what a word like ERRNO carries is put in later */
const struct seccomp_word seccomp_actions[] = {
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, NULL },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), NULL },
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL, NULL },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, NULL },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, NULL },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG, NULL },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), NULL },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP, NULL },
	{ "SCMP_ACT_NOTIFY", 0, "needs a listener, and there can be one: the runner's" },
	{ NULL, 0, NULL },
};

const struct seccomp_word seccomp_operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE, NULL },
	{ "SCMP_CMP_LT", SCMP_CMP_LT, NULL },
	{ "SCMP_CMP_LE", SCMP_CMP_LE, NULL },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ, NULL },
	{ "SCMP_CMP_GE", SCMP_CMP_GE, NULL },
	{ "SCMP_CMP_GT", SCMP_CMP_GT, NULL },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ, NULL },
	{ NULL, 0, NULL },
};

const struct seccomp_word seccomp_archs[] = {
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86, NULL },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, NULL },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32, NULL },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM, NULL },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, NULL },
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS, NULL },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64, NULL },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32, NULL },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL, NULL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64, NULL },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32, NULL },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC, NULL },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64, NULL },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE, NULL },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390, NULL },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X, NULL },
	{ "SCMP_ARCH_PARISC", SCMP_ARCH_PARISC, NULL },
	{ "SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64, NULL },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, NULL },
	/* of LoongArch this libseccomp knows nothing: an entry of archMap is not for us */
	{ "SCMP_ARCH_LOONGARCH64", 0xC0000102U, NULL },
	{ "SCMP_ARCH_M68K", 4U, NULL },
	{ "SCMP_ARCH_SH", 42U, NULL },
	{ "SCMP_ARCH_SHEB", 0x8000002AU, NULL },
	{ NULL, 0, NULL },
};

const struct seccomp_word seccomp_flags[] = {
	/* threads are told too: there are none yet */
	{ "SECCOMP_FILTER_FLAG_TSYNC", 0, NULL },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG, NULL },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW, NULL },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0, "is for a listener" },
	{ NULL, 0, NULL },
};

static const char *word_at(const void *ctx, size_t i)
{
	return ((const struct seccomp_word *)ctx)[i].word;
}

int seccomp_word(const struct seccomp_word *table, const char *word, const char *where,
		 uint32_t *ret, struct err *e)
{
	const struct seccomp_word *w = table;
	const char *near;

	while (w->word && strcmp(w->word, word))
		w++;
	if (w->word && w->refused)
		return err_set(e, -EINVAL, "%s: %s %s", where, word, w->refused);
	if (w->word) {
		*ret = w->value;
		return 0;
	}
	err_set(e, -EINVAL, "%s: unknown word '%.64s'", where, word);
	near = str_nearest(word, word_at, table);
	if (near)
		err_hint(e, "did you mean %s?", near);
	return -EINVAL;
}

/*
 * Younger than the tables of the libseccomp this may be built with. Since 424 a
 * call has one number on all architectures (include/uapi/asm-generic/unistd.h).
 */
static const struct {
	const char *name;
	int nr;
} young[] = {
	{ "quotactl_fd", 443 },	      { "landlock_create_ruleset", 444 },
	{ "landlock_add_rule", 445 }, { "landlock_restrict_self", 446 },
	{ "memfd_secret", 447 },      { "process_mrelease", 448 },
	{ "futex_waitv", 449 },	      { "set_mempolicy_home_node", 450 },
	{ "cachestat", 451 },	      { "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },  { "futex_wake", 454 },
	{ "futex_wait", 455 },	      { "futex_requeue", 456 },
	{ "statmount", 457 },	      { "listmount", 458 },
	{ "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },  { "mseal", 462 },
	{ "setxattrat", 463 },	      { "getxattrat", 464 },
	{ "listxattrat", 465 },	      { "removexattrat", 466 },
	{ "open_tree_attr", 467 },    { "file_getattr", 468 },
	{ "file_setattr", 469 },
};

int seccomp_call_number(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	for (size_t i = 0; nr == __NR_SCMP_ERROR && i < ARRAY_SIZE(young); i++)
		if (!strcmp(young[i].name, name))
			nr = young[i].nr;
	return nr;
}

const char *seccomp_arch_word(void)
{
	static const struct {
		uint32_t arch;
		const char *word;
	} words[] = {
		{ SCMP_ARCH_X86_64, "amd64" },
		{ SCMP_ARCH_AARCH64, "arm64" },
		{ SCMP_ARCH_RISCV64, "riscv64" },
		{ SCMP_ARCH_PPC64LE, "ppc64le" },
	};
	uint32_t native = seccomp_arch_native();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].arch == native)
			return words[i].word;
	return "";
}
