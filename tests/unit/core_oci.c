/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/oci.h"
#include "core/spec.h"

#define CAP(n) (1ull << (n))

struct bundle {
	struct ct_spec s;
	struct oci_bundle b;
	struct err e;
};

static int parse(struct bundle *p, const char *text)
{
	*p = (struct bundle){ 0 };
	return oci_parse(text, "/bundle", &p->s, &p->b, &p->e);
}

static void drop(struct bundle *p)
{
	ct_spec_free(&p->s);
	oci_free(&p->b);
}

/* What the fuzzer starts from has everything. */
static void a_whole_bundle_fills_the_spec(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct bundle p;
	const struct ct_spec *s = &p.s;

	assert_int_equal(file_read_at(AT_FDCWD, CT_SOURCE "/tests/fuzz/corpus/core_oci/full.json",
				      65536, &text, NULL),
			 0);
	if (parse(&p, text) < 0)
		fail_msg("%s", p.e.msg);
	assert_int_equal(s->uid, 1000);
	assert_string_equal(s->groups.v[1], "6");
	assert_false(s->new_privs);
	assert_string_equal(s->argv[2], "id");
	assert_string_equal(s->env.v[1], "A=b");
	assert_string_equal(s->workdir, "/tmp");
	assert_int_equal(p.b.caps, CAP(5) | CAP(0));
	assert_int_equal(s->ambient, CAP(5));
	assert_int_equal(s->rlimits[0].lim.rlim_cur, 1024);
	assert_true(s->rlimits[0].lim.rlim_max == RLIM_INFINITY);
	assert_int_equal(s->oom_score_adj, 100);
	assert_string_equal(s->rootfs.v[0], "/bundle/rootfs");
	assert_true(s->read_only);
	assert_false(s->rootfs_rw);
	assert_int_equal(s->shm_size, 65536 * 1024);
	assert_int_equal(s->n_mounts, 2);
	assert_string_equal(s->mounts[0].source, "/bundle/data");
	assert_true(s->mounts[0].read_only && !s->mounts[0].not_recursive);
	assert_true(s->mounts[0].propagation == (MS_SLAVE | MS_REC));
	assert_string_equal(s->mounts[1].fstype, "tmpfs");
	assert_string_equal(s->mounts[1].options, "nr_inodes=10");
	assert_int_equal(s->mounts[1].size, 1 << 20);
	assert_int_equal(s->uid_maps[0].outside, 100000);
	assert_int_equal(s->limits.memory, 64 << 20);
	assert_int_equal(s->limits.memory_swap, 128 << 20);
	assert_int_equal(s->limits.memory_reservation, 0);
	assert_int_equal(s->limits.cpus_milli, 200);
	assert_int_equal(s->limits.cpu_shares, 512);
	assert_string_equal(s->limits.cpuset_cpus, "0");
	assert_int_equal(s->limits.pids, 20);
	assert_int_equal(s->limits.io_weight, 500);
	assert_string_equal(s->limits.io_max.v[0], "8:0:rbps=1000000");
	assert_string_equal(s->limits.hugetlb.v[0], "2M=4194304");
	assert_string_equal(s->limits.raw.v[0], "memory.high=1000000");
	assert_int_equal(s->n_device_rules, 2);
	assert_int_equal(s->device_rules[0].major, -1);
	assert_true(s->device_rules[1].allow && s->device_rules[1].minor == 3);
	assert_int_equal(s->devices[0].minor, 229);
	assert_int_equal(s->devices[0].mode, 0666);
	assert_int_equal(s->ns[CT_NS_USER].mode, CT_NS_NEW);
	assert_null(p.b.net);
	assert_true(s->time_monotonic == 86400000000001);
	assert_true(s->propagation == (MS_SLAVE | MS_REC));
	assert_string_equal(s->masked.v[0], "/proc/kcore");
	assert_string_equal(s->sysctls.v[0], "kernel.domainname=example");
	assert_non_null(p.b.seccomp);
	assert_string_equal(s->labels.v[0], "org.example=x");
	drop(&p);
}

#define HEAD "{\"ociVersion\": \"1.1.0\", \"root\": {\"path\": \"r\"}"

