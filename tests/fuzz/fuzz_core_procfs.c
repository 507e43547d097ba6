/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as /proc/PID/stat, status and uid_map, of whose contents the process itself
 * chooses a part (its name).
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/procfs.h"
#include "tests/fuzz/fuzz.h"

static void check_ids(const char *name)
{
	struct procfs_ids ids = { 0 };

	if (procfs_ids(fuzz_dir(), name, &ids) < 0)
		return;
	procfs_id_outside(&ids, 0);
	procfs_id_outside(&ids, UINT32_MAX);
	fuzz_check(ids.n || procfs_id_inside(&ids, 7) == 7);
	procfs_id_inside(&ids, 100000);
	free(ids.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *stat = fuzz_part(&at), *status = fuzz_part(&at);
	struct procfs_stat s;

	fuzz_file("stat", stat, strlen(stat));
	fuzz_file("status", status, strlen(status));
	fuzz_file("uid_map", at, strlen(at));
	if (procfs_stat(fuzz_dir(), &s) >= 0)
		fuzz_check(strlen(s.comm) < sizeof(s.comm) &&
			   s.n_pids <= sizeof(s.pids) / sizeof(s.pids[0]));
	check_ids("uid_map");
	check_ids("gid_map"); /* which is not there */
	return 0;
}
