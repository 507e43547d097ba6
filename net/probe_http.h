/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe_http - an answer of HTTP/1.0 taken apart. Used by probe_http.c. */
#ifndef CT_NET_PROBE_HTTP_H
#define CT_NET_PROBE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_answer {
	int status;
	size_t body; /* where it begins */
	bool has_length;
	size_t length; /* with has_length: of the body, as announced */
};
/*
 * buf: what came so far, NUL-terminated at len. 1: the head is whole, 0: not yet,
 * -EPROTO: it is none.
 */
int http_parse(const char *buf, size_t len, struct http_answer *ret);

#endif