static void what_is_not_supported_is_refused_by_name(void **state)
{
	static const struct {
		const char *rest, *member;
	} rows[] = {
		{ ",\"hooks\":{\"prestart\":[{\"path\":\"/x\"}]}", "hooks" },
		{ ",\"linux\":{\"intelRdt\":{\"closID\":\"x\"}}", "linux.intelRdt" },
		{ ",\"linux\":{\"cgroupsPath\":\"/a/b\"}", "linux.cgroupsPath" },
		{ ",\"linux\":{\"frobnicate\":1}", "linux.frobnicate" },
		{ ",\"process\":{\"scheduler\":{\"policy\":\"SCHED_FIFO\"}}", "process.scheduler" },
		{ ",\"linux\":{\"resources\":{\"memory\":{\"kernelTCP\":1}}}",
		  "linux.resources.memory.kernelTCP" },
		{ ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"ext4\",\"source\":\"/dev/x\"}]",
		  "mounts[0]" },
		{ ",\"mounts\":[{\"destination\":\"/proc\",\"type\":\"bind\",\"source\":\"/x\"}]",
		  "mounts[0]" },
		{ ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/x\","
		  "\"options\":[\"frob\"]}]",
		  "mounts[0]" },
		{ ",\"mounts\":[{\"type\":\"tmpfs\"}]", "mounts[0]: destination is missing" },
		{ ",\"mounts\":[{\"destination\":\"a\",\"type\":\"tmpfs\"}]",
		  "'a' is no absolute path below /" },
		{ ",\"mounts\":[{\"destination\":\"/a\"}]", "mounts[0]: source is missing" },
		{ ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"cgroup\"}]",
		  "add the option ro" },
		{ ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\","
		  "\"options\":[\"mode=1778\"]}]",
		  "mounts[0]: '1778' is no octal mode" },
		{ ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\","
		  "\"options\":[\"size=0000000000000000000000000000000000001m\"]}]",
		  "is no size" },
		{ ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]}", "linux.namespaces" },
		{ ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"mount\"}]}",
		  "linux.namespaces[1]" },
		{ ",\"process\":{\"env\":[\"A\"]}", "process.env" },
		{ ",\"process\":{\"args\":[1]}", "process.args" },
		{ ",\"process\":{\"cwd\":\"tmp\"}", "process.cwd" },
		{ ",\"process\":{\"user\":{\"uid\":-1}}", "process.user.uid" },
		{ ",\"process\":{\"user\":{\"uid\":4294967295}}", "process.user.uid" },
		{ ",\"process\":{\"capabilities\":{\"effective\":[\"CAP_KILL\"]}}",
		  "process.capabilities" },
		{ ",\"process\":{\"capabilities\":{\"bounding\":[\"CAP_NOPE\"]}}",
		  "process.capabilities" },
		{ ",\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_NOPE\",\"soft\":1,\"hard\":1}]}",
		  "process.rlimits[0]" },
		{ ",\"root\":{}", "duplicate" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[512];
		struct bundle p;

		snprintf(text, sizeof(text), HEAD "%s}", rows[i].rest);
		assert_int_equal(parse(&p, text), -EINVAL);
		if (!strstr(p.e.msg, rows[i].member))
			fail_msg("%s is not in: %s", rows[i].member, p.e.msg);
		drop(&p);
	}
}

static void limits_and_labels_that_are_rare(void **state)
{
	struct bundle p;
	const struct ct_spec *s = &p.s;

	if (parse(&p, HEAD
		  ",\"process\":{\"apparmorProfile\":\"mine\",\"selinuxLabel\":\"u:r:t:s0\"},"
		  "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"time\"}],"
		  "\"timeOffsets\":{\"boottime\":{\"secs\":-7,\"nanosecs\":0}},"
		  "\"resources\":{\"cpu\":{\"mems\":\"0\"},\"memory\":{\"swappiness\":60},"
		  "\"blockIO\":{\"throttleWriteBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}],"
		  "\"throttleReadIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":2}],"
		  "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":3}]}}}}") < 0)
		fail_msg("%s", p.e.msg);
	assert_string_equal(s->apparmor, "mine");
	assert_string_equal(s->selinux, "u:r:t:s0");
	assert_true(s->time_boottime == -7000000000);
	assert_string_equal(s->limits.cpuset_mems, "0");
	assert_string_equal(s->limits.raw.v[0], "memory.swappiness=60");
	assert_int_equal(s->limits.io_max.n, 3);
	assert_string_equal(s->limits.io_max.v[0], "8:0:wbps=1");
	assert_string_equal(s->limits.io_max.v[1], "8:0:riops=2");
	assert_string_equal(s->limits.io_max.v[2], "8:0:wiops=3");
	drop(&p);
}

