// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef CLINUXHOST_H
#define CLINUXHOST_H

#include <stdint.h>

/// 1 when the kernel's clock is synchronised, 0 when not, -1 with errno when the kernel does not tell.
/// C function: adjtimex (reading only).
int clinuxhost_clock_is_synchronised(void);

/// The day of this compilation as "Mmm dd yyyy" (SOURCE_DATE_EPOCH is honoured by the compiler).
const char *clinuxhost_build_date(void);

/// Has SIGTERM and SIGINT written to a pipe by a handler and SIGPIPE ignored; returns the descriptor to read them from,
/// the same at each call, or -1 with errno. C function: sigaction.
int clinuxhost_capture_termination_signals(void);

/// The number of the next captured signal, 0 when there is none, -1 with errno.
int clinuxhost_read_signal(int descriptor);

/// A descriptor that becomes readable at clinuxhost_wake, or -1 with errno. C function: eventfd.
int clinuxhost_open_wake(void);

/// Makes such a descriptor readable.
void clinuxhost_wake(int descriptor);

/// Sends one datagram without waiting to a Unix socket; a leading '@' of path means the abstract namespace.
/// Returns 0, or -1 with errno. C function: sendto.
int clinuxhost_send_datagram(const char *path, const char *text, uint32_t length);

#endif
