/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --mount, --device, --device-cgroup-rule, --mask: words into the specification. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "cli/device.h"
#include "cli/mount.h"
#include "cli/mount_mask.h"
#include "cli/mount_opts.h"
#include "cli/volume.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/dev.h"
#include "core/spec.h"

#include <linux/capability.h>

static void mounts(void **state)
{
	_cleanup_(strv_free) struct strv owned = { 0 };
	struct ct_spec s = { 0 };
	const struct ct_mount *m;

	(void)state;
	assert_int_equal(mount_add(&s, &owned, "type=bind,source=/a,target=/b,readonly", NULL), 0);
	assert_int_equal(mount_add(&s, &owned,
				   "type=bind,src=/a,dst=/c,ro=true,bind-recursive=writable,"
				   "bind-propagation=rslave,noexec",
				   NULL),
			 0);
	assert_int_equal(mount_add(&s, &owned, "src=/a,destination=/d,ro=false,idmap", NULL), 0);
	assert_int_equal(mount_add(&s, &owned,
				   "type=tmpfs,target=/e,tmpfs-size=1M,tmpfs-mode=0700,uid=5,gid=6",
				   NULL),
			 0);
	assert_int_equal(mount_add(&s, &owned,
				   "\"source=/x,\"\"y\"\"\",\"target=/f,g\",bind-nonrecursive",
				   NULL),
			 0);
	assert_int_equal(s.n_mounts, 5);
	m = s.mounts;
	assert_string_equal(m[0].source, "/a");
	assert_string_equal(m[0].target, "/b");
	assert_true(m[0].read_only && m[0].recursive_ro && !m[0].fstype);
	assert_true(m[1].read_only && !m[1].recursive_ro && m[1].noexec);
	assert_int_equal(m[1].propagation, MS_SLAVE | MS_REC);
	assert_true(!m[2].read_only && m[2].idmap);
	assert_string_equal(m[3].fstype, "tmpfs");
	assert_int_equal(m[3].size, 1 << 20);
	assert_int_equal(m[3].mode, 0700);
	assert_string_equal(m[3].options, "uid=5,gid=6");
	assert_string_equal(m[4].source, "/x,\"y\"");
	assert_string_equal(m[4].target, "/f,g");
	assert_true(m[4].not_recursive);
	ct_spec_free(&s);
}

