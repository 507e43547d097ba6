/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shared hosts file of a network. It is bind-mounted into containers that
 * run, so its inode stays for as long as the network does. Readers take no
 * lock, therefore every change is a single pwrite of whole lines: a reader
 * sees a line, or blanks of the same length, or no line yet.
 */
#include "net/names.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/store.h"

#define HOSTS_MAX (16U << 20)
#define LINE_LEN  1024

const char names_hosts_head[] = "127.0.0.1\tlocalhost\n"
				"::1\tlocalhost ip6-localhost ip6-loopback\n"
				"ff02::1\tip6-allnodes\n"
				"ff02::2\tip6-allrouters\n";

int names_check(const char *what, const char *name, struct err *e)
{
	size_t n = strlen(name), label = 0;
	int r = 0;

	if (n == 0 || n > 253)
		r = -EINVAL;
	for (size_t i = 0; i < n && r == 0; i++) {
		if (name[i] == '.') {
			r = label == 0 ? -EINVAL : 0;
			label = 0;
		} else if (!isascii(name[i]) ||
			   (!isalnum((unsigned char)name[i]) && !strchr("-_", name[i])) ||
			   ++label > 63) {
			r = -EINVAL;
		}
	}
	if (r < 0 || label == 0 || !isalnum((unsigned char)name[0])) {
		err_set(e, EINVAL, "\"%s\" is no %s", name, what);
		err_hint(e, "use letters, digits, - and _, at most 63 between dots");
		return -EINVAL;
	}
	return 0;
}

static int open_file(struct net *net, const char *network, bool create)
{
	_cleanup_close_ int dir = net_dir(net, "hosts", create), fd = -1;
	struct stat st;
	int r;

	if (dir < 0)
		return dir;
	fd = openat(dir, network, O_RDWR | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT : 0), 0644);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0)
		return take_fd(&fd);
	/* read in containers by any user, whatever our umask */
	if (fchmod(fd, 0644) < 0)
		return -errno;
	r = fd_write_all(fd, names_hosts_head, sizeof(names_hosts_head) - 1);
	return r < 0 ? r : take_fd(&fd);
}

int names_open_hosts(struct net *net, const char *network, struct err *e)
{
	_cleanup_close_ int rw = open_file(net, network, true);
	_cleanup_close_ int dir = net_dir(net, "hosts", false);
	int fd = rw < 0 ? rw : dir;

	if (fd >= 0) {
		fd = openat(dir, network, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		err_sys(e, fd, "hosts file of network %s", network);
	return fd;
}

static int make_line(char buf[LINE_LEN], const struct ip_addr *a, const char *const *names,
		     size_t n)
{
	char ip[IP_STRLEN];
	size_t len;
	int r = str_fmt(buf, LINE_LEN, "%s", ip_str(a, ip));

	for (size_t i = 0; i < n && r >= 0; i++) {
		if (names_check("host name", names[i], NULL) < 0)
			return -EINVAL;
		len = strlen(buf);
		r = str_fmt(buf + len, LINE_LEN - len, "%c%s", i ? ' ' : '\t', names[i]);
	}
	len = strlen(buf);
	if (r < 0 || len + 2 > LINE_LEN)
		return -ENAMETOOLONG;
	buf[len] = '\n';
	return (int)len + 1;
}

/* Whether the line at s is the address's own. */
static bool line_of(const char *s, size_t len, const char *ip)
{
	size_t n = strlen(ip);

	return len > n && !memcmp(s, ip, n) && s[n] == '\t';
}

static bool line_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ')
			return false;
	return true;
}

static int blank_out(int fd, off_t at, size_t len)
{
	char blanks[LINE_LEN];

	if (len > sizeof(blanks))
		return -EFBIG;
	memset(blanks, ' ', len);
	return pwrite(fd, blanks, len, at) == (ssize_t)len ? 0 : -EIO;
}

/*
 * Blanks out the address's lines. Of what is blank then, *ret_at is the
 * shortest line that has room for want bytes; -1: none.
 */
static int scan(int fd, const char *text, size_t size, const char *ip, size_t want, off_t *ret_at,
		size_t *ret_len)
{
	*ret_at = -1;
	*ret_len = 0;
	for (const char *s = text, *nl; (nl = memchr(s, '\n', size - (size_t)(s - text)));
	     s = nl + 1) {
		size_t len = (size_t)(nl - s);
		bool own = line_of(s, len, ip);
		int r = own ? blank_out(fd, s - text, len) : 0;

		if (r < 0)
			return r;
		if (want && len >= want && len <= LINE_LEN && (own || line_blank(s, len)) &&
		    (*ret_at < 0 || len < *ret_len)) {
			*ret_at = s - text;
			*ret_len = len;
		}
	}
	return 0;
}

static int read_whole(int fd, char **ret, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > HOSTS_MAX)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	n = fd_read_all(fd, text, (size_t)st.st_size);
	if (n < 0)
		return (int)n;
	*ret_size = (size_t)n;
	*ret = take_ptr(text);
	return 0;
}

/* line, with its newline and with room for LINE_LEN bytes, replaces the address's own; NULL: none
 * does. */
static int change(int fd, const struct ip_addr *a, char *line, size_t len)
{
	_cleanup_free_ char *text = NULL;
	char ip[IP_STRLEN];
	size_t size = 0, room;
	off_t at;
	int r = read_whole(fd, &text, &size);

	if (r < 0 || !text)
		return r;
	r = scan(fd, text, size, ip_str(a, ip), line ? len - 1 : 0, &at, &room);
	if (r < 0 || !line)
		return r;
	if (at < 0) {
		at = (off_t)size;
	} else { /* the newline stands there already */
		memset(line + len - 1, ' ', room - (len - 1));
		len = room;
	}
	return pwrite(fd, line, len, at) == (ssize_t)len ? 0 : -EIO;
}

/* -ENAMETOOLONG when the line would exceed 1 KiB, -EIO when the disk is full. */
int names_join(struct net *net, const char *network, const struct ip_addr *a,
	       const char *const *names, size_t n)
{
	_cleanup_close_ int fd = -1;
	char line[LINE_LEN];
	int len = n ? make_line(line, a, names, n) : -EINVAL;

	if (len < 0)
		return len;
	fd = open_file(net, network, true);
	return fd < 0 ? fd : change(fd, a, line, (size_t)len);
}

int names_leave(struct net *net, const char *network, const struct ip_addr *a)
{
	_cleanup_close_ int fd = open_file(net, network, false);

	if (fd == -ENOENT)
		return 0;
	return fd < 0 ? fd : change(fd, a, NULL, 0);
}

void names_drop(struct net *net, const char *network)
{
	_cleanup_close_ int dir = net_dir(net, "hosts", false);

	if (dir >= 0)
		unlinkat(dir, network, 0);
}
