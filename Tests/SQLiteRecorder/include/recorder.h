/* SPDX-License-Identifier: Apache-2.0
 * Copyright the sensor-agent authors */

/* A layer between SQLite and the file system for tests: it records what would reach a disk, and fails on request. */

#ifndef SQLITE_RECORDER_H
#define SQLITE_RECORDER_H

#include <stdint.h>

enum recorder_kind {
    RECORDER_WRITE = 1,
    RECORDER_TRUNCATE = 2,
    RECORDER_SYNC = 3,
    RECORDER_DELETE = 4,
    RECORDER_MARK = 5,
};

struct recorder_operation {
    int kind;
    /* The file's name without its directory; of a mark, empty. */
    const char *name;
    /* Where it was written, the size after truncation, or the number of the mark. */
    int64_t offset;
    const unsigned char *bytes;
    int64_t count;
};

/* Registers the layer under `name`; each name has its own record. Returns 0, or -1 where there are too many. */
int recorder_register(const char *name);
/* How many operations are recorded. */
int64_t recorder_count(const char *name);
/* An operation; its memory stays valid. */
struct recorder_operation recorder_get(const char *name, int64_t index);
/* Adds a mark of the test's own. */
void recorder_mark(const char *name, int64_t number);
/* Lets `after` more writes and syncs pass and then fails all with SQLite's result `code`; 0 ends it. A system
 * error number goes with it. */
void recorder_fail(const char *name, int code, int system_error, int64_t after);
/* Holds every sync until it is released (`hold` 0). */
void recorder_hold(const char *name, int hold);

#endif
