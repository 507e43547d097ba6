/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/kernel.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* From here on this process gets that errno for the call. */
static int refuse(int nr, int errnum)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)errnum),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0 ? -errno : 0;
}

/* What is said in a process that is refused it; NULL call: it is fine. */
static void judge(int nr, int errnum, const char *call)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e = ERR_INIT;
		int r = refuse(nr, errnum);
		bool named;

		r = r < 0 ? 0 : kernel_check(&e);
		named = call && strstr(e.msg, call) && e.hint[0];
		_exit(call ? !(r == -ENOSYS && named) : r != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_here(void **state)
{
	struct err e = ERR_INIT;

	assert_int_equal(kernel_check(&e), 0);
	assert_string_equal(e.msg, "");
}

static void test_refused(void **state)
{
	judge(SYS_close_range, ENOSYS, "system call close_range ");
	judge(SYS_mount_setattr, ENOSYS, "system call mount_setattr ");
	judge(SYS_move_mount, ENOSYS, "system call move_mount ");
	judge(SYS_pidfd_send_signal, ENOSYS, "system call pidfd_send_signal ");
}

/* Filters of before 2020 say that what they do not know is forbidden. */
static void test_forbidden(void **state)
{
	judge(SYS_clone3, EPERM, "system call clone3 ");
	judge(SYS_openat2, EPERM, "system call openat2 ");
	/* may be the kernel's own word */
	judge(SYS_fsopen, EPERM, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_here),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_forbidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
