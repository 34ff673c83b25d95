// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef LOGIND_H
#define LOGIND_H

#include <stddef.h>
#include <stdint.h>

/// A connection to systemd-logind over the system bus, for one thread; libsystemd is loaded when the first is opened.
typedef struct logind logind;

/// Connects, or returns NULL with the reason in text.
logind *logind_open(char *text, size_t size);

/// Looks for an inhibitor that blocks a shutdown: 1 with "WHO: WHY" in text, 0 for none, -1 with the reason in text.
/// D-Bus: org.freedesktop.login1.Manager.ListInhibitors.
int logind_inhibitor(logind *connection, char *text, size_t size);

/// Asks for a reboot without asking anybody for a password: 0, or -1 with the reason in text.
/// D-Bus: org.freedesktop.login1.Manager.Reboot.
int logind_reboot(logind *connection, char *text, size_t size);

/// Waits until logind says that the machine goes down: 1, 0 when the time is over, -1 when the connection is lost.
/// D-Bus: org.freedesktop.login1.Manager.PrepareForShutdown.
int logind_wait(logind *connection, uint64_t microseconds);

/// Ends the connection.
void logind_close(logind *connection);

/// Asks systemd-timedated, which may be started for that, whether the kernel calls its clock synchronised: 1, 0, or -1 where
/// it does not answer within 5 s. D-Bus: org.freedesktop.timedate1, NTPSynchronized.
int timedate_is_synchronised(void);

#endif