static void mounts_refused(void **state)
{
	static const struct {
		const char *word, *msg, *hint;
	} cases[] = {
		{ "type=bind", "target= is missing", "" },
		{ "type=bind,target=/a", "source= is missing", "" },
		{ "type=bind,source=,target=/a", "source: an empty path", "" },
		{ "type=bind,source=a,target=/a", "'a': the source is a path: /... or ./...", "" },
		{ "type=tmpfs,source=/a,target=/a", "a tmpfs has no source", "" },
		{ "type=tmpfs,target=/",
		  "'/': the place in the container is an absolute path below /", "" },
		{ "type=tmpfs,target=/./",
		  "'/./': the place in the container is an absolute path below /", "" },
		{ "type=tmpfs,target=a",
		  "'a': the place in the container is an absolute path below /", "" },
		{ "type", "'type' needs a value: type=...", "" },
		{ "type=overlay", "type: unknown type 'overlay'", "known are bind and tmpfs" },
		{ "source=/a,target=/b,readonl", "unknown option 'readonl' of a bind mount",
		  "did you mean readonly?" },
		{ "source=/a,target=/b,tmpfs-siz=1M", "unknown option 'tmpfs-siz' of a bind mount",
		  "did you mean tmpfs-size?" },
		{ "source=/a,target=/b,readonly=maybe", NULL, NULL },
		{ "source=/a,target=/b,bind-recursive=no", NULL, NULL },
		{ "source=/a,target=/b,tmpfs-size=1M", "unknown option 'size' of a bind mount",
		  NULL },
		{ "type=tmpfs,target=/b,bind-propagation=slave", NULL, NULL },
		{ "type=tmpfs,target=/b,bind-recursive=writable", "bind-recursive is for type=bind",
		  "" },
		{ "type=tmpfs,target=/b,uid=-1", NULL, NULL },
		{ "\"source=/a", "a quote is not closed", "" },
		{ "\"source=/a\"x,target=/b", "a comma is missing behind 'source=/a'", "" },
		{ "source=\"/a\",target=/b",
		  "'source=\"/a\"': quotes go around the whole KEY=VALUE", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(strv_free) struct strv owned = { 0 };
		struct ct_spec s = { 0 };
		struct err e = ERR_INIT;

		assert_true(mount_add(&s, &owned, cases[i].word, &e) < 0);
		if (cases[i].msg)
			assert_string_equal(e.msg, cases[i].msg);
		if (cases[i].hint)
			assert_string_equal(e.hint, cases[i].hint);
		assert_true(e.msg[0]);
		assert_int_equal(s.n_mounts, 0);
	}
}

static void order_and_places(void **state)
{
	static const char *const words[] = { "/a/b/c", "/x", "/a", "//a/b/", "/y/./z" };
	static const char *const sorted[] = { "/x", "/a", "//a/b/", "/y/./z", "/a/b/c" };
	_cleanup_(strv_free) struct strv owned = { 0 };
	struct ct_spec s = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_int_equal(volume_add_tmpfs(&s, &owned, words[i], NULL), 0);
	assert_true(volume_add_tmpfs(&s, &owned, "/a/./b", NULL) < 0);
	assert_true(volume_add_tmpfs(&s, &owned, "/y//z/.", NULL) < 0);
	mounts_sort(&s);
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		assert_string_equal(s.mounts[i].target, sorted[i]);
	ct_spec_free(&s);
}

static void devices(void **state)
{
	_cleanup_(strv_free) struct strv owned = { 0 };
	struct ct_spec s = { 0 };

	(void)state;
	assert_int_equal(device_add(&s, &owned, "/dev/null", NULL), 0);
	assert_int_equal(device_add(&s, &owned, "/dev/zero:/dev/x:r", NULL), 0);
	assert_int_equal(device_add(&s, &owned, "/dev/zero:wr", NULL), 0);
	assert_int_equal(s.n_devices, 3);
	assert_string_equal(s.devices[0].target, "/dev/null");
	assert_string_equal(s.devices[0].access, "rwm");
	assert_int_equal(s.devices[0].type, 'c');
	assert_int_equal(s.devices[0].major, 1);
	assert_int_equal(s.devices[0].minor, 3);
	assert_string_equal(s.devices[1].source, "/dev/zero");
	assert_string_equal(s.devices[1].target, "/dev/x");
	assert_string_equal(s.devices[1].access, "r");
	assert_string_equal(s.devices[2].target, "/dev/zero");
	assert_string_equal(s.devices[2].access, "wr");
	ct_spec_free(&s);
}

static void devices_refused(void **state)
{
	static const char *const bad[] = { "",
					   "null",
					   "/dev/null:x",
					   "/dev/null:/",
					   "/dev/null:/x:",
					   "/dev/null:/x:rr",
					   "/dev/null:/x:rwmx",
					   "/nonexistent",
					   "/etc/passwd" };
	static const char *const rules[] = { "",	 "c",	     "c 1",	 "c 1:3",
					     "c 1:3 ",	 "c 1:3 x",  "d 1:3 r",	 "c :3 r",
					     "c 1:3 rr", "c 1:3  r", "c 01:3 r", "c 1:4294967296 r",
					     "a b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(strv_free) struct strv owned = { 0 };
		struct ct_spec s = { 0 };
		struct err e = ERR_INIT;

		assert_true(device_add(&s, &owned, bad[i], &e) < 0);
		assert_true(e.msg[0]);
		assert_int_equal(s.n_devices, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct ct_spec s = { 0 };

		assert_true(device_rule_add(&s, rules[i], NULL) < 0);
	}
}

static void rules(void **state)
{
	static const struct ct_device_rule want[] = { { true, 'c', 1, 3, "rwm" },
						      { true, 'b', 8, -1, "r" },
						      { true, 'a', -1, -1, "rwm" } };
	struct ct_spec s = { 0 };

	(void)state;
	assert_int_equal(device_rule_add(&s, "c 1:3 rwm", NULL), 0);
	assert_int_equal(device_rule_add(&s, "b 8:* r", NULL), 0);
	assert_int_equal(device_rule_add(&s, "a", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(s.device_rules[i].type, want[i].type);
		assert_int_equal(s.device_rules[i].major, want[i].major);
		assert_int_equal(s.device_rules[i].minor, want[i].minor);
		assert_string_equal(s.device_rules[i].access, want[i].access);
	}
	ct_spec_free(&s);
}

/* What the controller is told: everything is refused first, what was asked for comes last. */
static void rule_list(void **state)
{
	struct ct_device_rule given = { true, 'b', 8, -1, "r" }, *v;
	struct ct_spec s = { .caps = 1ULL << CAP_MKNOD };
	size_t n;

	(void)state;
	assert_int_equal(dev_rules_make(&s, &v, &n, NULL), 0);
	assert_true(!v && !n);
	s.device_rules = &given;
	s.n_device_rules = 1;
	assert_int_equal(dev_rules_make(&s, &v, &n, NULL), 0);
	assert_true(n > 9);
	assert_true(v[0].type == 'a' && !v[0].allow);
	assert_true(v[1].type == 'c' && v[1].major == -1 && !strcmp(v[1].access, "m"));
	assert_true(v[n - 1].type == 'b' && v[n - 1].major == 8 && v[n - 1].allow);
	free(v);
	/* a bundle's rules do not take the usual nodes away */
	s.devices_given = true;
	assert_int_equal(dev_rules_make(&s, &v, &n, NULL), 0);
	assert_true(v[1].type == 'b' && v[1].major == 8);
	assert_true(v[2].type == 'c' && v[2].major == 1 && v[2].minor == 3);
	free(v);
	s.privileged = true;
	assert_int_equal(dev_rules_make(&s, &v, &n, NULL), 0);
	assert_true(!v && !n);
}

static void masks(void **state)
{
	_cleanup_(strv_free) struct strv mask = { 0 }, unmask = { 0 };
	struct ct_spec s = { 0 };

	(void)state;
	assert_int_equal(mount_mask_apply(&s, &mask, &unmask, NULL), 0);
	assert_false(s.masks_given);
	assert_int_equal(mount_mask_parse(&mask, "/a:/b", NULL), 0);
	assert_int_equal(mount_mask_parse(&unmask, "/proc/sys:/sys/*", NULL), 0);
	assert_int_equal(mount_mask_parse(&unmask, "proc", NULL), -EINVAL);
	assert_int_equal(mount_mask_parse(&unmask, "", NULL), -EINVAL);
	assert_int_equal(mount_mask_parse(&unmask, "/", NULL), -EINVAL);
	assert_int_equal(mount_mask_apply(&s, &mask, &unmask, NULL), 0);
	assert_true(s.masks_given);
	assert_true(strv_has(&s.masked, "/a") && strv_has(&s.masked, "/b"));
	assert_true(strv_has(&s.masked, "/proc/keys") && !strv_has(&s.masked, "/sys/firmware"));
	assert_true(strv_has(&s.ro_paths, "/proc/irq") && !strv_has(&s.ro_paths, "/proc/sys"));
	ct_spec_free(&s);
	s = (struct ct_spec){ .privileged = true };
	assert_int_equal(mount_mask_apply(&s, &mask, &unmask, NULL), 0);
	assert_int_equal(s.masked.n, 2);
	assert_int_equal(s.ro_paths.n, 0);
	ct_spec_free(&s);
	s = (struct ct_spec){ .masks_given = true };
	assert_int_equal(strv_add(&s.masked, "/bundle"), 0);
	assert_int_equal(mount_mask_apply(&s, &mask, &unmask, NULL), 0);
	assert_int_equal(s.masked.n, 3);
	ct_spec_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts),	    cmocka_unit_test(mounts_refused),
		cmocka_unit_test(order_and_places), cmocka_unit_test(devices),
		cmocka_unit_test(devices_refused),  cmocka_unit_test(rules),
		cmocka_unit_test(rule_list),	    cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
