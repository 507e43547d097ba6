/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/caps.h"

static void names_in_any_form(void **state)
{
	uint64_t m = 0;

	assert_int_equal(caps_parse("NET_ADMIN", &m, NULL), 0);
	assert_int_equal(m, 1ULL << CAP_NET_ADMIN);
	assert_int_equal(caps_parse("cap_net_raw", &m, NULL), 0);
	assert_int_equal(m, 1ULL << CAP_NET_RAW);
	assert_int_equal(caps_parse("Cap_Checkpoint_Restore", &m, NULL), 0);
	assert_int_equal(m, 1ULL << CAP_CHECKPOINT_RESTORE);
	assert_int_equal(caps_parse("all", &m, NULL), 0);
	assert_int_equal(m, caps_all());
}

static void unknown_names_get_a_suggestion(void **state)
{
	static const char *const bad[] = { "",	 "cap_",      "cap_all",	  "NET_ADMIN ",
					   "12", "NET-ADMIN", "NET_ADMIN,NET_RAW" };
	uint64_t m = 42;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(caps_parse(bad[i], &m, NULL), -EINVAL);
	assert_int_equal(caps_parse("cap_net_admn", &m, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "cap_net_admn"));
	assert_non_null(strstr(e.hint, "NET_ADMIN"));
	assert_int_equal(m, 42);
	assert_int_equal(caps_parse("a-word-that-is-longer-than-any-capability-is", &m, &e),
			 -EINVAL);
}

static void the_default_is_dockers(void **state)
{
	assert_int_equal(caps_default(), 0xa80425fb);
}

static void all_is_what_the_kernel_has(void **state)
{
	FILE *f = fopen("/proc/sys/kernel/cap_last_cap", "re");
	char line[16] = "";

	if (!f)
		skip();
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_int_equal(caps_all(), UINT64_MAX >> (63 - strtoul(line, NULL, 10)));
}

/* A line of /proc/self/status, hexadecimal. */
static uint64_t status_hex(const char *key)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t v = UINT64_MAX;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			v = strtoull(line + strlen(key) + 1, NULL, 16);
	if (f)
		fclose(f);
	return v;
}

/* Steps are numbered so that the exit status tells which one failed. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int root_with_the_default(void)
{
	uint64_t held = status_hex("CapPrm:"), want = caps_default() & held;

	if (caps_become(&(struct caps_want){ .mask = caps_default(), .uid = 0, .gid = 0 }, NULL) <
	    0)
		return 1;
	if (status_hex("CapBnd:") != want || status_hex("CapPrm:") != want ||
	    status_hex("CapEff:") != want)
		return 2;
	if (status_hex("CapInh:") || status_hex("CapAmb:"))
		return 3;
	return getgroups(0, NULL) != 0 ? 4 : 0;
}

static int root_with_inheritable_and_ambient(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];
	gid_t groups[] = { 4, 5 };

	if (syscall(SYS_capget, &h, d) < 0)
		return 1;
	d[0].inheritable = d[0].permitted;
	if (syscall(SYS_capset, &h, d) < 0 || setgroups(2, groups) < 0)
		return 2;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0) < 0)
		return 3;
	return root_with_the_default();
}

static int a_user_has_none(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return 1;
	if (caps_become(&(struct caps_want){ .mask = caps_default(), .uid = 1234, .gid = 4321 },
			NULL) < 0)
		return 2;
	if (getuid() != 1234 || geteuid() != 1234 || getgid() != 4321 || getegid() != 4321)
		return 3;
	if (status_hex("CapPrm:") || status_hex("CapEff:") || status_hex("CapAmb:"))
		return 4;
	if (status_hex("CapBnd:") & ~caps_default())
		return 5;
	return setuid(0) == 0 ? 6 : 0;
}

static int twice_and_less(void)
{
	uint64_t few = 1ULL << CAP_CHOWN, was = status_hex("CapPrm:");
	struct err e = ERR_INIT;

	if (caps_become(&(struct caps_want){ .mask = few, .uid = 0, .gid = 0 }, NULL) < 0)
		return 1;
	/* nothing comes back, and nothing has to be dropped that is gone */
	if (caps_become(&(struct caps_want){ .mask = few, .uid = 0, .gid = 0 }, NULL) < 0)
		return 2;
	if (status_hex("CapEff:") != (few & was))
		return 3;
	/* SETPCAP is gone with the rest: what is still bound cannot be dropped */
	if (caps_become(&(struct caps_want){ .mask = 0, .uid = 0, .gid = 0 }, &e) != -EPERM ||
	    !strstr(e.msg, "CHOWN"))
		return 4;
	return 0;
}

static void becoming(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(root_with_the_default), 0);
	assert_int_equal(in_child(root_with_inheritable_and_ambient), 0);
	assert_int_equal(in_child(a_user_has_none), 0);
	assert_int_equal(in_child(twice_and_less), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_any_form),
		cmocka_unit_test(unknown_names_get_a_suggestion),
		cmocka_unit_test(the_default_is_dockers),
		cmocka_unit_test(all_is_what_the_kernel_has),
		cmocka_unit_test(becoming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
