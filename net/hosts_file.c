/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers take no lock, therefore every change is a single pwrite of whole
 * lines: a reader sees a line, or blanks of the same length, or no line yet.
 */
#include "net/hosts_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/inet.h"
#include "core/base/str.h"
#include "net/names.h"

#define HOSTS_MAX (16U << 20)
#define LINE_LEN  1024

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
	/* the last may have been cut short by a full disk: it is read, but has no room */
	for (size_t from = 0, len; from < size; from += len + 1) {
		const char *s = text + from, *nl = memchr(s, '\n', size - from);
		bool own;
		int r;

		len = nl ? (size_t)(nl - s) : size - from;
		own = line_of(s, len, ip);
		r = own ? blank_out(fd, (off_t)from, len) : 0;
		if (r < 0)
			return r;
		if (nl && want && len >= want && len <= LINE_LEN && (own || line_blank(s, len)) &&
		    (*ret_at < 0 || len < *ret_len)) {
			*ret_at = (off_t)from;
			*ret_len = len;
		}
	}
	return 0;
}

int hosts_file_read(int fd, char **ret, size_t *ret_size)
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

/*
 * line, with its newline and room for LINE_LEN bytes, replaces the address's own
 * lines; NULL: none does.
 */
static int change(int fd, const struct ip_addr *a, char *line, size_t len)
{
	_cleanup_free_ char *text = NULL;
	char ip[IP_STRLEN];
	size_t size = 0, room;
	off_t at;
	int r = hosts_file_read(fd, &text, &size);

	if (r < 0 || !text)
		return r;
	r = scan(fd, text, size, ip_str(a, ip), line ? len - 1 : 0, &at, &room);
	if (r < 0 || !line)
		return r;
	if (at < 0) {
		at = (off_t)size;
		/* a line that a full disk cut short, which this one would be glued to */
		if (size && text[size - 1] != '\n' && pwrite(fd, "\n", 1, at++) != 1)
			return -EIO;
	} else { /* the newline stands there already */
		memset(line + len - 1, ' ', room - (len - 1));
		len = room;
	}
	return pwrite(fd, line, len, at) == (ssize_t)len ? 0 : -EIO;
}

/* -ENAMETOOLONG when the line would exceed 1 KiB, -EIO when the disk is full. */
int hosts_file_put(int fd, const struct ip_addr *a, const char *const *names, size_t n)
{
	char line[LINE_LEN];
	int len = n ? make_line(line, a, names, n) : -EINVAL;

	return len < 0 ? len : change(fd, a, line, (size_t)len);
}

int hosts_file_clear(int fd, const struct ip_addr *a)
{
	return change(fd, a, NULL, 0);
}
