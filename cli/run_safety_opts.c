/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for what a container may do. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#include "cli/mount_mask.h"
#include "cli/run_opts.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/base/parse.h"
#include "core/caps.h"
#include "core/lsm.h"
#include "core/sysctls.h"

#define NET_RAW	    (1ull << CAP_NET_RAW)
#define NET_ADMIN   (1ull << CAP_NET_ADMIN)
#define PROFILE_MAX (1UL << 20)

/* ---- capabilities ---- */

static int set_cap_add(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_add |= mask;
	/* by name: ALL alone does not ask for packet sockets */
	if (mask == NET_RAW || mask == NET_ADMIN)
		a->spec.packet_sockets = true;
	return r;
}

static int set_cap_drop(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	a->cap_drop |= mask;
	return r;
}

/* By name it is also added; ALL is whatever the container has in the end. */
static int set_cap_ambient(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	uint64_t mask = 0;
	int r = caps_parse(value, &mask, e);

	if (r < 0)
		return r;
	a->spec.ambient |= mask;
	return mask == caps_all() ? 0 : set_cap_add(args, value, e);
}

/* ---- --security-opt ---- */

static int set_seccomp(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (!*value)
		return err_set(e, EINVAL, "want a file, unconfined or default");
	a->seccomp = value;
	return 0;
}

static int set_no_new_privs(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;
	bool on = true;
	int r = *value ? parse_bool(value, &on, e) : 0;

	a->no_new_privs = on ? SWITCH_ON : SWITCH_OFF;
	return r;
}

static int set_apparmor(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (!*value)
		return err_set(e, EINVAL, "want the name of a profile, or unconfined");
	a->spec.apparmor = strcmp(value, "unconfined") ? value : NULL;
	return 0;
}

static const char *const label_parts[RUN_LABEL_PARTS] = { "user", "role", "type", "level" };

/* disable, or one part of the label: type:NAME. */
static int set_label(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (!strcmp(value, "disable")) {
		memset(a->label, 0, sizeof(a->label));
		return 0;
	}
	for (size_t i = 0; i < RUN_LABEL_PARTS; i++) {
		size_t n = strlen(label_parts[i]);

		if (strncmp(value, label_parts[i], n) || value[n] != ':' || !value[n + 1])
			continue;
		a->label[i] = value + n + 1;
		return 0;
	}
	return err_set(e, EINVAL, "'%.64s': want disable, user:U, role:R, type:T or level:L",
		       value);
}

static int set_mask(void *args, const char *value, struct err *e)
{
	return mount_mask_parse(&((struct run_args *)args)->mask, value, e);
}

static int set_unmask(void *args, const char *value, struct err *e)
{
	return mount_mask_parse(&((struct run_args *)args)->unmask, value, e);
}

static int set_systempaths(void *args, const char *value, struct err *e)
{
	if (strcmp(value, "unconfined"))
		return err_set(e, EINVAL, "'%.64s': want unconfined", value);
	return set_unmask(args, "ALL", e);
}

/* docker's and podman's words */
static const struct security_word {
	const char *word;
	int (*set)(void *args, const char *value, struct err *e);
	bool alone; /* a value may be left out */
} security_words[] = {
	{ "no-new-privileges", set_no_new_privs, true },
	{ "seccomp", set_seccomp, false },
	{ "apparmor", set_apparmor, false },
	{ "label", set_label, false },
	{ "mask", set_mask, false },
	{ "unmask", set_unmask, false },
	{ "systempaths", set_systempaths, false },
};

static const char *security_word_at(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(security_words) ? security_words[i].word : NULL;
}

/* WORD=VALUE; docker also takes WORD:VALUE. */
static int set_security_opt(void *args, const char *value, struct err *e)
{
	size_t n = strcspn(value, "=:");
	char word[32];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", n < sizeof(word) ? (int)n : 31, value);
	for (size_t i = 0; i < ARRAY_SIZE(security_words); i++) {
		const struct security_word *w = &security_words[i];
		int r;

		if (strcmp(word, w->word))
			continue;
		if (!value[n] && !w->alone)
			return err_set(e, EINVAL, "%s needs a value: %s=VALUE", word, word);
		r = w->set(args, value[n] ? value + n + 1 : "", e);
		return r < 0 ? err_wrap(e, r, "%s", word) : 0;
	}
	err_set(e, EINVAL, "unknown word '%s'", word);
	near = str_nearest(word, security_word_at, NULL);
	if (near)
		err_hint(e, "did you mean %s?", near);
	return -EINVAL;
}

static int add_sysctl(void *strv, const char *value, struct err *e)
{
	return sysctls_parse(value, strv, e);
}

