/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcap - packets in a file that tcpdump(8) and Wireshark open: pcap(5) with times in
 * nanoseconds, written in this machine's byte order, which a reader tells from the
 * first word.
 */
#ifndef CT_NET_PCAP_H
#define CT_NET_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* LINKTYPE_*: what a packet begins with. */
enum pcap_linktype { PCAP_ETHERNET = 1, PCAP_RAW_IP = 101 };

/* What tcpdump takes by default: more than any frame. */
#define PCAP_SNAPLEN 262144

struct pcap_packet {
	int64_t time; /* nanoseconds since the epoch */
	const void *data;
	uint32_t len; /* bytes at data */
	uint32_t wire_len; /* that it had, of which data may be the beginning */
	/* The 802.1Q tag that the kernel took out of the frame and that is put back. */
	bool tagged;
	uint16_t tpid, tci;
};

struct pcap;
/*
 * Writes the head of the file at once: whoever reads a pipe sees that it began. fd is
 * borrowed. snaplen: of each packet so many bytes at most.
 */
int pcap_begin(int fd, enum pcap_linktype type, uint32_t snaplen, struct pcap **ret, struct err *e);
/* Collects; the file has whole packets when pcap_flush returned. -errno of write(2). */
int pcap_put(struct pcap *p, const struct pcap_packet *k);
int pcap_flush(struct pcap *p);
uint64_t pcap_count(const struct pcap *p); /* packets put */
void pcap_free(struct pcap *p); /* without a flush; accepts NULL */

#endif
