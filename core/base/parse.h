/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse - words of the command line and of files turned into values.
 *
 * Every parser takes the whole word, is strict (no white space, no sign, no
 * trailing bytes, no overflow), writes *ret only on success and returns 0 or
 * -EINVAL / -ERANGE with a message that quotes the word and says what would
 * have been right. No parser knows which option it serves: the caller wraps
 * ("--memory").
 */
#ifndef CT_BASE_PARSE_H
#define CT_BASE_PARSE_H

#include "core/base/inet.h"

struct err;

int parse_bool(const char *s, bool *ret, struct err *e); /* yes/no true/false on/off 1/0 */
int parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret, struct err *e);
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret, struct err *e);

/* Bytes: 64M, 1.5G, 512K, 100 (plain bytes), 10B; powers of 1024. */
int parse_size(const char *s, uint64_t *ret, struct err *e);
/* Nanoseconds: 10s, 1.5ms, 20us, 2m, 1h; a unit is mandatory except for 0. */
int parse_duration(const char *s, uint64_t *ret_ns, struct err *e);
/* The same with a sign, and days: +3d, -10s, 0. */
int parse_offset(const char *s, int64_t *ret_ns, struct err *e);
/* Bits per second: 10mbit, 1gbit, 512kbit, 100bit; powers of 1000, unit mandatory. */
int parse_rate(const char *s, uint64_t *ret_bps, struct err *e);
/* Thousandths of one CPU: "0.2" -> 200, "2" -> 2000; 0.001 at least. */
int parse_cpus(const char *s, uint32_t *ret_milli, struct err *e);
/* "0-3,5": checked and normalised text, at most size bytes with the NUL. */
int parse_cpuset(const char *s, char *buf, size_t size, struct err *e);

int parse_ip(const char *s, struct ip_addr *ret, struct err *e);
/* ADDR/LEN; the length is mandatory. */
int parse_prefix(const char *s, struct ip_prefix *ret, struct err *e);
/* As parse_prefix, and the host bits must be zero: "use 10.88.0.0/24". */
int parse_subnet(const char *s, struct ip_prefix *ret, struct err *e);
/* FIRST-LAST, a subnet (all of it), or one address. */
int parse_ip_range(const char *s, struct ip_range *ret, struct err *e);
int parse_mac(const char *s, struct mac_addr *ret, struct err *e);

/* [HOSTIP:]HOSTPORT[-END]:PORT[/tcp|udp|sctp]; HOSTIP v6 in brackets; HOSTPORT 0: choose. */
struct port_spec {
	struct ip_addr host_ip; /* unset: every address of the host; 0.0.0.0, ::: of that family */
	uint16_t host_port, host_end; /* inclusive; equal for one port */
	uint16_t port; /* the first one in the container */
	uint8_t proto; /* IPPROTO_* */
};
int parse_port_spec(const char *s, struct port_spec *ret, struct err *e);

/* CONTAINER:HOST:COUNT, as newuidmap's arguments. */
struct id_map {
	uint32_t inside, outside, count;
};
int parse_id_map(const char *s, struct id_map *ret, struct err *e);

/* UID[:GID], decimal; gid = uid's word when left out: -1 (unset). UINT32_MAX is refused. */
int parse_user(const char *s, uint32_t *ret_uid, uint32_t *ret_gid, struct err *e);

/* KEY=VALUE split at the first '='; key points to a copy in *ret (one allocation). */
int parse_key_value(const char *s, char **ret_key, char **ret_value, struct err *e);

#endif