const struct opt run_safety_opts[] = {
	OPT_HEADING("Safety"),
	FN("cap-add", 0, "CAP", set_cap_add, "give a capability, or ALL, repeatable"),
	FN("cap-drop", 0, "CAP", set_cap_drop, "take one away, or ALL, repeatable"),
	FN("cap-ambient", 0, "CAP", set_cap_ambient,
	   "give one that a user who is not root keeps, or ALL, repeatable"),
	FN("seccomp", 0, "FILE", set_seccomp,
	   "system call filter: a profile in JSON, unconfined, or default"),
	FN("security-opt", 0, "WORD[=VALUE]", set_security_opt,
	   "no-new-privileges[=no], seccomp=, apparmor=, label=, mask=, unmask=,\n"
	   "                                  systempaths=unconfined; repeatable"),
	ROW("privileged", 0, OPT_FLAG, NULL, spec.privileged,
	    "all capabilities, no filter, nothing masked"),
	AT("sysctl", 0, "NAME=VALUE", spec.sysctls, add_sysctl,
	   "setting of a namespace of its own, repeatable"),
	OPT_END,
};

/* ---- when all are known ---- */

static void finish_caps(struct run_args *a)
{
	struct ct_spec *s = &a->spec;

	s->caps = caps_default();
	if (s->privileged)
		s->caps = caps_all();
	else if (a->bundle_dir)
		s->caps = a->bundle.has_caps ? a->bundle.caps : caps_default();
	/* another's network namespace: no raw sockets there unless asked for */
	if (a->nets.join && !s->privileged)
		s->caps &= ~NET_RAW;
	/* as docker: what is named wins over ALL, whichever way round */
	if (a->cap_add == caps_all())
		s->caps = a->cap_add & ~a->cap_drop;
	else
		s->caps = (s->caps & ~a->cap_drop) | a->cap_add;
	s->ambient &= s->caps;
}

/* What is not said is as container-selinux has it. */
static int finish_label(struct run_args *a)
{
	static const char *const usual[RUN_LABEL_PARTS] = { "system_u", "system_r", "container_t",
							    "s0" };
	const char *v[RUN_LABEL_PARTS];
	bool any = false;
	int r;

	for (size_t i = 0; i < RUN_LABEL_PARTS; i++) {
		any = any || a->label[i];
		v[i] = a->label[i] ? a->label[i] : usual[i];
	}
	if (!any)
		return 0;
	r = strv_add_take(&a->owned, str_printf("%s:%s:%s:%s", v[0], v[1], v[2], v[3]));
	a->spec.selinux = r < 0 ? NULL : a->owned.v[a->owned.n - 1];
	return r;
}

int run_safety_finish(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;
	int r = finish_label(a);

	finish_caps(a);
	s->new_privs = s->new_privs || s->privileged;
	if (a->no_new_privs)
		s->new_privs = a->no_new_privs == SWITCH_OFF;
	if (a->seccomp)
		s->seccomp_unconfined = !strcmp(a->seccomp, "unconfined");
	else if (s->privileged)
		s->seccomp_unconfined = true;
	return r < 0 ? err_sys(e, r, "options") : 0;
}

/* ---- before the start ---- */

static int profile_text(const struct run_args *a, char **ret, size_t *ret_len, struct err *e)
{
	int r;

	if (a->seccomp) {
		r = file_read_at(AT_FDCWD, a->seccomp, PROFILE_MAX, ret, ret_len);
		return r < 0 ? err_sys(e, r, "%s", a->seccomp) : 0;
	}
	*ret = json_dumps(a->bundle.seccomp, JSON_COMPACT);
	*ret_len = *ret ? strlen(*ret) : 0;
	return *ret ? 0 : -ENOMEM;
}

static int load_profile(struct run_args *a, int root_fd, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r;

	if (a->spec.seccomp_unconfined ||
	    (a->seccomp && (!strcmp(a->seccomp, "default") || !strcmp(a->seccomp, "builtin"))))
		return 0;
	if (!a->seccomp && !a->bundle.seccomp)
		return 0;
	r = profile_text(a, &text, &len, e);
	if (r < 0)
		return r;
	r = seccomp_profile_get(root_fd, text, len, a->spec.caps, &a->filter, e);
	if (r < 0)
		return err_wrap(e, r, "%s", a->seccomp ? a->seccomp : "linux.seccomp");
	a->spec.filter = a->filter.insns;
	a->spec.n_filter = a->filter.n;
	a->spec.filter_flags = a->filter.flags;
	return 0;
}

int run_safety_prepare(struct run_args *a, int root_fd, struct err *e)
{
	int r = lsm_check(&(struct lsm_labels){ a->spec.apparmor, a->spec.selinux }, e);

	return r < 0 ? r : load_profile(a, root_fd, e);
}

bool run_safety_outlived(const struct run_args *a)
{
	return a->spec.init && a->spec.caps & 1ull << CAP_SYS_PTRACE;
}
