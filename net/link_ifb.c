/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ifb kind: ip link add NAME type ifb; what is redirected to it leaves through its queue. */
#include "net/link_kind.h"

const struct link_kind link_ifb = { .name = "ifb", .module = "ifb", .config = "CONFIG_IFB" };
