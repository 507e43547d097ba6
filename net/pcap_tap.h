/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcap_tap - listens to an interface: a packet socket (packet(7)) with a ring, which
 * sees what arrives before any filter or queue of ingress, and what leaves behind the
 * queueing discipline. It changes nothing of the interface: no promiscuous mode.
 *
 * The socket keeps its network namespace alive. Who listens to what belongs to another
 * process ends with that process, or its links would stay.
 */
#ifndef CT_NET_PCAP_TAP_H
#define CT_NET_PCAP_TAP_H

#include "net/pcap.h"

struct pcap_tap;

/*
 * From its return on nothing is missed. -ENODEV: no such interface; -EPROTONOSUPPORT: its
 * packets begin with nothing that enum pcap_linktype knows.
 */
int pcap_tap_open(int netns_fd, const char *ifname, uint32_t snaplen, struct pcap_tap **ret,
		  struct err *e);
void pcap_tap_close(struct pcap_tap *t); /* accepts NULL */

enum pcap_linktype pcap_tap_linktype(const struct pcap_tap *t);
int pcap_tap_fd(const struct pcap_tap *t); /* to poll for reading ... */
int pcap_tap_timeout(const struct pcap_tap *t); /* ... for so many milliseconds, -1: for ever */

/*
 * Calls fn for each packet there is, oldest first; a packet is there a hundredth of a
 * second after it passed. Stops at the first r != 0, which it returns. -ENODEV: the
 * interface is gone; one that is down may come up again, which is no error.
 */
typedef int pcap_tap_fn(const struct pcap_packet *k, void *ctx);
int pcap_tap_read(struct pcap_tap *t, pcap_tap_fn *fn, void *ctx, struct err *e);
/* Takes nothing more, then waits for and reads what passed before; result as above. */
int pcap_tap_finish(struct pcap_tap *t, pcap_tap_fn *fn, void *ctx, struct err *e);

/* Packets that there was no room for, since it was opened. */
uint64_t pcap_tap_dropped(struct pcap_tap *t);

#endif
