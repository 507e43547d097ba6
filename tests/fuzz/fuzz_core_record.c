/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as the record of a container: refused, or it has an id and a name, and is
 * written and read again as the same record.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/record.h"
#include "core/state.h"
#include "tests/fuzz/fuzz.h"

#define ID "0123456789ab"

static const struct record_now now = { "11111111-2222-3333-4444-555555555555", 7 };

static void check_again(const struct ct_info *i)
{
	_cleanup_(record_cleanup) struct ct_info again = { .exit_code = -1 };
	_cleanup_json_ json_t *one = record_to_json(i, &now), *two = NULL;

	fuzz_check(one && record_from_json(one, &now, &again) >= 0);
	two = record_to_json(&again, &now);
	fuzz_check(two && json_equal(one, two));
}

static int touch(struct ct_info *i, void *ctx)
{
	return -EAGAIN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(record_cleanup) struct ct_info i = { .exit_code = -1 }, found = { .id = "" };
	_cleanup_close_ int fd = -1;
	int r;

	fuzz_file("containers/" ID, data, size);
	fd = openat(fuzz_dir(), "containers/" ID, O_RDONLY | O_CLOEXEC);
	r = record_read(fd, &now, &i);
	if (r >= 0) {
		fuzz_check(record_id_valid(i.id) && i.name[0] &&
			   strlen(i.status) < sizeof(i.status));
		check_again(&i);
	}
	/* through the layer above, by the file's name and by its beginning */
	if (state_find(fuzz_dir(), "0123", &found, NULL) >= 0)
		fuzz_check(!strcmp(found.id, ID));
	state_change(fuzz_dir(), ID, touch, NULL, NULL);
	return 0;
}
