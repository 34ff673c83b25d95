// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

// What a thread with an event descriptor needs and the Glibc module leaves out.
#pragma once
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread; the kernel keeps the first 15 bytes. `prctl` itself is variadic, which Swift cannot call.
static inline void sensor_agent_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
