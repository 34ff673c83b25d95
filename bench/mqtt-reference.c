// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors
//
// What hub-bench does, in C on libmosquitto: one thread, own poll loop, publishing from the acknowledgement callback.
// Reads BENCH_HOST, BENCH_PORT, BENCH_CA, BENCH_COUNT, BENCH_BATCH, and for a hub that wants them BENCH_CLIENT, BENCH_USER
// and BENCH_PASSWORD; prints {"acked": N, "seconds": S}.

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    long count, batch, sent, acked;
    char topic[128];
    double start;
    int refused;
} bench = {.refused = -1};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "mqtt-reference: %s: %s\n", what, why);
    exit(1);
}

static const char *text(const char *name) {
    const char *value = getenv(name);
    if (!value || !*value) fail(name, "is not set; give BENCH_HOST, BENCH_PORT and BENCH_CA");
    return value;
}

static long number(const char *name, long standard, long most) {
    if (!getenv(name) && standard) return standard;
    char *end;
    long value = strtol(text(name), &end, 10);
    if (*end || value < 1 || value > most) fail(name, "is not a whole number in range");
    return value;
}

static void publish_next(struct mosquitto *client) {
    char body[32];
    int length = snprintf(body, sizeof body, "{\"temperature\":21.50,\"n\":%04ld}", bench.sent % 10000);
    int code = mosquitto_publish(client, NULL, bench.topic, length, body, 1, false);
    if (code) fail("publish", mosquitto_strerror(code));
    bench.sent++;
}

static void on_connect(struct mosquitto *client, void *context, int code) {
    (void)context;
    bench.refused = code;
    bench.start = now();
    while (code == 0 && bench.sent < bench.batch && bench.sent < bench.count) publish_next(client);
}

static void on_publish(struct mosquitto *client, void *context, int identifier) {
    (void)context, (void)identifier;
    bench.acked++;
    if (bench.sent < bench.count) publish_next(client);
}

static void check(const char *what, int code) {
    if (code) fail(what, code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code));
}

int main(void) {
    const char *host = text("BENCH_HOST"), *authority = text("BENCH_CA");
    int port = (int)number("BENCH_PORT", 0, 65535);
    bench.count = number("BENCH_COUNT", 10000, 100000000);
    bench.batch = number("BENCH_BATCH", 100, 1000);
    char identifier[64];
    if (getenv("BENCH_CLIENT")) snprintf(identifier, sizeof identifier, "%s", text("BENCH_CLIENT"));
    else snprintf(identifier, sizeof identifier, "mqtt-reference-%d", getpid());
    snprintf(bench.topic, sizeof bench.topic, "devices/%s/messages/events/", identifier);

    signal(SIGPIPE, SIG_IGN);
    mosquitto_lib_init();
    struct mosquitto *client = mosquitto_new(identifier, true, NULL);
    if (!client) fail("client", strerror(errno));
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_publish_callback_set(client, on_publish);
    check("window", mosquitto_max_inflight_messages_set(client, (unsigned)bench.batch));
    if (getenv("BENCH_USER")) check("user", mosquitto_username_pw_set(client, text("BENCH_USER"), text("BENCH_PASSWORD")));
    check("BENCH_CA", mosquitto_tls_set(client, authority, NULL, NULL, NULL, NULL));
    check("TLS options", mosquitto_tls_opts_set(client, 1, "tlsv1.2", NULL));
    check("connect", mosquitto_connect(client, host, port, 60));

    while (bench.acked < bench.count) {
        struct pollfd entry = {.fd = mosquitto_socket(client), .events = POLLIN};
        // Before the first answer TLS waits for the server: polling for writability would spin.
        if (bench.refused == 0 && mosquitto_want_write(client)) entry.events |= POLLOUT;
        poll(&entry, 1, 1000);
        if (entry.revents & ~POLLOUT) check("read", mosquitto_loop_read(client, 1));
        if (bench.refused > 0) fail("connect", mosquitto_connack_string(bench.refused));
        if (mosquitto_want_write(client)) check("write", mosquitto_loop_write(client, 1));
        check("loop", mosquitto_loop_misc(client));
    }
    printf("{\"acked\": %ld, \"seconds\": %.6f}\n", bench.acked, now() - bench.start);
    mosquitto_disconnect(client);
    mosquitto_destroy(client);
    return 0;
}
