// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#include "CLinuxI2C.h"

#include <errno.h>
#include <i2c/smbus.h>
#include <sys/ioctl.h>

// libi2c returns a negative error number where a system call returns -1.
static int as_system_call(int result) {
    if (result >= 0) {
        return result;
    }
    errno = -result;
    return -1;
}

int clinuxi2c_functions(int fd, unsigned long *functions) { return ioctl(fd, I2C_FUNCS, functions); }

int clinuxi2c_select(int fd, uint8_t address) { return ioctl(fd, I2C_SLAVE, (unsigned long)address); }

int clinuxi2c_transfer(int fd, uint8_t address, uint8_t *written, uint16_t write_length, uint8_t *read_into,
                       uint16_t read_length) {
    struct i2c_msg messages[2];
    unsigned int count = 0;
    if (write_length > 0) {
        messages[count++] =
            (struct i2c_msg){.addr = address, .flags = 0, .len = write_length, .buf = written};
    }
    if (read_length > 0) {
        messages[count++] =
            (struct i2c_msg){.addr = address, .flags = I2C_M_RD, .len = read_length, .buf = read_into};
    }
    struct i2c_rdwr_ioctl_data transaction = {.msgs = messages, .nmsgs = count};
    int done = ioctl(fd, I2C_RDWR, &transaction);
    if (done < 0) {
        return -1;
    }
    // Fewer messages than asked for means that the adapter gave up in the middle.
    if ((unsigned int)done != count) {
        errno = EPROTO;
        return -1;
    }
    return read_length;
}

int clinuxi2c_write_quick(int fd) { return as_system_call(i2c_smbus_write_quick(fd, I2C_SMBUS_WRITE)); }

int clinuxi2c_read_byte(int fd) { return as_system_call(i2c_smbus_read_byte(fd)); }

int clinuxi2c_write_byte(int fd, uint8_t value) { return as_system_call(i2c_smbus_write_byte(fd, value)); }

int clinuxi2c_read_byte_data(int fd, uint8_t command) {
    return as_system_call(i2c_smbus_read_byte_data(fd, command));
}

int clinuxi2c_write_byte_data(int fd, uint8_t command, uint8_t value) {
    return as_system_call(i2c_smbus_write_byte_data(fd, command, value));
}

int clinuxi2c_read_word_data(int fd, uint8_t command) {
    return as_system_call(i2c_smbus_read_word_data(fd, command));
}

int clinuxi2c_write_word_data(int fd, uint8_t command, uint16_t value) {
    return as_system_call(i2c_smbus_write_word_data(fd, command, value));
}

int clinuxi2c_read_block_data(int fd, uint8_t command, uint8_t length, uint8_t *values) {
    return as_system_call(i2c_smbus_read_i2c_block_data(fd, command, length, values));
}

int clinuxi2c_write_block_data(int fd, uint8_t command, uint8_t length, const uint8_t *values) {
    return as_system_call(i2c_smbus_write_i2c_block_data(fd, command, length, values));
}
