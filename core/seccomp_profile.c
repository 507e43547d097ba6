/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One walk over the JSON adds rule after rule to a filter of libseccomp. What a
 * profile means where docker and OCI say little is as runc has it:
 *   - two conditions on one argument are alternatives, since libseccomp joins
 *     conditions by "and", and allows one for each argument;
 *   - a rule with the action that is the default anyway says nothing;
 *   - a profile older than the kernel must not break C libraries: what is
 *     younger than every call it names fails with ENOSYS, by a few instructions
 *     in front of libseccomp's own.
 */
#include "core/seccomp_profile.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <seccomp.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/seccomp_condition.h"
#include "core/seccomp_member.h"
#include "core/seccomp_words.h"

#define NAME_WIDTH 64
#define ARGS_MAX   6
#define X32_BIT	   0x40000000U

struct build {
	scmp_filter_ctx filter;
	const struct seccomp_host *host;
	uint32_t def; /* the default action */
	int newest; /* number of the youngest call that is named */
	uint32_t flags;
};

/* ---- actions ---- */

static int action(json_t *o, const char *where, const char *key, const char *errno_key,
		  uint32_t *ret, struct err *e)
{
	const char *word = json_string_value(json_object_get(o, key));
	json_t *given;
	uint64_t num = EPERM;
	int r;

	if (!word)
		return err_set(e, -EINVAL, "%s: %s is missing", where, key);
	r = seccomp_word(seccomp_actions, word, where, ret, e);
	if (r >= 0)
		r = seccomp_unsigned(o, where, errno_key, SECCOMP_RET_DATA, &num, e);
	if (r >= 0)
		r = seccomp_member(o, where, errno_key, JSON_INTEGER, &given, e);
	if (r < 0)
		return r;
	if (*ret == SCMP_ACT_ERRNO(0) || *ret == SCMP_ACT_TRACE(0))
		*ret |= (uint32_t)num;
	else if (given)
		return err_set(e, -EINVAL, "%s: %s has no %s", where, word, errno_key);
	return 0;
}

/* ---- a rule ---- */

static int argument(json_t *o, const char *where, struct scmp_arg_cmp *ret, struct err *e)
{
	static const char *const keys[] = { "index", "value", "valueTwo", "op", NULL };
	const char *op = json_string_value(json_object_get(o, "op"));
	uint64_t index = UINT64_MAX, value = 0, second = 0;
	uint32_t code = 0;
	int r = seccomp_keys(o, where, keys, e);

	if (r >= 0 && !op)
		r = err_set(e, -EINVAL, "%s: op is missing", where);
	if (r >= 0)
		r = seccomp_word(seccomp_operators, op, where, &code, e);
	if (r >= 0)
		r = seccomp_unsigned(o, where, "index", ARGS_MAX - 1, &index, e);
	if (r >= 0 && index == UINT64_MAX)
		r = err_set(e, -EINVAL, "%s: index is missing", where);
	if (r >= 0)
		r = seccomp_unsigned(o, where, "value", INT64_MAX, &value, e);
	if (r >= 0)
		r = seccomp_unsigned(o, where, "valueTwo", INT64_MAX, &second, e);
	if (r >= 0)
		*ret = (struct scmp_arg_cmp){ (unsigned)index, (enum scmp_compare)code, value,
					      second };
	return r;
}

struct rule {
	uint32_t action;
	struct scmp_arg_cmp arg[ARGS_MAX * 2];
	unsigned n_args;
	bool alternatives; /* one rule for each argument */
};

static int arguments(json_t *o, const char *where, struct rule *ret, struct err *e)
{
	json_t *list, *v;
	unsigned seen[ARGS_MAX] = { 0 };
	size_t i;
	int r = seccomp_member(o, where, "args", JSON_ARRAY, &list, e);

	if (r >= 0 && json_array_size(list) > ARRAY_SIZE(ret->arg))
		r = err_set(e, -EINVAL, "%s: more than %zu args", where, ARRAY_SIZE(ret->arg));
	json_array_foreach(list, i, v)
	{
		if (r >= 0)
			r = argument(v, where, &ret->arg[ret->n_args], e);
		if (r < 0)
			break;
		if (seen[ret->arg[ret->n_args++].arg]++)
			ret->alternatives = true;
	}
	return r;
}

