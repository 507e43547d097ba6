/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int negative(int num)
{
	return num > 0 ? -num : num;
}

/* One line for the user: whatever foreign text it quotes, no control bytes. */
static void one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
}

int err_set(struct err *e, int num, const char *fmt, ...)
{
	va_list ap;

	num = negative(num);
	if (!e)
		return num;
	e->num = num;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	one_line(e->msg);
	return num;
}

int err_sys(struct err *e, int num, const char *fmt, ...)
{
	size_t len;
	va_list ap;

	num = negative(num);
	if (!e)
		return num;
	e->num = num;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", strerror(-num));
	one_line(e->msg);
	return num;
}

int err_wrap(struct err *e, int r, const char *fmt, ...)
{
	char inner[sizeof((struct err){ 0 }.msg)];
	size_t len;
	va_list ap;

	if (!e)
		return r;
	memcpy(inner, e->msg, sizeof(inner));
	if (!e->num)
		e->num = r;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", inner[0] ? inner : strerror(abs(r)));
	one_line(e->msg);
	return r;
}

void err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->hint[0])
		return;
	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	one_line(e->hint);
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err)ERR_INIT;
}

void err_receive(struct err *e)
{
	e->msg[sizeof(e->msg) - 1] = '\0';
	e->hint[sizeof(e->hint) - 1] = '\0';
	one_line(e->msg);
	one_line(e->hint);
}

bool err_is_passing(int r)
{
	static const int passing[] = { ENOMEM, EMFILE, ENFILE, EIO, EINTR, ENOSPC, ENOBUFS };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (r == -passing[i])
			return true;
	return false;
}
