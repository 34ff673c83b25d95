# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
#
# Part of scripts/arm64-proof: the emulated Raspberry Pi 3 (QEMU's raspi3b), what is in it, and what it has to show.
#
# The guest's shell takes its orders from the serial console; QEMU's monitor sets the temperature of the chip and reads the
# registers of the GPIO controller. Nothing else reaches in, but the network to this machine's loopback.

pi=$cache/pi
# The chip on the header's bus, and the registers of the BCM2837 (BCM2835 ARM Peripherals, section 6.1): functions of lines
# 10 to 19, three bits each, and levels of lines 0 to 31.
chip=/machine/peripheral/chip
function_register=0x3f200004 level_register=0x3f200034
relay_line=17
# Longest wait for one event, in seconds: emulation on a busy machine is slow.
patience=300

# Each needed library, and what that needs: copied from the sysroot into the guest.
copy_libraries() {
    local name
    for name in $(readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
        [ ! -e "$pi/root/lib/$name" ] || continue
        cp -L "$sysroot/usr/lib/aarch64-linux-gnu/$name" "$pi/root/lib/$name" ||
            fail "the program needs $name, which the sysroot has not. Name its package in scripts/arm64-proof."
        copy_libraries "$pi/root/lib/$name"
    done
}

# The module and what it depends on, in the order in which to load them. modules.dep is made at installation only.
copy_module() {
    local file name dependency
    name=${1//-/_}
    grep -qx "$name" "$pi/root/modules/order" && return
    file=$(find "$cache/kernel" -name "*.ko.xz" | awk -F/ -v name="$name.ko.xz" '{ n = $NF; gsub("-", "_", n) } n == name' | head -n 1)
    [ -n "$file" ] || fail "the kernel's package has no module $1 where it was looked for. See unpack_kernel."
    xz -dc "$file" >"$pi/root/modules/$name.ko"
    for dependency in $(tr '\0' '\n' <"$pi/root/modules/$name.ko" | sed -n 's/^depends=//p' | tr , ' '); do
        copy_module "$dependency"
    done
    echo "$name" >>"$pi/root/modules/order"
}

write_agent_toml() {
    cat >"$pi/root/etc/sensor-agent/agent.toml" <<'END'
[hub]
security = "connectionString"
connection-string-file = "connection-string"
ca-file = "ca.pem"

[telemetry]
interval = "2s"

# QEMU's chip is a TMP105.
[sensors.living]
driver = "tmp105"
bus = "header"
address = 0x48
interval = "500ms"

[outputs]
enabled = true

[thermostat1]
sensor = "living"
mode = "heat"
target = 20

[thermostat1.relay]
line = "pin-11"
minimum-on = "1s"
minimum-off = "1s"
END
    echo "$1" >"$pi/root/etc/sensor-agent/connection-string"
    chmod 600 "$pi/root/etc/sensor-agent/connection-string"
    cp "$pi/hub/ca.pem" "$pi/root/etc/sensor-agent/ca.pem"
}

write_init() {
    # A board without a clock chip starts in 1970; here the time comes with the kernel's command line.
    cat >"$pi/root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
exec </dev/ttyS1 >/dev/ttyS1 2>&1
stty raw -echo
dmesg -n 1
date -s "@$(sed 's/.*proof-time=\([0-9]*\).*/\1/' /proc/cmdline)" >/dev/null
while read -r module; do insmod "/modules/$module.ko"; done </modules/order
ip link set lo up
export CONFIGURATION_DIRECTORY=/etc/sensor-agent STATE_DIRECTORY=/var/lib/sensor-agent
export RUNTIME_DIRECTORY=/run/sensor-agent SENSOR_AGENT_CLOCK_SYNC_WAIT=0s
mkdir -p "$STATE_DIRECTORY" "$RUNTIME_DIRECTORY"
echo; echo "@@0 0"
while read -r order; do eval "$order"; done
END
    chmod 755 "$pi/root/init"
}

make_guest() {
    local module
    mkdir -p "$pi"/root/{bin,dev,etc/sensor-agent,lib,modules,proc,run,sys,tmp,usr/bin,usr/share/sensor-agent,var/lib}
    cp "$sysroot/usr/bin/busybox" "$pi/root/bin/busybox"
    cp "$cache/sensor-agent" "$pi/root/usr/bin/sensor-agent"
    cp -r boards "$pi/root/usr/share/sensor-agent/boards"
    copy_libraries "$cache/sensor-agent"
    : >"$pi/root/modules/order"
    # The watchdog is what reboots a Pi; the others are I2C, and QEMU's network adapter at the USB controller.
    for module in i2c-bcm2835 i2c-dev bcm2835_wdt dwc2 cdc_ether; do copy_module "$module"; done
    write_agent_toml "$1"
    write_init
    (cd "$pi/root" && find . | cpio -o -H newc --quiet --owner 0:0 >"$pi/initramfs")
}

start_hub() {
    .build/debug/local-hub serve --name 10.0.2.2 --mqtt-port 0 --rest-port 0 --state-dir "$pi/hub" --ready-file "$pi/ready" \
        >"$pi/hub.log" 2>&1 &
    hub=$!
    wait_until "local-hub is ready" test -s "$pi/ready"
}

start_board() {
    mkfifo "$pi/console.in" "$pi/monitor.in"
    # Open for both ends, so that neither opening waits for the other.
    exec {console}<>"$pi/console.in" {monitor}<>"$pi/monitor.in"
    : >"$pi/console" >"$pi/monitor"
    # One thread: four emulated processors that wait for one another on two real ones take five times as long.
    run_by=exec in_tools qemu-system-aarch64 -M raspi3b -m 1G -accel tcg,thread=single -display none -no-reboot \
        -kernel "$(echo "$cache"/kernel/boot/vmlinuz-*)" -dtb "$(find "$cache/kernel" -name bcm2837-rpi-3-b.dtb)" \
        -initrd "$pi/initramfs" -append "console=ttyS1,115200 quiet panic=-1 proof-time=$(date +%s)" \
        -chardev file,id=console,path="$pi/console",input-path="$pi/console.in" -serial null -serial chardev:console \
        -chardev file,id=monitor,path="$pi/monitor",input-path="$pi/monitor.in" -monitor chardev:monitor \
        -netdev user,id=net -device usb-net,netdev=net \
        -device tmp105,id=chip,bus=i2c-bus.1,address=0x48 >"$pi/qemu.log" 2>&1 &
    board=$!
}

stop_all() {
    if [ -n "${hub:-}" ]; then kill "$hub" 2>/dev/null || true; fi
    # QEMU ends with unshare, which takes no gentler word.
    if [ -n "${board:-}" ]; then kill -KILL "$board" 2>/dev/null || true; fi
    wait 2>/dev/null
    board='' hub=''
}

# wait_until WHAT COMMAND...: until it succeeds; fails the proof after a while, or where the board has ended.
wait_until() {
    local end=$((SECONDS + patience)) what=$1
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || board_failed "waited $patience s in vain until $what"
        [ -z "${board:-}" ] || kill -0 "$board" 2>/dev/null || board_failed "QEMU ended before $what"
        sleep 0.1
    done
}

board_failed() {
    tail -n 15 "$pi/console" "$pi/qemu.log" >&2
    fail "$1. Console, output of QEMU and of local-hub are in $pi"
}

# guest COMMAND: runs it in the board's shell, prints what it prints, and ends with its status. Every such command runs in a
# subshell here where its output is taken, so the number of an order is kept in a file.
guest() {
    local number
    number=$(($(cat "$pi/order") + 1))
    echo "$number" >"$pi/order"
    printf '%s\n' "echo @@begin-$number; { $1; }; echo \"@@$number \$?\"" >&"$console"
    wait_until "the board has done: $1" grep -aq "^@@$number " "$pi/console"
    sed -n "/^@@begin-$number/,/^@@$number /{/^@@/!p}" "$pi/console" | tr -d '\r'
    return "$(sed -n "s/^@@$number \([0-9]*\).*/\1/p" "$pi/console")"
}

# register ADDRESS: its value, by the monitor. Older ones print the address with leading zeros.
register() {
    local before
    before=$(grep -c ': 0x' "$pi/monitor" || true)
    echo "xp /1wx $1" >&"$monitor"
    wait_until "the monitor has answered" answered "$before"
    grep ': 0x' "$pi/monitor" | tail -n 1 | tr -d '\r' | sed 's/.*: //'
}
answered() { [ "$(grep -c ': 0x' "$pi/monitor")" -gt "$1" ]; }

level() { echo $(($(register $level_register) >> relay_line & 1)); }
# 0 is an input, 1 an output.
direction() { echo $(($(register $function_register) >> (3 * (relay_line - 10)) & 7)); }
relay_is() { [ "$(level)" = "$1" ]; }

# Thousandths of a degree; the answer to a later question proves that the monitor has done it.
set_temperature() {
    echo "qom-set $chip temperature $1" >&"$monitor"
    register $level_register >/dev/null
}

expect() { # WHAT EXPECTED ACTUAL
    [ "$2" = "$3" ] || board_failed "$1: expected $2, got $3"
    say "$1: $3"
}

reads() { # MILLIDEGREES EXPECTED
    local answer
    set_temperature "$1"
    answer=$(guest "sensor-agent read --json") || board_failed "read failed: $answer"
    expect "read, chip at $1 m°C" "$2" "$(sed -n 's/.*"value" *: *\(-\{0,1\}[0-9.]*\).*/\1/p' <<<"$answer" | head -n 1)"
}

has_arrived() { .build/debug/local-hub telemetry -d pi3 --state-dir "$pi/hub" >"$pi/telemetry" 2>&1 && grep -q "$1" "$pi/telemetry"; }

start_agent() { guest "sensor-agent run </dev/null >>/tmp/agent.log 2>&1 & agent=\$!"; }

prove_reading_and_relay_off() {
    say "$(guest "tr -d '\\000' </proc/device-tree/model; echo"), $(guest "uname -sr")"
    reads 21500 21.5
    reads -5250 -5.25
    expect "relay off, without an agent" "line GPIO17 of pinctrl-bcm2835 is off." "$(guest "sensor-agent relay off")"
}

# The heating follows the chip, and the hub hears of it.
prove_run() {
    start_agent
    wait_until "the relay is closed for heating" relay_is 1
    expect "GPIO17 while heating at -5.25 °C, level and function (1 = output)" "1 1" "$(level) $(direction)"
    wait_until "telemetry arrives at local-hub" has_arrived '"temperature":-5.25'
    say "local-hub has got: $(grep -m 1 '"temperature":-5.25' "$pi/telemetry")"
    set_temperature 25000
    wait_until "the relay is open at 25 °C" relay_is 0
    say "GPIO17 at 25 °C: 0"
    wait_until "telemetry tells the new temperature" has_arrived '"temperature":25'
    set_temperature 15000
    wait_until "the relay is closed at 15 °C" relay_is 1
    expect "SIGTERM, exit status" 0 "$(guest "kill \$agent; wait \$agent; echo \$?")"
    expect "GPIO17 after SIGTERM, level" 0 "$(level)"
}

# Nobody is left to open the relay but the kernel's driver and the unit's ExecStopPost=.
prove_death() {
    start_agent
    wait_until "the relay is closed again" relay_is 1
    guest "kill -9 \$agent; wait \$agent 2>/dev/null; true"
    # Given back by the kernel's driver, as mainline's does. QEMU pulls no line down, so the level register tells nothing here.
    expect "GPIO17 after kill -9, function (0 = input, driven no longer)" 0 "$(direction)"
    expect "relay off after that" "line GPIO17 of pinctrl-bcm2835 is off." "$(guest "sensor-agent relay off")"
    expect "GPIO17 then, level (driven low by relay off)" 0 "$(level)"
}

prove_on_pi() {
    local connection
    rm -rf "$pi"
    mkdir -p "$pi"
    echo 0 >"$pi/order"
    trap stop_all EXIT
    trap 'exit 1' HUP INT TERM
    start_hub
    connection=$(.build/debug/local-hub devices create pi3 --state-dir "$pi/hub" | grep -o 'HostName=.*')
    make_guest "$connection"
    start_board
    timed "Booting" wait_until "the board has started" grep -aq '^@@0 ' "$pi/console"
    prove_reading_and_relay_off
    timed "Waiting for the network" connect_board
    prove_run
    prove_death
    echo "reboot -f" >&"$console"
    wait "$board" || board_failed "QEMU ended with status $?"
    say "The board has restarted by its watchdog, which ends QEMU."
    board=''
    stop_all
}

connect_board() {
    guest 'n=0; until ls /sys/class/net | grep -qv "^lo$"; do n=$((n + 1)); [ $n -lt 60 ] || exit; sleep 1; done; i=$(ls /sys/class/net | grep -v "^lo$" | head -n 1); ip addr add 10.0.2.15/24 dev $i; ip link set $i up; ip route add default via 10.0.2.2'
}
