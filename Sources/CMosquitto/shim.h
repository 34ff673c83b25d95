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
typedef struct bio_st BIO;
typedef struct bio_method_st BIO_METHOD;
BIO *SSL_get_wbio(const SSL *ssl);
void SSL_set0_wbio(SSL *ssl, BIO *bio);
const BIO_METHOD *BIO_f_buffer(void);
BIO *BIO_new(const BIO_METHOD *method);
BIO *BIO_push(BIO *first, BIO *rest);
BIO *BIO_next(BIO *bio);
int BIO_up_ref(BIO *bio);
long BIO_ctrl(BIO *bio, int command, long number, void *pointer);
int BIO_test_flags(const BIO *bio, int flags);

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

/// Has TLS collect what it sends until `sensor_agent_flush`: libmosquitto makes a system call of each packet otherwise.
/// To be called once, after the handshake; false where there is no TLS or no memory.
static inline bool sensor_agent_buffer_writes(struct mosquitto *client) {
    SSL *ssl = (SSL *)mosquitto_ssl_get(client);
    BIO *socket = ssl ? SSL_get_wbio(ssl) : 0;
    BIO *buffer = socket ? BIO_new(BIO_f_buffer()) : 0;
    if (!buffer) return false;
    BIO_up_ref(socket);
    SSL_set0_wbio(ssl, BIO_push(buffer, socket));
    return true;
}

/// Sends what was collected: 1 when all of it went out, 0 where the socket takes no more for now, -1 where it is broken.
/// Only after `sensor_agent_buffer_writes`.
static inline int sensor_agent_flush(struct mosquitto *client) {
    const int flush = 11, retry = 8; // BIO_CTRL_FLUSH, BIO_FLAGS_SHOULD_RETRY
    const SSL *ssl = (const SSL *)mosquitto_ssl_get(client);
    BIO *buffer = ssl ? SSL_get_wbio(ssl) : 0;
    // libmosquitto has closed the connection.
    if (!buffer) return 1;
    if (BIO_ctrl(buffer, flush, 0, 0) > 0) return 1;
    return BIO_test_flags(buffer, retry) ? 0 : -1;
}

/// Undoes `sensor_agent_buffer_writes`; all of it must have been flushed.
static inline void sensor_agent_stop_buffering(struct mosquitto *client) {
    SSL *ssl = (SSL *)mosquitto_ssl_get(client);
    BIO *socket = ssl ? BIO_next(SSL_get_wbio(ssl)) : 0;
    if (!socket) return;
    BIO_up_ref(socket);
    SSL_set0_wbio(ssl, socket);
}
