/* SPDX-License-Identifier: Apache-2.0
 * Copyright the sensor-agent authors */

#include "recorder.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RECORDERS = 256 };

struct recorder {
    sqlite3_vfs vfs;
    char name[64];
    pthread_mutex_t lock;
    pthread_cond_t released;
    struct recorder_operation *operations;
    int64_t count, room;
    int fail_code, fail_errno, hold;
    int64_t fail_after;
};

struct recorded_file {
    sqlite3_file base;
    struct recorder *recorder;
    const char *name;
    /* The system's file follows. */
    sqlite3_file real[];
};

static struct recorder recorders[MOST_RECORDERS];
static int used;
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

static struct recorder *find(const char *name) {
    for (int index = 0; index < used; index++) {
        if (strcmp(recorders[index].name, name) == 0) return &recorders[index];
    }
    abort();
}

static void add(struct recorder *recorder, int kind, const char *name, int64_t offset, const void *bytes, int64_t count) {
    pthread_mutex_lock(&recorder->lock);
    if (recorder->count == recorder->room) {
        recorder->room = recorder->room ? recorder->room * 2 : 256;
        recorder->operations = realloc(recorder->operations, recorder->room * sizeof *recorder->operations);
    }
    unsigned char *copy = malloc(count ? count : 1);
    if (!copy || !recorder->operations) abort();
    if (count) memcpy(copy, bytes, count);
    recorder->operations[recorder->count++] =
        (struct recorder_operation){kind, name ? name : "", offset, copy, count};
    pthread_mutex_unlock(&recorder->lock);
}

/* The result that an operation has to fail with, or SQLITE_OK. */
static int failure(struct recorder *recorder) {
    pthread_mutex_lock(&recorder->lock);
    int code = SQLITE_OK;
    if (recorder->fail_code && recorder->fail_after-- <= 0) code = recorder->fail_code;
    pthread_mutex_unlock(&recorder->lock);
    return code;
}

#define REAL(file) (((struct recorded_file *)(file))->real)
#define RECORDER(file) (((struct recorded_file *)(file))->recorder)
#define METHODS(file) (REAL(file)->pMethods)

static int file_close(sqlite3_file *file) { return METHODS(file)->xClose(REAL(file)); }

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    return METHODS(file)->xRead(REAL(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    int code = failure(RECORDER(file));
    if (code) return code;
    code = METHODS(file)->xWrite(REAL(file), bytes, count, offset);
    if (!code) add(RECORDER(file), RECORDER_WRITE, ((struct recorded_file *)file)->name, offset, bytes, count);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = failure(RECORDER(file));
    if (code) return code;
    code = METHODS(file)->xTruncate(REAL(file), size);
    if (!code) add(RECORDER(file), RECORDER_TRUNCATE, ((struct recorded_file *)file)->name, size, NULL, 0);
    return code;
}

static int file_sync(sqlite3_file *file, int flags) {
    struct recorder *recorder = RECORDER(file);
    pthread_mutex_lock(&recorder->lock);
    while (recorder->hold) pthread_cond_wait(&recorder->released, &recorder->lock);
    pthread_mutex_unlock(&recorder->lock);
    int code = failure(recorder);
    if (code) return code;
    /* The system's sync is left out: what counts here is the record, and tests are many. */
    (void)flags;
    add(recorder, RECORDER_SYNC, ((struct recorded_file *)file)->name, 0, NULL, 0);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) { return METHODS(file)->xFileSize(REAL(file), size); }
static int file_lock(sqlite3_file *file, int lock) { return METHODS(file)->xLock(REAL(file), lock); }
static int file_unlock(sqlite3_file *file, int lock) { return METHODS(file)->xUnlock(REAL(file), lock); }
static int file_reserved(sqlite3_file *file, int *result) {
    return METHODS(file)->xCheckReservedLock(REAL(file), result);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
    return METHODS(file)->xFileControl(REAL(file), operation, argument);
}
static int file_sector(sqlite3_file *file) { return METHODS(file)->xSectorSize(REAL(file)); }
static int file_characteristics(sqlite3_file *file) { return METHODS(file)->xDeviceCharacteristics(REAL(file)); }
static int file_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    return METHODS(file)->xShmMap(REAL(file), page, size, extend, memory);
}
static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return METHODS(file)->xShmLock(REAL(file), offset, count, flags);
}
static void file_barrier(sqlite3_file *file) { METHODS(file)->xShmBarrier(REAL(file)); }
static int file_unmap(sqlite3_file *file, int remove) { return METHODS(file)->xShmUnmap(REAL(file), remove); }

