/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor - the small steps that the parsers are composed of. Each reads one
 * thing at *p: on success it advances *p and is true, otherwise it touches
 * nothing. Digits, letters and white space are those of C, never the locale's.
 */
#ifndef CT_BASE_CURSOR_H
#define CT_BASE_CURSOR_H

#include "core/base/inet.h"

/* Exactly this text. */
bool cur_lit(const char **p, const char *text);
/* A decimal number from min to max, without sign or leading zeros. */
bool cur_u64(const char **p, uint64_t min, uint64_t max, uint64_t *ret);
bool cur_u32(const char **p, uint32_t min, uint32_t max, uint32_t *ret);
bool cur_u16(const char **p, uint16_t min, uint16_t max, uint16_t *ret);
/* Two hexadecimal digits. */
bool cur_hex_byte(const char **p, uint8_t *ret);
/* An address that ends where the text does or at a byte of stops. */
bool cur_ip(const char **p, const char *stops, struct ip_addr *ret);

#endif
