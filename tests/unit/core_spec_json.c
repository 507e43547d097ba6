/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container was asked to be, as JSON: nothing when nothing was asked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/json.h"
#include "core/spec.h"
#include "core/spec_json.h"

static void is(const struct ct_spec *spec, const char *want)
{
	_cleanup_json_ json_t *o = spec_to_json(spec);
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, want);
	free(text);
}

static void test_nothing(void **state)
{
	is(&(struct ct_spec){ .stop_timeout = UINT64_MAX, .caps = 5, .name = "x" }, "{}");
}

static void test_values(void **state)
{
	char *rootfs[] = { "/a", "/b", NULL };
	struct ct_mount mounts[] = {
		{ .source = "/src",
		  .target = "/dst",
		  .read_only = true,
		  .propagation = MS_REC | MS_SLAVE },
		{ .fstype = "tmpfs", .target = "/tmp", .size = 4096, .mode = 0700 },
	};
	struct ct_rlimit limit = { RLIMIT_NOFILE, { 10, RLIM_INFINITY } };

	is(&(struct ct_spec){ .hostname = "h", .read_only = true, .rootfs = { rootfs, 2 } },
	   "{\"hostname\":\"h\",\"read_only\":true,\"rootfs\":[\"/a\",\"/b\"]}");
	is(&(struct ct_spec){ .mounts = mounts, .n_mounts = 2 },
	   "{\"mounts\":[{\"propagation\":\"rslave\",\"read_only\":true,\"source\":\"/src\","
	   "\"target\":\"/dst\",\"type\":\"bind\"},"
	   "{\"mode\":\"0700\",\"size\":4096,\"target\":\"/tmp\",\"type\":\"tmpfs\"}]}");
	is(&(struct ct_spec){ .limits = { .memory = 1 << 20,
					  .memory_swap = -1,
					  .cpus_milli = 200 } },
	   "{\"limits\":{\"cpus_milli\":200,\"memory\":1048576,\"memory_swap\":-1}}");
	is(&(struct ct_spec){ .limits = { .pids = UINT32_MAX, .cpuset_cpus = "0-1" } },
	   "{\"limits\":{\"cpuset_cpus\":\"0-1\",\"pids\":-1}}");
	is(&(struct ct_spec){ .rlimits = &limit, .n_rlimits = 1 },
	   "{\"ulimits\":[{\"hard\":-1,\"name\":\"nofile\",\"soft\":10}]}");
	is(&(struct ct_spec){ .restart = RESTART_ON_FAILURE, .restart_max = 3, .log_none = true },
	   "{\"log\":{\"none\":true},\"restart\":\"on-failure:3\"}");
	is(&(struct ct_spec){ .netns = NETNS_HOST, .ns[CT_NS_USER] = { .mode = CT_NS_NEW } },
	   "{\"namespaces\":{\"net\":\"host\",\"user\":\"new\"}}");
	is(&(struct ct_spec){ .masks_given = true, .oom_score_adj_set = true },
	   "{\"masks\":{\"masked\":[],\"read_only\":[]},\"oom_score_adj\":0}");
}

static void test_devices(void **state)
{
	struct ct_device d = {
		.target = "/dev/x", .type = 'c', .major = 1, .minor = 5, .access = "rw"
	};
	struct ct_device_rule rule = { true, 'b', 8, -1, "r" };
	struct id_map map = { 0, 100000, 65536 };

	is(
		&(struct ct_spec){
			.devices = &d, .n_devices = 1, .device_rules = &rule, .n_device_rules = 1 },
		"{\"device_rules\":[\"allow b 8:* r\"],"
		"\"devices\":[{\"access\":\"rw\",\"number\":\"c 1:5\",\"target\":\"/dev/x\"}]}");
	is(&(struct ct_spec){ .uid_maps = &map, .n_uid_maps = 1 },
	   "{\"uid_maps\":[\"0:100000:65536\"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests_name("spec_json", tests, NULL, NULL);
}
