// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

#endif
