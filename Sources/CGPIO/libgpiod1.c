// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#include <gpiod.h>

// Version 2 has no bulk objects.
#ifdef GPIOD_LINE_BULK_MAX_LINES

#include "CGPIO.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct cgpio_output {
    struct gpiod_chip *chip;
    struct gpiod_line *line;
};

static void copy(char *to, const char *from) { snprintf(to, CGPIO_NAME_SIZE, "%s", from ? from : ""); }

// Closes the chip without losing the error number.
static void close_chip(struct gpiod_chip *chip) {
    int number = errno;
    gpiod_chip_close(chip);
    errno = number;
}

int cgpio_library_version(void) { return 1; }

int cgpio_describe_chip(const char *path, struct cgpio_chip *chip) {
    struct gpiod_chip *opened = gpiod_chip_open(path);
    if (!opened) return -1;
    copy(chip->name, gpiod_chip_name(opened));
    copy(chip->label, gpiod_chip_label(opened));
    chip->line_count = gpiod_chip_num_lines(opened);
    close_chip(opened);
    return 0;
}

int cgpio_describe_line(const char *path, unsigned int offset, struct cgpio_line *line) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return -1;
    struct gpiod_line *found = gpiod_chip_get_line(chip, offset);
    if (found) {
        copy(line->name, gpiod_line_name(found));
        copy(line->consumer, gpiod_line_consumer(found));
        line->is_used = gpiod_line_is_used(found);
        line->is_output = gpiod_line_direction(found) == GPIOD_LINE_DIRECTION_OUTPUT;
    }
    close_chip(chip);
    return found ? 0 : -1;
}

cgpio_output *cgpio_request_output(const char *path, unsigned int offset, const char *consumer, bool active_low,
                                   bool active) {
    cgpio_output *output = calloc(1, sizeof *output);
    if (!output) return NULL;
    output->chip = gpiod_chip_open(path);
    if (!output->chip) goto failed;
    output->line = gpiod_chip_get_line(output->chip, offset);
    if (!output->line) goto failed;
    struct gpiod_line_request_config config = {
        .consumer = consumer,
        .request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
        .flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
    };
    if (gpiod_line_request(output->line, &config, active) == 0) return output;
failed:
    if (output->chip) close_chip(output->chip);
    free(output);
    return NULL;
}

int cgpio_set(cgpio_output *output, bool active) { return gpiod_line_set_value(output->line, active); }

int cgpio_get(cgpio_output *output) { return gpiod_line_get_value(output->line); }

void cgpio_release(cgpio_output *output) {
    if (!output) return;
    gpiod_line_release(output->line);
    gpiod_chip_close(output->chip);
    free(output);
}

#endif
