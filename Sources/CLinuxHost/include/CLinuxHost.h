// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef CLINUXHOST_H
#define CLINUXHOST_H

#include <stdint.h>

#include "Logind.h"

/// The day of this compilation as "Mmm dd yyyy" (SOURCE_DATE_EPOCH is honoured by the compiler).
const char *clinuxhost_build_date(void);

/// A descriptor that becomes readable at clinuxhost_wake, or -1 with errno. C function: eventfd.
int clinuxhost_open_wake(void);

/// Makes such a descriptor readable.
void clinuxhost_wake(int descriptor);

/// Takes the next connection of a listening socket, non-blocking and closed on exec, or -1 with errno.
/// C function: accept4, which Swift's Glibc module does not offer.
int clinuxhost_accept(int listener);

/// Sends one datagram without waiting to a Unix socket; a leading '@' of path means the abstract namespace.
/// Returns 0, or -1 with errno. C function: sendto.
int clinuxhost_send_datagram(const char *path, const char *text, uint32_t length);

/// Unmaps the pages of code and constants that this process has mapped so far, its libraries' too; what is needed again
/// is mapped again from the page cache. C functions: dl_iterate_phdr, madvise(MADV_DONTNEED), malloc_trim.
void clinuxhost_release_start_pages(void);

/// Whether the kernel calls its clock synchronised: 1 or 0, or -1 with errno where it may not be asked.
/// C function: adjtimex, without changing anything.
int clinuxhost_clock_is_synchronised(void);

#endif
