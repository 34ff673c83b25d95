// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef SENSOR_AGENT_COPENSSL_SHIM_H
#define SENSOR_AGENT_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#endif
