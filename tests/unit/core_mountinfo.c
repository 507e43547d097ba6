/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/mountinfo.h"

/* mountinfo_next on a copy that the caller frees through *hold */
static int parse(const char *line, struct mount_info *m, char **hold)
{
	char *pos;

	*hold = strdup(line);
	assert_non_null(*hold);
	pos = *hold;
	return mountinfo_next(&pos, m);
}

static void a_line_has_all_its_fields(void **state)
{
	struct mount_info m;
	char *hold;

	assert_int_equal(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 "
			       "propagate_from:2 frobnicated:x unbindable - ext3 /dev/root "
			       "rw,errors=continue\n",
			       &m, &hold),
			 1);
	assert_int_equal(m.id, 36);
	assert_int_equal(m.parent, 35);
	assert_int_equal(m.major, 98);
	assert_int_equal(m.minor, 0);
	assert_string_equal(m.root, "/mnt1");
	assert_string_equal(m.target, "/mnt2");
	assert_string_equal(m.options, "rw,noatime");
	assert_int_equal(m.master, 1);
	assert_int_equal(m.shared, 7);
	assert_int_equal(m.propagate_from, 2);
	assert_true(m.unbindable);
	assert_string_equal(m.fstype, "ext3");
	assert_string_equal(m.source, "/dev/root");
	assert_string_equal(m.super_options, "rw,errors=continue");
	free(hold);
}

static void escapes_are_decoded(void **state)
{
	struct mount_info m;
	char *hold;

	assert_int_equal(
		parse("1 1 0:1 /a\\040b /x\\011y\\012z\\134\\043 rw - tmpfs  rw\n", &m, &hold), 1);
	assert_string_equal(m.root, "/a b");
	assert_string_equal(m.target, "/x\ty\nz\\#");
	assert_string_equal(m.source, "");
	free(hold);
}

static void a_namespace_file_has_a_root_without_slash(void **state)
{
	struct mount_info m;
	char *hold;

	assert_int_equal(parse("9 8 0:4 net:[4026532] /run/netns/a rw - nsfs nsfs rw\n", &m, &hold),
			 1);
	assert_string_equal(m.root, "net:[4026532]");
	free(hold);
}

static void malformed_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"\n",
		"36 35 98:0 /a /b rw - ext3 dev rw", /* cut: no newline */
		"36 35 98:0 /a /b rw - ext3 dev\n", /* no super options */
		"36 35 98:0 /a /b rw - ext3 dev rw more\n", /* a field too many */
		"36 35 98:0 /a /b rw ext3 dev rw\n", /* no separator */
		"36 35 98:0 /a b rw - ext3 dev rw\n", /* target not absolute */
		"36 35 980 /a /b rw - ext3 dev rw\n",
		"36 35 98:0x /a /b rw - ext3 dev rw\n",
		"-36 35 98:0 /a /b rw - ext3 dev rw\n",
		"+36 35 98:0 /a /b rw - ext3 dev rw\n",
		"4294967296 35 98:0 /a /b rw - ext3 dev rw\n",
		"36  35 98:0 /a /b rw - ext3 dev rw\n",
		"36 35 98:0 /a /b rw shared:x - ext3 dev rw\n",
		"36 35 98:0 /a /b rw  - ext3 dev rw\n", /* an empty optional field */
		"36 35 98:0 /a\\04 /b rw - ext3 dev rw\n",
		"36 35 98:0 /a\\000 /b rw - ext3 dev rw\n",
		"36 35 98:0 /a\\777 /b rw - ext3 dev rw\n",
		"36 35 98:0 /a\\ /b rw - ext3 dev rw\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mount_info m = { .id = 77 };
		char *hold;

		if (parse(bad[i], &m, &hold) != -EBADMSG || m.id != 77)
			fail_msg("accepted or touched: %s", bad[i]);
		free(hold);
	}
}

static void options_match_whole_words(void **state)
{
	assert_true(mount_has_option("rw,cpu,cpuacct", "cpu"));
	assert_true(mount_has_option("rw,cpu,cpuacct", "cpuacct"));
	assert_true(mount_has_option("memory", "memory"));
	assert_false(mount_has_option("rw,cpuacct", "cpu"));
	assert_false(mount_has_option("rw,cpu", "cpuacct"));
	assert_false(mount_has_option("", "cpu"));
}

static void our_own_table_parses(void **state)
{
	struct err e = ERR_INIT;
	struct mountinfo m = { 0 };
	bool root = false;

	assert_int_equal(mountinfo_load(AT_FDCWD, "/proc/self/mountinfo", &m, &e), 0);
	for (size_t i = 0; i < m.n; i++)
		root |= strcmp(m.v[i].target, "/") == 0;
	assert_true(root);
	mountinfo_free(&m);
	assert_int_equal(m.n, 0);
	mountinfo_free(&m);
}

static void an_unreadable_table_is_named(void **state)
{
	struct err e = ERR_INIT;
	struct mountinfo m = { 0 };

	assert_int_equal(mountinfo_load(AT_FDCWD, "/proc/self/nothing", &m, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/proc/self/nothing"));
	err_clear(&e);
	assert_int_equal(mountinfo_load(AT_FDCWD, "/proc/self/status", &m, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "line 1"));
	assert_null(m.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_all_its_fields),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(a_namespace_file_has_a_root_without_slash),
		cmocka_unit_test(malformed_lines_are_refused),
		cmocka_unit_test(options_match_whole_words),
		cmocka_unit_test(our_own_table_parses),
		cmocka_unit_test(an_unreadable_table_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
