// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#include <gpiod.h>

// Version 1 has bulk objects.
#ifndef GPIOD_LINE_BULK_MAX_LINES

#include "CGPIO.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct cgpio_output {
    struct gpiod_line_request *request;
    unsigned int offset;
};

static void copy(char *to, const char *from) { snprintf(to, CGPIO_NAME_SIZE, "%s", from ? from : ""); }

static enum gpiod_line_value value(bool active) {
    return active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}

// Closes the chip without losing the error number.
static void close_chip(struct gpiod_chip *chip) {
    int number = errno;
    gpiod_chip_close(chip);
    errno = number;
}

int cgpio_library_version(void) { return 2; }

int cgpio_describe_chip(const char *path, struct cgpio_chip *chip) {
    struct gpiod_chip *opened = gpiod_chip_open(path);
    if (!opened) return -1;
    struct gpiod_chip_info *info = gpiod_chip_get_info(opened);
    if (info) {
        copy(chip->name, gpiod_chip_info_get_name(info));
        copy(chip->label, gpiod_chip_info_get_label(info));
        chip->line_count = gpiod_chip_info_get_num_lines(info);
        gpiod_chip_info_free(info);
    }
    close_chip(opened);
    return info ? 0 : -1;
}

int cgpio_describe_line(const char *path, unsigned int offset, struct cgpio_line *line) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -1;
    struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
    if (info) {
        copy(line->name, gpiod_line_info_get_name(info));
        copy(line->consumer, gpiod_line_info_get_consumer(info));
        line->is_used = gpiod_line_info_is_used(info);
        line->is_output = gpiod_line_info_get_direction(info) == GPIOD_LINE_DIRECTION_OUTPUT;
        gpiod_line_info_free(info);
    }
    close_chip(chip);
    return info ? 0 : -1;
}

// The request for one line with these settings, or NULL.
static struct gpiod_line_request *request(struct gpiod_chip *chip, unsigned int offset, const char *consumer,
                                          struct gpiod_line_settings *settings) {
    struct gpiod_line_request *made = NULL;
    struct gpiod_request_config *request_config = gpiod_request_config_new();
    struct gpiod_line_config *line_config = gpiod_line_config_new();
    if (request_config && line_config &&
        gpiod_line_config_add_line_settings(line_config, &offset, 1, settings) == 0) {
        gpiod_request_config_set_consumer(request_config, consumer);
        made = gpiod_chip_request_lines(chip, request_config, line_config);
    }
    int number = errno;
    if (line_config) gpiod_line_config_free(line_config);
    if (request_config) gpiod_request_config_free(request_config);
    errno = number;
    return made;
}

cgpio_output *cgpio_request_output(const char *path, unsigned int offset, const char *consumer, bool active_low,
                                   bool active) {
    cgpio_output *output = calloc(1, sizeof *output);
    struct gpiod_chip *chip = output ? gpiod_chip_open(path) : NULL;
    struct gpiod_line_settings *settings = chip ? gpiod_line_settings_new() : NULL;
    if (settings && gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) == 0 &&
        gpiod_line_settings_set_output_value(settings, value(active)) == 0) {
        gpiod_line_settings_set_active_low(settings, active_low);
        output->offset = offset;
        output->request = request(chip, offset, consumer, settings);
    }
    int number = errno;
    if (settings) gpiod_line_settings_free(settings);
    // The request stands without its chip.
    if (chip) gpiod_chip_close(chip);
    errno = number;
    if (output && output->request) return output;
    free(output);
    errno = number;
    return NULL;
}

int cgpio_set(cgpio_output *output, bool active) {
    return gpiod_line_request_set_value(output->request, output->offset, value(active));
}

int cgpio_get(cgpio_output *output) {
    return gpiod_line_request_get_value(output->request, output->offset);
}

void cgpio_release(cgpio_output *output) {
    if (!output) return;
    gpiod_line_request_release(output->request);
    free(output);
}

#endif
