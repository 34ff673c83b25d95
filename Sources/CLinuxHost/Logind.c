// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

// libsystemd is loaded by name only when it is needed: a machine without systemd runs the same program, an idle agent
// does not pay for it, and nothing is needed to build. Its interface is stable (symbol version LIBSYSTEMD_240 and older: Debian 10).

#define _GNU_SOURCE

#include "Logind.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;
typedef struct {
    const char *name;
    const char *message;
    int need_free;
} sd_bus_error;
typedef int (*sd_bus_handler)(sd_bus_message *, void *, sd_bus_error *);

/// The functions of <systemd/sd-bus.h> that are used, each with its name there after "sd_bus_".
static struct {
    int (*open_system)(sd_bus **);
    int (*call_method)(sd_bus *, const char *, const char *, const char *, const char *, sd_bus_error *,
                       sd_bus_message **, const char *, ...);
    int (*match_signal)(sd_bus *, sd_bus_slot **, const char *, const char *, const char *, const char *,
                        sd_bus_handler, void *);
    int (*set_method_call_timeout)(sd_bus *, uint64_t);
    int (*get_property_trivial)(sd_bus *, const char *, const char *, const char *, const char *, sd_bus_error *, char,
                                void *);
    int (*process)(sd_bus *, sd_bus_message **);
    int (*wait)(sd_bus *, uint64_t);
    int (*message_enter_container)(sd_bus_message *, char, const char *);
    int (*message_exit_container)(sd_bus_message *);
    int (*message_read)(sd_bus_message *, const char *, ...);
    sd_bus_message *(*message_unref)(sd_bus_message *);
    sd_bus *(*flush_close_unref)(sd_bus *);
    void (*error_free)(sd_bus_error *);
} bus_api;

static int is_loaded;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    struct {
        const char *name;
        void *slot;
    } symbols[] = {
        {"sd_bus_open_system", &bus_api.open_system},
        {"sd_bus_call_method", &bus_api.call_method},
        {"sd_bus_match_signal", &bus_api.match_signal},
        {"sd_bus_set_method_call_timeout", &bus_api.set_method_call_timeout},
        {"sd_bus_get_property_trivial", &bus_api.get_property_trivial},
        {"sd_bus_process", &bus_api.process},
        {"sd_bus_wait", &bus_api.wait},
        {"sd_bus_message_enter_container", &bus_api.message_enter_container},
        {"sd_bus_message_exit_container", &bus_api.message_exit_container},
        {"sd_bus_message_read", &bus_api.message_read},
        {"sd_bus_message_unref", &bus_api.message_unref},
        {"sd_bus_flush_close_unref", &bus_api.flush_close_unref},
        {"sd_bus_error_free", &bus_api.error_free},
    };
    for (size_t index = 0; index < sizeof symbols / sizeof *symbols; index++) {
        void *symbol = dlsym(library, symbols[index].name);
        if (!symbol) return;
        memcpy(symbols[index].slot, &symbol, sizeof symbol);
    }
    is_loaded = 1;
}

#define SERVICE "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"

struct logind {
    sd_bus *bus;
    int is_going_down;
};

static int on_prepare(sd_bus_message *message, void *userdata, sd_bus_error *error) {
    (void)error;
    int active = 0;
    if (bus_api.message_read(message, "b", &active) > 0 && active) ((logind *)userdata)->is_going_down = 1;
    return 0;
}

static void explain(char *text, size_t size, const char *what, int result, sd_bus_error *error) {
    const char *reason = error && error->message ? error->message : strerror(-result);
    snprintf(text, size, "%s: %s", what, reason);
}

logind *logind_open(char *text, size_t size) {
    pthread_once(&load_once, load);
    if (!is_loaded) {
        snprintf(text, size, "libsystemd.so.0 cannot be loaded; without systemd set reboot.mode = \"command\"");
        return NULL;
    }
    logind *connection = calloc(1, sizeof *connection);
    if (!connection) {
        snprintf(text, size, "there is no memory");
        return NULL;
    }
    int result = bus_api.open_system(&connection->bus);
    // Whoever calls the device's command waits no longer than 30 s for its answer.
    if (result >= 0) result = bus_api.set_method_call_timeout(connection->bus, 5000000);
    if (result >= 0)
        result = bus_api.match_signal(connection->bus, NULL, SERVICE, "PrepareForShutdown", on_prepare, connection);
    if (result < 0) {
        explain(text, size, "the system bus does not answer", result, NULL);
        logind_close(connection);
        return NULL;
    }
    return connection;
}

int logind_inhibitor(logind *connection, char *text, size_t size) {
    sd_bus_error error = {0};
    sd_bus_message *reply = NULL;
    int result = bus_api.call_method(connection->bus, SERVICE, "ListInhibitors", &error, &reply, "");
    int found = 0;
    if (result >= 0) result = bus_api.message_enter_container(reply, 'a', "(ssssuu)");
    while (result > 0 && !found) {
        const char *what, *who, *why, *mode;
        uint32_t user, process;
        result = bus_api.message_read(reply, "(ssssuu)", &what, &who, &why, &mode, &user, &process);
        // "what" is a list such as "shutdown:sleep"; no other word of it contains this one.
        if (result <= 0 || strncmp(mode, "block", 5) != 0 || !strstr(what, "shutdown")) continue;
        snprintf(text, size, "%s: %s", who, why);
        found = 1;
    }
    if (result < 0) explain(text, size, "systemd-logind does not tell its inhibitors", result, &error);
    bus_api.error_free(&error);
    if (reply) bus_api.message_unref(reply);
    return result < 0 ? -1 : found;
}

int logind_reboot(logind *connection, char *text, size_t size) {
    sd_bus_error error = {0};
    // polkitd is asked in between and often started for that, which takes a small board seconds. Nobody waits for this
    // answer, and one that was given up would be told as a refusal of a reboot that comes.
    int result = bus_api.set_method_call_timeout(connection->bus, 30000000);
    if (result >= 0) result = bus_api.call_method(connection->bus, SERVICE, "Reboot", &error, NULL, "b", 0);
    if (result < 0) explain(text, size, "systemd-logind refused", result, &error);
    bus_api.error_free(&error);
    return result < 0 ? -1 : 0;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

int logind_wait(logind *connection, uint64_t microseconds) {
    uint64_t start = now();
    while (!connection->is_going_down) {
        int result = bus_api.process(connection->bus, NULL);
        if (result > 0) continue;
        uint64_t spent = now() - start;
        if (result >= 0 && spent >= microseconds) return 0;
        if (result >= 0) result = bus_api.wait(connection->bus, microseconds - spent);
        // A signal of the system is no loss.
        if (result < 0 && result != -EINTR) return -1;
    }
    return 1;
}

void logind_close(logind *connection) {
    if (connection->bus) bus_api.flush_close_unref(connection->bus);
    free(connection);
}

#define TIMEDATE "org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"

int timedate_is_synchronised(void) {
    pthread_once(&load_once, load);
    if (!is_loaded) return -1;
    sd_bus *bus = NULL;
    int answer = 0;
    int result = bus_api.open_system(&bus);
    if (result >= 0) result = bus_api.set_method_call_timeout(bus, 5000000);
    if (result >= 0) result = bus_api.get_property_trivial(bus, TIMEDATE, "NTPSynchronized", NULL, 'b', &answer);
    if (bus) bus_api.flush_close_unref(bus);
    return result < 0 ? -1 : answer != 0;
}
