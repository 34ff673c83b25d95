// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef CLINUXI2C_H
#define CLINUXI2C_H

#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdint.h>

// Each function returns -1 and sets errno where it fails, as a system call does.

/// What the adapter can do, a set of I2C_FUNC_ bits. ioctl I2C_FUNCS.
int clinuxi2c_functions(int fd, unsigned long *functions);

/// Selects the address for SMBus calls; EBUSY where a kernel driver holds it. ioctl I2C_SLAVE, never I2C_SLAVE_FORCE.
int clinuxi2c_select(int fd, uint8_t address);

/// One transaction of an optional write and an optional read, joined by a repeated START; a length of 0 leaves a part out.
/// Returns the number of bytes read, or -1. ioctl I2C_RDWR.
int clinuxi2c_transfer(int fd, uint8_t address, uint8_t *written, uint16_t write_length, uint8_t *read_into,
                       uint16_t read_length);

/// SMBus calls of libi2c at the selected address; values and counts as i2c/smbus.h says.
int clinuxi2c_write_quick(int fd);
int clinuxi2c_read_byte(int fd);
int clinuxi2c_write_byte(int fd, uint8_t value);
int clinuxi2c_read_byte_data(int fd, uint8_t command);
int clinuxi2c_write_byte_data(int fd, uint8_t command, uint8_t value);
int clinuxi2c_read_word_data(int fd, uint8_t command);
int clinuxi2c_write_word_data(int fd, uint8_t command, uint16_t value);
int clinuxi2c_read_block_data(int fd, uint8_t command, uint8_t length, uint8_t *values);
int clinuxi2c_write_block_data(int fd, uint8_t command, uint8_t length, const uint8_t *values);

#endif
