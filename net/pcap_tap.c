/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring (TPACKET_V3, Documentation/networking/packet_mmap.rst): blocks that the
 * kernel fills with packets and gives to us when they are full or some time went by,
 * and that we give back. One system call for a block, however many packets it holds.
 */
#include "net/pcap_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/netns.h"

#define BLOCK_SIZE    (1U << 20) /* holds the largest packet, of PCAP_SNAPLEN */
#define BLOCKS	      8U
#define FRAME_SIZE    2048U /* of the kernel's arithmetic alone */
#define RETIRE_MS     10
#define LOOK_AGAIN_MS 100
#define SECOND	      1000000000ll

struct pcap_tap {
	int fd;
	char ifname[IFNAMSIZ];
	enum pcap_linktype type;
	bool loopback;
	uint8_t *ring;
	unsigned at; /* the block that is filled next */
	bool down; /* of the interface; nothing tells that it goes meanwhile */
	uint64_t dropped;
};

/* ARPHRD_*: the kind of link as packet(7) tells it. */
static const struct {
	unsigned short hatype;
	enum pcap_linktype type;
} linktypes[] = {
	{ ARPHRD_ETHER, PCAP_ETHERNET },
	{ ARPHRD_LOOPBACK, PCAP_ETHERNET },
	{ ARPHRD_NONE, PCAP_RAW_IP }, /* tun, wireguard */
};

/* Accepts n bytes of each packet; 0: none at all. */
static int take_only(int fd, uint32_t n)
{
	struct sock_filter accept = BPF_STMT(BPF_RET | BPF_K, n);
	const struct sock_fprog prog = { 1, &accept };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int ring_open(struct pcap_tap *t)
{
	const struct tpacket_req3 req = { .tp_block_size = BLOCK_SIZE,
					  .tp_block_nr = BLOCKS,
					  .tp_frame_size = FRAME_SIZE,
					  .tp_frame_nr = BLOCK_SIZE / FRAME_SIZE * BLOCKS,
					  .tp_retire_blk_tov = RETIRE_MS };
	const int version = TPACKET_V3;

	if (setsockopt(t->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(t->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) < 0)
		return -errno;
	t->ring = mmap(NULL, (size_t)BLOCK_SIZE * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd,
		       0);
	if (t->ring == MAP_FAILED) {
		t->ring = NULL;
		return -errno;
	}
	return 0;
}

/* In the namespace of the socket, wherever the caller is. */
static int index_of(const struct pcap_tap *t)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, t->ifname, sizeof(ifr.ifr_name));
	return ioctl(t->fd, SIOCGIFINDEX, &ifr) < 0 ? -errno : ifr.ifr_ifindex;
}

/* The protocol comes with the interface: a socket that had it before would hear them all. */
static int listen_to(struct pcap_tap *t)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	socklen_t len = sizeof(a);

	a.sll_ifindex = index_of(t);
	if (a.sll_ifindex < 0)
		return a.sll_ifindex;
	if (bind(t->fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockname(t->fd, (struct sockaddr *)&a, &len) < 0)
		return -errno;
	t->loopback = a.sll_hatype == ARPHRD_LOOPBACK;
	for (size_t i = 0; i < ARRAY_SIZE(linktypes); i++) {
		if (linktypes[i].hatype != a.sll_hatype)
			continue;
		t->type = linktypes[i].type;
		return 0;
	}
	return -EPROTONOSUPPORT;
}

struct opening {
	struct pcap_tap *t;
	uint32_t snaplen;
};

static int open_inside(void *ctx)
{
	const struct opening *o = ctx;
	int r;

	o->t->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (o->t->fd < 0)
		return -errno;
	r = take_only(o->t->fd, o->snaplen);
	r = r < 0 ? r : ring_open(o->t);
	return r < 0 ? r : listen_to(o->t);
}

int pcap_tap_open(int netns_fd, const char *ifname, uint32_t snaplen, struct pcap_tap **ret,
		  struct err *e)
{
	struct opening o = { .t = calloc(1, sizeof(*o.t)), .snaplen = snaplen };
	int r = -ENOMEM;

	if (o.t) {
		o.t->fd = -1;
		r = str_fmt(o.t->ifname, sizeof(o.t->ifname), "%s", ifname);
		r = r < 0 ? -ENODEV : netns_do(netns_fd, open_inside, &o);
	}
	if (r < 0) {
		pcap_tap_close(o.t);
		if (r == -EPROTONOSUPPORT)
			return err_set(e, r, "interface %s has no packets that a file could hold",
				       ifname);
		return err_sys(e, r, "listen to interface %s", ifname);
	}
	*ret = o.t;
	return 0;
}