/* What a mount is, in words of its own. */
static char *told(const struct ct_mount *m)
{
	return str_printf("%s%s%s%s%s%s%s%s%s%s mode=%o size=%llu %s",
			  m->fstype ? m->fstype : "bind", m->not_recursive ? " alone" : "",
			  m->read_only ? " ro" : "", m->recursive_ro ? " rro" : "",
			  m->exec ? " exec" : "", m->noexec ? " noexec" : "",
			  m->suid ? " suid" : "", m->dev ? " dev" : "", m->idmap ? " idmap" : "",
			  m->copy ? " copy" : "", m->mode, (unsigned long long)m->size,
			  m->options ? m->options : "-");
}

/* Later ones win over earlier ones, and what nobody knows is the file system's own. */
static void the_options_of_a_mount(void **state)
{
	static const struct {
		const char *type, *options, *told;
	} rows[] = {
		{ "bind", "\"bind\"", "bind alone mode=0 size=0 -" },
		{ "bind", "\"bind\",\"rbind\",\"ro\"", "bind ro mode=0 size=0 -" },
		{ "none", "\"ro\",\"rw\",\"relatime\"", "bind mode=0 size=0 -" },
		{ "bind", "\"rro\",\"noexec\",\"exec\"", "bind ro rro exec mode=0 size=0 -" },
		{ "bind", "\"exec\",\"noexec\",\"ridmap\"", "bind noexec idmap mode=0 size=0 -" },
		{ "bind", "\"suid\",\"dev\"", "bind suid dev mode=0 size=0 -" },
		{ "bind", "\"suid\",\"dev\",\"nosuid\",\"nodev\"", "bind mode=0 size=0 -" },
		{ "tmpfs", "\"tmpcopyup\",\"mode=755\",\"size=2m\"",
		  "tmpfs copy mode=755 size=2097152 -" },
		{ "tmpfs", "\"huge=never\",\"nr_inodes=9\"",
		  "tmpfs mode=0 size=0 huge=never,nr_inodes=9" },
		{ "tmpfs", "\"bind\"", "bind alone mode=0 size=0 -" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text = NULL, *is = NULL;
		struct bundle p;

		text = str_printf(HEAD ",\"mounts\":[{\"destination\":\"/a\",\"source\":\"/b\","
				       "\"type\":\"%s\",\"options\":[%s]}]}",
				  rows[i].type, rows[i].options);
		assert_non_null(text);
		if (parse(&p, text) < 0)
			fail_msg("%s: %s", rows[i].options, p.e.msg);
		is = told(&p.s.mounts[0]);
		assert_string_equal(is, rows[i].told);
		drop(&p);
	}
}

static void what_asks_for_nothing_is_no_error(void **state)
{
	struct bundle p;

	assert_int_equal(parse(&p, HEAD ",\"hooks\":{},\"linux\":{\"intelRdt\":null,"
					"\"mountLabel\":\"\",\"resources\":{\"network\":{}}}}"),
			 0);
	assert_true(p.s.rootfs_rw);
	assert_true(p.s.masks_given && p.s.masked.n == 0);
	assert_true(p.b.has_caps && p.b.caps == 0);
	drop(&p);
}

static void other_versions_are_refused(void **state)
{
	struct bundle p;

	assert_int_equal(parse(&p, "{\"ociVersion\":\"2.0\",\"root\":{\"path\":\"r\"}}"), -EINVAL);
	assert_non_null(strstr(p.e.msg, "ociVersion"));
	drop(&p);
	assert_int_equal(parse(&p, "{\"root\":{\"path\":\"r\"}}"), -EINVAL);
	drop(&p);
	assert_int_equal(parse(&p, "{\"ociVersion\":\"1.0.0\"}"), -EINVAL);
	drop(&p);
	assert_int_equal(parse(&p, "[]"), -EINVAL);
	drop(&p);
	assert_int_equal(parse(&p, "{\"a\":\n x}"), -EINVAL);
	assert_non_null(strstr(p.e.msg, "config.json:2:"));
	drop(&p);
}

/* Strings keep their digits. */
static void only_numbers_are_wrapped(void **state)
{
	struct bundle p;

	assert_int_equal(parse(&p, HEAD ",\"annotations\":{\"a\":\"\\\"18446744073709551615\"}}"),
			 0);
	assert_string_equal(p.s.labels.v[0], "a=\"18446744073709551615");
	drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_bundle_fills_the_spec),
		cmocka_unit_test(what_is_not_supported_is_refused_by_name),
		cmocka_unit_test(limits_and_labels_that_are_rare),
		cmocka_unit_test(the_options_of_a_mount),
		cmocka_unit_test(what_asks_for_nothing_is_no_error),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(only_numbers_are_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
