// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#pragma once
#include <mosquitto.h>
#include <stdint.h>

// Functions of OpenSSL, declared as its headers do: including those would cost every build a second.
typedef struct ssl_st SSL;
int OPENSSL_init_ssl(uint64_t options, const void *settings);
long SSL_get_verify_result(const SSL *ssl);
int SSL_has_pending(const SSL *ssl);
void SSL_set_read_ahead(SSL *ssl, int yes);
int SSL_want(const SSL *ssl);
const char *X509_verify_cert_error_string(long code);

/// Why the server's certificate was not accepted (an X509_V_ERR_ code), 0 when it was or was not looked at.
/// libmosquitto itself reports only that the handshake failed.
static inline long sensor_agent_verify_result(struct mosquitto *client) {
    const SSL *ssl = (const SSL *)mosquitto_ssl_get(client);
    return ssl ? SSL_get_verify_result(ssl) : 0;
}

/// Whether TLS waits for bytes of the server although libmosquitto has something to send: during the handshake.
/// Polling for writability then would spin.
static inline bool sensor_agent_waits_for_server(struct mosquitto *client) {
    const int reading = 3; // SSL_READING
    const SSL *ssl = (const SSL *)mosquitto_ssl_get(client);
    return ssl && SSL_want(ssl) == reading;
}

/// Has TLS take all that the socket holds at once, not each record's head and body by a system call of their own.
/// From then on `sensor_agent_has_unread` has to be asked, because `poll` no longer sees what TLS has taken.
static inline void sensor_agent_read_ahead(struct mosquitto *client) {
    SSL *ssl = (SSL *)mosquitto_ssl_get(client);
    if (ssl) SSL_set_read_ahead(ssl, 1);
}

/// Whether TLS holds bytes that libmosquitto has not read, the beginning of a record perhaps.
static inline bool sensor_agent_has_unread(struct mosquitto *client) {
    const SSL *ssl = (const SSL *)mosquitto_ssl_get(client);
    return ssl && SSL_has_pending(ssl) == 1;
}
