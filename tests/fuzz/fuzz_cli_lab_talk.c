/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as what processes of a lab say to each other, and keep: packets of the
 * control socket, a verdict, the record, a word of one that is to be answered.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/lab_control.h"
#include "cli/lab_record.h"
#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "tests/fuzz/fuzz.h"

/* Sent on as it was understood, it is the same. */
static void check_end(const json_t *o)
{
	struct err e = ERR_INIT;
	int r = 1;

	if (lab_is_end(o, &r, &e))
		fuzz_check(r == 0 || (r < 0 && e.num < 0));
}

static void packets(const char *text, size_t size)
{
	int sv[2], fd = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv) < 0)
		return;
	fd_send(sv[1], text, size, sv, size & 1);
	close(sv[1]);
	for (int i = 0; i < 2; i++) {
		_cleanup_json_ json_t *o = NULL;

		if (lab_recv(sv[0], &o, &fd) <= 0)
			continue;
		fuzz_check(json_is_object(o));
		check_end(o);
		fd_close(take_fd(&fd));
	}
	close(sv[0]);
}

static void verdict(const char *text)
{
	struct lab_verdict v = { .result = LAB_PASS }, again = { .result = LAB_PASS };
	_cleanup_free_ char *one = NULL, *two = NULL;

	if (trial_decode(text, &v)) {
		one = trial_encode(&v);
		fuzz_check(one && trial_decode(one, &again));
		two = trial_encode(&again);
		fuzz_check(two && !strcmp(one, two));
	}
	lab_verdict_free(&v);
	lab_verdict_free(&again);
}

static void record(const char *text, size_t size)
{
	struct lab_record one = { .file = NULL }, two = { .file = NULL };

	fuzz_file("lab.json", text, size);
	if (lab_record_load(fuzz_dir(), &one) >= 0) {
		fuzz_check(one.name[0] && one.id[0]);
		lab_record_life(&one);
		fuzz_check(lab_record_save(fuzz_dir(), &one) >= 0 &&
			   lab_record_load(fuzz_dir(), &two) >= 0);
		fuzz_check(!strcmp(one.name, two.name) && !strcmp(one.id, two.id) &&
			   one.nodes == two.nodes && one.unapplied.n == two.unapplied.n);
	}
	lab_record_free(&one);
	lab_record_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);

	packets(text, size);
	verdict(text);
	record(text, size);
	return 0;
}
