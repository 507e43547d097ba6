/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/propagation.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"

static const struct {
	const char *word;
	unsigned long flags;
} words[] = {
	{ "private", MS_PRIVATE },	 { "rprivate", MS_PRIVATE | MS_REC },
	{ "slave", MS_SLAVE },		 { "rslave", MS_SLAVE | MS_REC },
	{ "shared", MS_SHARED },	 { "rshared", MS_SHARED | MS_REC },
	{ "unbindable", MS_UNBINDABLE }, { "runbindable", MS_UNBINDABLE | MS_REC },
};

unsigned long propagation_flags(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].flags;
	return 0;
}

int propagation_parse(const char *word, unsigned long *ret, struct err *e)
{
	unsigned long flags = propagation_flags(word);

	if (!flags) {
		err_hint(e, "known are private, slave, shared, unbindable, each with or without "
			    "an r in front");
		return err_set(e, EINVAL, "unknown propagation '%s'", word);
	}
	*ret = flags;
	return 0;
}

const char *propagation_word(unsigned long flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].flags == flags)
			return words[i].word;
	return NULL;
}
