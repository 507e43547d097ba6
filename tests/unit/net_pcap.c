/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of packets, byte by byte as draft-ietf-opsawg-pcap has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/pcap.h"

#define SECOND 1000000000ll

static const uint8_t frame[20] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 1, 2, 3, 4, 5 };

/* What was written, as words of this machine; the count of bytes. */
static ssize_t contents(int fd, void *buf, size_t size)
{
	return pread(fd, buf, size, 0);
}

static void test_head(void **state)
{
	_cleanup_close_ int fd = memfd_create("pcap", MFD_CLOEXEC);
	struct pcap *p;
	uint32_t w[8];

	(void)state;
	assert_int_equal(pcap_begin(fd, PCAP_RAW_IP, 96, &p, NULL), 0);
	/* before any packet: a reader of a pipe waits for it */
	assert_int_equal(contents(fd, w, sizeof(w)), 24);
	assert_int_equal(w[0], 0xa1b23c4d);
	assert_int_equal(((uint16_t *)w)[2], 2);
	assert_int_equal(((uint16_t *)w)[3], 4);
	assert_int_equal(w[2], 0);
	assert_int_equal(w[3], 0);
	assert_int_equal(w[4], 96);
	assert_int_equal(w[5], 101);
	pcap_free(p);
}

static void test_packet(void **state)
{
	_cleanup_close_ int fd = memfd_create("pcap", MFD_CLOEXEC);
	struct pcap_packet k = {
		.time = 7 * SECOND + 123456789, .data = frame, .len = sizeof(frame), .wire_len = 900
	};
	struct pcap *p;
	uint8_t b[256];
	uint32_t w[4];

	(void)state;
	assert_int_equal(pcap_begin(fd, PCAP_ETHERNET, PCAP_SNAPLEN, &p, NULL), 0);
	assert_int_equal(pcap_put(p, &k), 0);
	assert_int_equal(contents(fd, b, sizeof(b)), 24);
	assert_int_equal(pcap_flush(p), 0);
	assert_int_equal(contents(fd, b, sizeof(b)), 24 + 16 + 20);
	memcpy(w, b + 24, sizeof(w));
	assert_int_equal(w[0], 7);
	assert_int_equal(w[1], 123456789);
	assert_int_equal(w[2], 20);
	assert_int_equal(w[3], 900);
	assert_memory_equal(b + 40, frame, 20);
	assert_int_equal(pcap_count(p), 1);
	pcap_free(p);
}

/* The tag stands behind the addresses again, and counts in both lengths. */
static void test_tag(void **state)
{
	static const uint8_t tag[] = { 0x88, 0xa8, 0x60, 0x64, 8, 0 };
	/* cut behind it, in it, before it */
	static const uint32_t snaplens[] = { PCAP_SNAPLEN, 14, 9 };
	static const uint32_t lens[] = { 24, 14, 9 };
	struct pcap_packet k = { .data = frame,
				 .len = sizeof(frame),
				 .wire_len = sizeof(frame),
				 .tagged = true,
				 .tpid = 0x88a8,
				 .tci = 0x6064 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(snaplens); i++) {
		_cleanup_close_ int fd = memfd_create("pcap", MFD_CLOEXEC);
		struct pcap *p;
		uint8_t b[256];
		uint32_t w[4];

		assert_int_equal(pcap_begin(fd, PCAP_ETHERNET, snaplens[i], &p, NULL), 0);
		assert_int_equal(pcap_put(p, &k), 0);
		assert_int_equal(pcap_flush(p), 0);
		assert_int_equal(contents(fd, b, sizeof(b)), 40 + lens[i]);
		memcpy(w, b + 24, sizeof(w));
		assert_int_equal(w[2], lens[i]);
		assert_int_equal(w[3], 24);
		assert_memory_equal(b + 40, frame, lens[i] < 12 ? lens[i] : 12);
		if (lens[i] > 12)
			assert_memory_equal(b + 52, tag, lens[i] == 14 ? 2 : sizeof(tag));
		pcap_free(p);
	}
}

/* Nothing is lost or cut where the buffer ends, nor where a packet is larger than it. */
static void test_many(void **state)
{
	enum { LARGE = 300000, N = 3000 };
	_cleanup_close_ int fd = memfd_create("pcap", MFD_CLOEXEC);
	_cleanup_free_ uint8_t *large = calloc(1, LARGE);
	struct pcap_packet k = { .data = large, .wire_len = LARGE };
	struct pcap *p;
	size_t at = 24;

	(void)state;
	memset(large, 0x5a, LARGE);
	assert_int_equal(pcap_begin(fd, PCAP_ETHERNET, 400000, &p, NULL), 0);
	for (uint32_t i = 0; i <= N; i++) {
		k.time = i;
		k.len = i == N ? LARGE : i % 1500;
		assert_int_equal(pcap_put(p, &k), 0);
	}
	assert_int_equal(pcap_flush(p), 0);
	for (uint32_t i = 0; i <= N; i++) {
		uint32_t w[4];

		assert_int_equal(pread(fd, w, sizeof(w), (off_t)at), sizeof(w));
		assert_int_equal(w[1], i);
		assert_int_equal(w[2], i == N ? LARGE : i % 1500);
		at += sizeof(w) + w[2];
	}
	assert_int_equal(lseek(fd, 0, SEEK_END), at);
	assert_int_equal(pcap_count(p), N + 1);
	pcap_free(p);
}

static void test_full(void **state)
{
	_cleanup_close_ int fd = memfd_create("pcap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct pcap_packet k = { .data = frame, .len = sizeof(frame), .wire_len = sizeof(frame) };
	struct err e = ERR_INIT;
	struct pcap *p;

	(void)state;
	assert_int_equal(pcap_begin(fd, PCAP_ETHERNET, PCAP_SNAPLEN, &p, NULL), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(pcap_put(p, &k), 0);
	assert_int_equal(pcap_flush(p), -EPERM);
	pcap_free(p);
	assert_int_equal(pcap_begin(fd, PCAP_ETHERNET, PCAP_SNAPLEN, &p, &e), -EPERM);
	assert_string_equal(e.msg, "write packets: Operation not permitted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head), cmocka_unit_test(test_packet),
		cmocka_unit_test(test_tag),  cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("net/pcap", tests, NULL, NULL);
}
