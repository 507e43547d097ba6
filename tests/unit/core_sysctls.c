/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which settings are a namespace's, how they may be written, what is smuggled. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/spec.h"
#include "core/sysctls.h"

static void both_forms(void **state)
{
	static const struct {
		const char *word, *want;
	} t[] = {
		{ "net.ipv4.ip_forward=1", "net/ipv4/ip_forward=1" },
		{ "net/ipv4/ip_forward=1", "net/ipv4/ip_forward=1" },
		{ "net.ipv4.conf.eth0/1.forwarding=0", "net/ipv4/conf/eth0.1/forwarding=0" },
		{ "net/ipv4/conf/eth0.1/forwarding=0", "net/ipv4/conf/eth0.1/forwarding=0" },
		{ "kernel.shm_rmid_forced=1", "kernel/shm_rmid_forced=1" },
		{ "kernel.sem=250 32000 100 128", "kernel/sem=250 32000 100 128" },
		{ "fs.mqueue.msg_max=20", "fs/mqueue/msg_max=20" },
		{ "kernel.domainname=a=b", "kernel/domainname=a=b" },
		{ "user.max_net_namespaces=3", "user/max_net_namespaces=3" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct strv v = { 0 };
		struct err e = ERR_INIT;

		if (sysctls_parse(t[i].word, &v, &e) < 0)
			fail_msg("%s: %s", t[i].word, e.msg);
		assert_string_equal(v.v[0], t[i].want);
		strv_free(&v);
	}
}

static void refused(void **state)
{
	static const char *const t[] = {
		"kernel.core_pattern=x",
		"kernel/core_pattern=x",
		"kernel.hostname=x",
		"vm.swappiness=1",
		"fs.file-max=1",
		"fs.mqueue=1",
		"net=1",
		"net.=1",
		"kernel.shm_rmid_forced+kernel.core_pattern=x",
		"kernel.shm_rmid_forced=1\nkernel.core_pattern=x",
		"net/../kernel/core_pattern=x",
		"net/ipv4/../../kernel/core_pattern=x",
		"net/./ipv4/ip_forward=1",
		"net..ipv4=1",
		"/net/ipv4/ip_forward=1",
		"net//ipv4/ip_forward=1",
		"net/ipv4/=1",
		"net.ipv4.conf.$(id).x=1",
		"=1",
		"net.ipv4.ip_forward",
		"",
		"kernel.shmmaxx=1",
		"kernel.shmma=1",
		"userx.y=1",
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct strv v = { 0 };
		struct err e = ERR_INIT;

		if (sysctls_parse(t[i], &v, &e) >= 0)
			fail_msg("taken: %s", t[i]);
		assert_int_not_equal(e.num, 0);
		assert_int_equal(v.n, 0);
	}
}

/* The value is everything behind the first '='; what the kernel makes of it is its own. */
static void a_value_is_no_second_setting(void **state)
{
	struct strv v = { 0 };

	assert_int_equal(sysctls_parse("kernel.shm_rmid_forced=1+kernel.core_pattern=x", &v, NULL),
			 0);
	assert_string_equal(v.v[0], "kernel/shm_rmid_forced=1+kernel.core_pattern=x");
	strv_free(&v);
}

static int applied(struct ct_spec *spec, const char *word, struct err *e)
{
	int r;

	err_clear(e);
	strv_add(&spec->sysctls, word);
	r = sysctls_apply(spec, -1, e);
	strv_free(&spec->sysctls);
	return r;
}

static void not_in_the_hosts_namespace(void **state)
{
	struct ct_spec spec = { .netns = NETNS_HOST };
	struct err e = ERR_INIT;

	/* who may not even have a procfs gets no further, which is as good */
	assert_int_equal(applied(&spec, "net.ipv4.ip_forward=1", &e), -EPERM);
	spec.netns = NETNS_FD;
	assert_int_equal(applied(&spec, "net.ipv4.ip_forward=1", &e), -EPERM);
	spec.ns[CT_NS_IPC].mode = CT_NS_HOST;
	assert_int_equal(applied(&spec, "kernel.shmmax=1", &e), -EPERM);
	spec.ns[CT_NS_UTS].mode = CT_NS_JOIN;
	assert_int_equal(applied(&spec, "kernel.domainname=x", &e), -EPERM);
	assert_int_equal(applied(&spec, "user.max_net_namespaces=1", &e), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_value_is_no_second_setting),
		cmocka_unit_test(not_in_the_hosts_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
