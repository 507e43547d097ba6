/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The format: draft-ietf-opsawg-pcap; its magic number for nanoseconds. */
#include "net/pcap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

#define MAGIC_NS    0xa1b23c4d
#define SECOND	    1000000000
#define MACS	    12 /* bytes of a frame before the tag */
#define TAG	    4
#define BUF_SIZE    (256 * 1024)
#define VERSION_MAJ 2
#define VERSION_MIN 4

struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2], snaplen, linktype;
};

struct packet_head {
	uint32_t sec, nsec, len, wire_len;
};

struct pcap {
	int fd;
	uint32_t snaplen;
	uint64_t count;
	size_t used;
	char buf[BUF_SIZE];
};

int pcap_begin(int fd, enum pcap_linktype type, uint32_t snaplen, struct pcap **ret, struct err *e)
{
	const struct file_head head = { .magic = MAGIC_NS,
					.major = VERSION_MAJ,
					.minor = VERSION_MIN,
					.snaplen = snaplen,
					.linktype = type };
	struct pcap *p = malloc(sizeof(*p));
	int r;

	if (!p)
		return err_sys(e, -ENOMEM, "write packets");
	p->fd = fd;
	p->snaplen = snaplen;
	p->count = 0;
	p->used = 0;
	r = fd_write_all(fd, &head, sizeof(head));
	if (r < 0) {
		free(p);
		return err_sys(e, r, "write packets");
	}
	*ret = p;
	return 0;
}

/* What does not fit goes out first; what never would goes past the buffer. */
static int append(struct pcap *p, const void *bytes, size_t n)
{
	int r = n > sizeof(p->buf) - p->used ? pcap_flush(p) : 0;

	if (r < 0 || n > sizeof(p->buf))
		return r < 0 ? r : fd_write_all(p->fd, bytes, n);
	memcpy(p->buf + p->used, bytes, n);
	p->used += n;
	return 0;
}

static int append_tagged(struct pcap *p, const struct pcap_packet *k, uint32_t len)
{
	const uint8_t *at = k->data;
	const uint8_t tag[TAG] = { (uint8_t)(k->tpid >> 8), (uint8_t)k->tpid,
				   (uint8_t)(k->tci >> 8), (uint8_t)k->tci };
	uint32_t macs = len < MACS ? len : MACS;
	uint32_t part = len - macs < TAG ? len - macs : TAG;
	int r = append(p, at, macs);

	r = r < 0 ? r : append(p, tag, part);
	return r < 0 ? r : append(p, at + macs, len - macs - part);
}

int pcap_put(struct pcap *p, const struct pcap_packet *k)
{
	bool tagged = k->tagged && k->len >= MACS;
	uint32_t len = k->len + (tagged ? TAG : 0);
	struct packet_head head;
	int r;

	if (len > p->snaplen)
		len = p->snaplen;
	head = (struct packet_head){ (uint32_t)(k->time / SECOND), (uint32_t)(k->time % SECOND),
				     len, k->wire_len + (tagged ? TAG : 0) };
	r = append(p, &head, sizeof(head));
	if (r == 0)
		r = tagged ? append_tagged(p, k, len) : append(p, k->data, len);
	if (r == 0)
		p->count++;
	return r;
}

int pcap_flush(struct pcap *p)
{
	size_t n = p->used;

	p->used = 0;
	return n ? fd_write_all(p->fd, p->buf, n) : 0;
}

uint64_t pcap_count(const struct pcap *p)
{
	return p->count;
}

void pcap_free(struct pcap *p)
{
	free(p);
}
