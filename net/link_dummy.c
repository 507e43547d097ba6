/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dummy kind: ip link add NAME type dummy; it swallows what is sent. */
#include "net/link_kind.h"

const struct link_kind link_dummy = { .name = "dummy",
				      .module = "dummy",
				      .config = "CONFIG_DUMMY" };