static const sqlite3_io_methods methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
    file_reserved, file_control, file_sector, file_characteristics, file_map, file_shm_lock, file_barrier,
    file_unmap, NULL, NULL,
};

static const char *last_part(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    struct recorded_file *recorded = (struct recorded_file *)file;
    sqlite3_vfs *system = vfs->pAppData;
    int code = system->xOpen(system, path, recorded->real, flags, out);
    recorded->recorder = (struct recorder *)vfs;
    recorded->name = path ? strdup(last_part(path)) : "";
    recorded->base.pMethods = code ? NULL : &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    sqlite3_vfs *system = vfs->pAppData;
    int code = system->xDelete(system, path, sync);
    if (!code) add((struct recorder *)vfs, RECORDER_DELETE, strdup(last_part(path)), 0, NULL, 0);
    return code;
}

static int vfs_last_error(sqlite3_vfs *vfs, int count, char *text) {
    struct recorder *recorder = (struct recorder *)vfs;
    sqlite3_vfs *system = vfs->pAppData;
    if (recorder->fail_code) return recorder->fail_errno;
    return system->xGetLastError ? system->xGetLastError(system, count, text) : 0;
}

int recorder_register(const char *name) {
    pthread_mutex_lock(&registry);
    if (used == MOST_RECORDERS || strlen(name) >= sizeof recorders[0].name) {
        pthread_mutex_unlock(&registry);
        return -1;
    }
    struct recorder *recorder = &recorders[used++];
    pthread_mutex_unlock(&registry);
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    recorder->vfs = *system;
    recorder->vfs.iVersion = 1;
    recorder->vfs.szOsFile = (int)sizeof(struct recorded_file) + system->szOsFile;
    recorder->vfs.pAppData = system;
    recorder->vfs.xOpen = vfs_open;
    recorder->vfs.xDelete = vfs_delete;
    recorder->vfs.xGetLastError = vfs_last_error;
    strcpy(recorder->name, name);
    recorder->vfs.zName = recorder->name;
    pthread_mutex_init(&recorder->lock, NULL);
    pthread_cond_init(&recorder->released, NULL);
    return sqlite3_vfs_register(&recorder->vfs, 0) ? -1 : 0;
}

int64_t recorder_count(const char *name) {
    struct recorder *recorder = find(name);
    pthread_mutex_lock(&recorder->lock);
    int64_t count = recorder->count;
    pthread_mutex_unlock(&recorder->lock);
    return count;
}

struct recorder_operation recorder_get(const char *name, int64_t index) {
    struct recorder *recorder = find(name);
    pthread_mutex_lock(&recorder->lock);
    struct recorder_operation operation = recorder->operations[index];
    pthread_mutex_unlock(&recorder->lock);
    return operation;
}

void recorder_mark(const char *name, int64_t number) { add(find(name), RECORDER_MARK, NULL, number, NULL, 0); }

void recorder_fail(const char *name, int code, int system_error, int64_t after) {
    struct recorder *recorder = find(name);
    pthread_mutex_lock(&recorder->lock);
    recorder->fail_code = code;
    recorder->fail_errno = system_error;
    recorder->fail_after = after;
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_hold(const char *name, int hold) {
    struct recorder *recorder = find(name);
    pthread_mutex_lock(&recorder->lock);
    recorder->hold = hold;
    pthread_cond_broadcast(&recorder->released);
    pthread_mutex_unlock(&recorder->lock);
}