void pcap_tap_close(struct pcap_tap *t)
{
	if (!t)
		return;
	if (t->ring)
		munmap(t->ring, (size_t)BLOCK_SIZE * BLOCKS);
	fd_close(t->fd);
	free(t);
}

enum pcap_linktype pcap_tap_linktype(const struct pcap_tap *t)
{
	return t->type;
}

int pcap_tap_fd(const struct pcap_tap *t)
{
	return t->fd;
}

/* ---- blocks ---- */

static int take_packet(const struct pcap_tap *t, const struct tpacket3_hdr *h, pcap_tap_fn *fn,
		       void *ctx)
{
	const uint8_t *at = (const uint8_t *)h;
	const struct sockaddr_ll *from =
		(const struct sockaddr_ll *)(at + TPACKET_ALIGN(sizeof(*h)));
	struct pcap_packet k = { .time = h->tp_sec * SECOND + h->tp_nsec,
				 .data = at + h->tp_mac,
				 .len = h->tp_snaplen,
				 .wire_len = h->tp_len };

	/* what lo sends arrives there too */
	if (t->loopback && from->sll_pkttype == PACKET_OUTGOING)
		return 0;
	if (h->tp_status & TP_STATUS_VLAN_VALID) {
		k.tagged = true;
		k.tci = (uint16_t)h->hv1.tp_vlan_tci;
		k.tpid = h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid
								  : ETH_P_8021Q;
	}
	return fn(&k, ctx);
}

static int take_block(const struct pcap_tap *t, const uint8_t *block, pcap_tap_fn *fn, void *ctx)
{
	const struct tpacket_hdr_v1 *head = &((const struct tpacket_block_desc *)block)->hdr.bh1;
	const uint8_t *at = block + head->offset_to_first_pkt;

	for (uint32_t i = 0; i < head->num_pkts; i++) {
		const struct tpacket3_hdr *h = (const struct tpacket3_hdr *)at;
		int r = take_packet(t, h, fn, ctx);

		if (r)
			return r;
		at += h->tp_next_offset;
	}
	return 0;
}

/* Whether the interface, which went down, is there, and up again. */
static int look_again(struct pcap_tap *t, struct err *e)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, t->ifname, sizeof(ifr.ifr_name));
	if (ioctl(t->fd, SIOCGIFFLAGS, &ifr) < 0)
		return err_set(e, ENODEV, "interface %s is gone", t->ifname);
	t->down = !(ifr.ifr_flags & IFF_UP);
	return 0;
}

/*
 * The socket's error: its interface went down, which may end. One that goes is down
 * first, and then the kernel has no second word for a socket that was told of that
 * (packet_notifier, net/packet/af_packet.c): it is looked for.
 */
static int check_interface(struct pcap_tap *t, struct err *e)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error && error != ENETDOWN)
		return err_sys(e, error, "listen to interface %s", t->ifname);
	return error || t->down ? look_again(t, e) : 0;
}

int pcap_tap_timeout(const struct pcap_tap *t)
{
	return t->down ? LOOK_AGAIN_MS : -1;
}

int pcap_tap_read(struct pcap_tap *t, pcap_tap_fn *fn, void *ctx, struct err *e)
{
	for (unsigned n = 0; n < BLOCKS; n++) {
		uint8_t *block = t->ring + (size_t)t->at * BLOCK_SIZE;
		uint32_t *status = &((struct tpacket_block_desc *)block)->hdr.bh1.block_status;
		int r;

		if (!(__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			break;
		r = take_block(t, block, fn, ctx);
		if (r)
			return r;
		__atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		t->at = (t->at + 1) % BLOCKS;
	}
	return check_interface(t, e);
}

int pcap_tap_finish(struct pcap_tap *t, pcap_tap_fn *fn, void *ctx, struct err *e)
{
	struct pollfd p = { t->fd, POLLIN, 0 };
	int r = take_only(t->fd, 0);

	if (r < 0)
		return err_sys(e, r, "listen to interface %s", t->ifname);
	/* the block that is being filled comes when its time is up, and is the last */
	do
		r = pcap_tap_read(t, fn, ctx, e);
	while (!r && poll(&p, 1, 5 * RETIRE_MS) > 0);
	return r;
}

uint64_t pcap_tap_dropped(struct pcap_tap *t)
{
	struct tpacket_stats_v3 s = { 0 };
	socklen_t len = sizeof(s);

	/* reading sets the kernel's counters back */
	if (getsockopt(t->fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) == 0)
		t->dropped += s.tp_drops;
	return t->dropped;
}
