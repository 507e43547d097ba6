/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/port_index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "net/port_record.h"

#define FILE_NAME ".count" /* beside the owners' directories, none of which begins with a dot */
#define PORTS	  65536UL
#define PROTOS	  3UL
#define SIZE	  (PROTOS * PORTS * sizeof(uint16_t))

int port_index_open(struct net *net, struct port_index *ret)
{
	_cleanup_close_ int dir = net_dir(net, PORT_DIR, true), fd = -1;
	void *p;

	if (dir < 0)
		return dir;
	fd = openat(dir, FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* sparse: only pages that hold a published port take memory */
	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		return -errno;
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	ret->count = p;
	return 0;
}

void port_index_close(struct port_index *ix)
{
	if (ix->count)
		munmap(ix->count, SIZE);
	ix->count = NULL;
}

static uint16_t *at(const struct port_index *ix, const struct port_spec *s)
{
	size_t plane = s->proto == IPPROTO_TCP ? 0 : s->proto == IPPROTO_UDP ? 1 : 2;

	return ix->count + plane * PORTS + s->host_port;
}

static unsigned ports_of(const struct port_spec *s)
{
	return s->host_end - s->host_port + 1u;
}

bool port_index_free(const struct port_index *ix, const struct port_spec *s)
{
	const uint16_t *count = at(ix, s);

	for (unsigned i = 0; i < ports_of(s); i++)
		if (count[i])
			return false;
	return true;
}

void port_index_add(struct port_index *ix, const struct port_spec *specs, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		uint16_t *count = at(ix, &specs[k]);

		for (unsigned i = 0; i < ports_of(&specs[k]); i++)
			count[i] += count[i] < UINT16_MAX;
	}
}

/* One that reached the top stays there until all are counted again. */
void port_index_sub(struct port_index *ix, const struct port_spec *specs, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		uint16_t *count = at(ix, &specs[k]);

		for (unsigned i = 0; i < ports_of(&specs[k]); i++)
			count[i] -= count[i] && count[i] < UINT16_MAX;
	}
}

void port_index_reset(struct port_index *ix)
{
	memset(ix->count, 0, SIZE);
}