static int add_one(const struct build *b, const struct rule *rule, int nr, unsigned first,
		   unsigned n)
{
	int r = seccomp_rule_add_array(b->filter, rule->action, nr, n, rule->arg + first);

	/* an architecture in the filter may not have it; the rule may be there already */
	return r == -EFAULT || r == -EDOM || r == -EACCES ? 0 : r;
}

static int add_call(struct build *b, const struct rule *rule, const char *name, bool counts,
		    const char *where, struct err *e)
{
	int nr = seccomp_call_number(name), r = 0;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	if (nr > b->newest)
		b->newest = nr;
	if (!counts || rule->action == b->def)
		return 0;
	if (!rule->alternatives)
		r = add_one(b, rule, nr, 0, rule->n_args);
	for (unsigned i = 0; r >= 0 && rule->alternatives && i < rule->n_args; i++)
		r = add_one(b, rule, nr, i, 1);
	if (r == -EEXIST)
		return err_set(e, -EINVAL, "%s: %s has another action already", where, name);
	return r < 0 ? err_sys(e, r, "%s: %s", where, name) : 0;
}

static int rule_names(struct build *b, json_t *o, const struct rule *rule, bool counts,
		      const char *where, struct err *e)
{
	json_t *name, *names, *v;
	size_t i;
	int r = seccomp_member(o, where, "name", JSON_STRING, &name, e);

	if (r >= 0)
		r = seccomp_member(o, where, "names", JSON_ARRAY, &names, e);
	if (r < 0)
		return r;
	if (!name == !names)
		return err_set(e, -EINVAL, "%s: one of names and name is needed", where);
	if (name)
		return add_call(b, rule, json_string_value(name), counts, where, e);
	json_array_foreach(names, i, v)
	{
		if (!json_is_string(v))
			return err_set(e, -EINVAL, "%s: names holds what is no name", where);
		r = add_call(b, rule, json_string_value(v), counts, where, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_rule(struct build *b, json_t *o, size_t number, struct err *e)
{
	static const char *const keys[] = { "names",   "name",	   "action",   "errnoRet", "args",
					    "comment", "includes", "excludes", NULL };
	struct rule rule = { 0 };
	char where[NAME_WIDTH];
	bool counts = false;
	int r;

	snprintf(where, sizeof(where), "syscalls[%zu]", number);
	r = seccomp_keys(o, where, keys, e);
	if (r >= 0)
		r = action(o, where, "action", "errnoRet", &rule.action, e);
	if (r >= 0)
		r = arguments(o, where, &rule, e);
	if (r >= 0)
		r = seccomp_applies(b->host, o, where, &counts, e);
	return r < 0 ? r : rule_names(b, o, &rule, counts, where, e);
}

/* ---- the profile ---- */

static int add_archs(struct build *b, json_t *list, struct err *e)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		const char *word = json_string_value(v);
		uint32_t arch = 0;
		int r = word ? seccomp_word(seccomp_archs, word, "architectures", &arch, e)
			     : err_set(e, -EINVAL, "architectures holds what is no word");

		if (r >= 0)
			r = seccomp_arch_add(b->filter, arch);
		if (r < 0 && r != -EEXIST)
			return word && r == -EDOM ? err_set(e, -EINVAL,
							    "architecture %s cannot "
							    "be beside this "
							    "machine's",
							    word)
						  : r;
	}
	return 0;
}

/* The entry of this machine's architecture brings those that run beside it. */
static int arch_map(struct build *b, json_t *list, struct err *e)
{
	static const char *const keys[] = { "architecture", "subArchitectures", NULL };
	json_t *o, *sub;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const char *word = json_string_value(json_object_get(o, "architecture"));
		uint32_t arch = 0;
		int r = seccomp_keys(o, "archMap", keys, e);

		if (r >= 0)
			r = word ? seccomp_word(seccomp_archs, word, "archMap", &arch, e)
				 : err_set(e, -EINVAL, "archMap: architecture is missing");
		if (r >= 0)
			r = seccomp_member(o, "archMap", "subArchitectures", JSON_ARRAY, &sub, e);
		if (r >= 0 && arch == seccomp_arch_native())
			r = add_archs(b, sub, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int profile_archs(struct build *b, json_t *o, struct err *e)
{
	json_t *map, *list;
	int r = seccomp_member(o, "the profile", "archMap", JSON_ARRAY, &map, e);

	if (r >= 0)
		r = seccomp_member(o, "the profile", "architectures", JSON_ARRAY, &list, e);
	if (r < 0)
		return r;
	if (json_array_size(map) && json_array_size(list))
		return err_set(e, -EINVAL, "archMap and architectures are both given");
	r = add_archs(b, list, e);
	return r < 0 ? r : arch_map(b, map, e);
}

static int profile_flags(struct build *b, json_t *o, struct err *e)
{
	json_t *list, *v;
	size_t i;
	int r = seccomp_member(o, "the profile", "flags", JSON_ARRAY, &list, e);

	json_array_foreach(list, i, v)
	{
		uint32_t flag = 0;

		if (r >= 0)
			r = json_is_string(v) ? seccomp_word(seccomp_flags, json_string_value(v),
							     "flags", &flag, e)
					      : err_set(e, -EINVAL, "flags holds what is no word");
		b->flags |= flag;
	}
	return r;
}

static int profile_head(struct build *b, json_t *o, struct err *e)
{
	static const char *const keys[] = { "defaultAction",
					    "defaultErrnoRet",
					    "architectures",
					    "archMap",
					    "syscalls",
					    "flags",
					    NULL };
	int r = seccomp_keys(o, "the profile", keys, e);

	if (r >= 0)
		r = action(o, "the profile", "defaultAction", "defaultErrnoRet", &b->def, e);
	if (r < 0)
		return r;
	b->filter = seccomp_init(b->def);
	if (!b->filter)
		return err_sys(e, -ENOMEM, "start a filter");
	/* the tree is searched in the time of 9 comparisons, a row would take 400 */
	seccomp_attr_set(b->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(b->filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	r = profile_archs(b, o, e);
	return r < 0 ? r : profile_flags(b, o, e);
}

/* ---- the program ---- */

/* Whether a call that nobody knew when the profile was written would be denied. */
static bool denies(uint32_t act)
{
	return act == SCMP_ACT_KILL || act == SCMP_ACT_KILL_PROCESS ||
	       ((act & SECCOMP_RET_ACTION_FULL) == SCMP_ACT_ERRNO(0) &&
		act != SCMP_ACT_ERRNO(ENOSYS));
}

static size_t young_calls(const struct build *b, struct sock_filter *v)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)b->newest, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	if (b->newest <= 0 || !denies(b->def))
		return 0;
	memcpy(v, head, sizeof(head));
	return ARRAY_SIZE(head);
}

static int program(const struct build *b, struct seccomp_filter *ret, struct err *e)
{
	_cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
	_cleanup_free_ struct sock_filter *v = NULL;
	struct sock_filter head[8];
	size_t n = young_calls(b, head);
	struct stat st;
	int r = fd < 0 ? -errno : seccomp_export_bpf(b->filter, fd);

	if (r < 0 || fstat(fd, &st) < 0)
		return err_sys(e, r < 0 ? r : -errno, "export the filter");
	if ((size_t)st.st_size / sizeof(*v) + n > BPF_MAXINSNS)
		return err_set(e, -E2BIG, "the profile needs %zu instructions, the kernel takes %d",
			       (size_t)st.st_size / sizeof(*v) + n, BPF_MAXINSNS);
	v = malloc((size_t)st.st_size + sizeof(head));
	if (!v)
		return -ENOMEM;
	memcpy(v, head, n * sizeof(*v));
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    fd_read_all(fd, v + n, (size_t)st.st_size) != (ssize_t)st.st_size)
		return err_sys(e, errno, "read the filter");
	*ret = (struct seccomp_filter){ .n = (uint16_t)(n + (size_t)st.st_size / sizeof(*v)),
					.flags = b->flags };
	ret->insns = take_ptr(v);
	return 0;
}

static void cleanup_build(struct build *b)
{
	if (b->filter)
		seccomp_release(b->filter);
}

int seccomp_profile_compile(json_t *profile, const struct seccomp_host *host,
			    struct seccomp_filter *ret, struct err *e)
{
	_cleanup_(cleanup_build) struct build b = { .host = host };
	json_t *rules, *o;
	size_t i;
	int r = profile_head(&b, profile, e);

	if (r >= 0)
		r = seccomp_member(profile, "the profile", "syscalls", JSON_ARRAY, &rules, e);
	if (r < 0)
		return r;
	json_array_foreach(rules, i, o)
	{
		r = add_rule(&b, o, i, e);
		if (r < 0)
			return r;
	}
	return program(&b, ret, e);
}
