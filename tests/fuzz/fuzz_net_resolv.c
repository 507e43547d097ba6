/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as the host's resolv.conf, of which a container gets servers it can reach and
 * never a search domain; and as a hosts file in which lines are put and blanked out.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/hosts_file.h"
#include "net/resolv.h"
#include "tests/fuzz/fuzz.h"

static void resolv(void)
{
	_cleanup_free_ char *text = NULL;
	struct resolv_want want = { .loopback_ok = false };
	struct err e = ERR_INIT;
	unsigned n = 0, seen = 0;

	if (resolv_conf_at(fuzz_dir(), &want, &text, &n, &e) < 0) {
		fuzz_check(e.msg[0]);
		return;
	}
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		struct ip_addr a;
		char word[IP_STRLEN] = "";

		fuzz_check(*line == '#' || str_starts(line, "nameserver ") ||
			   line[strspn(line, " \t")] == 'o');
		if (!str_starts(line, "nameserver "))
			continue;
		line += strlen("nameserver ");
		fuzz_check(str_fmt(word, sizeof(word), "%.*s", (int)strcspn(line, "\n"), line) >=
				   0 &&
			   parse_ip(word, &a, NULL) == 0 && !ip_is_loopback(&a));
		seen++;
	}
	fuzz_check(seen == n && n <= 3);
}

static bool has_line(const char *text, size_t size, const char *line)
{
	const char *end = text + size, *feed;
	size_t n = strlen(line);

	for (const char *at = text; (size_t)(end - at) >= n; at = feed + 1) {
		if (!memcmp(at, line, n))
			return true;
		feed = memchr(at, '\n', (size_t)(end - at));
		if (!feed)
			break;
	}
	return false;
}

/* A line that was put is there, and is gone once it was cleared. */
static void hosts(void)
{
	static const char line[] = "10.9.0.2\tweb www";
	const char *const names[] = { "web", "www" };
	_cleanup_close_ int fd = openat(fuzz_dir(), "hosts", O_RDWR | O_CLOEXEC);
	_cleanup_free_ char *put = NULL, *cleared = NULL;
	struct ip_addr a;
	size_t size = 0;

	fuzz_check(fd >= 0 && parse_ip("10.9.0.2", &a, NULL) == 0);
	if (hosts_file_put(fd, &a, names, ARRAY_SIZE(names)) < 0)
		return;
	fuzz_check(hosts_file_read(fd, &put, &size) >= 0);
	fuzz_check(has_line(put, size, line));
	fuzz_check(hosts_file_clear(fd, &a) >= 0 && hosts_file_read(fd, &cleared, &size) >= 0);
	fuzz_check(!has_line(cleared, size, line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	char *at = text, *first = fuzz_part(&at);

	fuzz_file("etc/resolv.conf", first, strlen(first));
	fuzz_file("hosts", at, size - (size_t)(at - text));
	first = fuzz_part(&at);
	fuzz_file("run/systemd/resolve/resolv.conf", first, strlen(first));
	resolv();
	hosts();
	return 0;
}
