// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The first program of the guest: modules, network, mounts, and a loop that starts programs.
///
/// Protocol on the virtio port `control`, one line each. To the guest: `run ID` (starts `jobs/ID` of the share),
/// `signal PID NAME`, `end poweroff|reboot`. From the guest: `ready`, `ID started PID`, `ID out LINE`, `ID err LINE`,
/// `ID exit STATUS`. When the host's side closes, the guest powers off, so that it never outlives its test.
enum GuestInit {
    /// The file tags of the shared folders.
    enum Tag {
        static let root = "hostroot"
        static let share = "share"
    }

    /// The script of a guest that has the host's files, or of one that hands over to the system on its disk.
    static func script(hasDisk: Bool) -> String {
        begin + (hasDisk ? "" : hostFiles) + network
            + (hasDisk ? disk : "share=/share status=/status root=/root\n" + loop)
    }

    /// What a guest with a disk runs as a service of its own system: the same loop, with a busybox of its own.
    static let service = #"""
        /run/control/busybox --install -s /run/control/bin
        export PATH=/run/control/bin
        share=/run/share status=/run/control/status root=/

        """# + loop

    private static let begin = #"""
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin

        need() {
            "$@" || {
                echo "guest init failed at: $*"
                poweroff -f
            }
        }

        need mount -t proc proc /proc
        need mount -t sysfs sysfs /sys
        need mount -t devtmpfs devtmpfs /dev
        while read -r module; do need insmod "/modules/$module.ko"; done </modules/order

        """#

    private static let hostFiles = #"""
        need mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none share /share
        need mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose hostroot /lower
        need mount -t tmpfs tmpfs /upper
        need mkdir /upper/files /upper/work
        # The host's files, and what the guest writes over them goes to memory.
        need mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /root
        need mount -t proc proc /root/proc
        need mount -t sysfs sysfs /root/sys
        need mount --bind /dev /root/dev
        need mkdir -p /dev/shm
        need mount -t tmpfs tmpfs /root/dev/shm
        need mount -t tmpfs tmpfs /root/run
        need mkdir /root/run/share /root/run/modules
        need mount --bind /share /root/run/share
        need mount --bind /modules /root/run/modules

        """#

    private static let network = #"""
        hostname emulated-machine
        ip link set lo up
        for device in /sys/class/net/eth*; do
            case $(cat "$device/address") in
                52:54:00:00:02:0f) ip addr add 10.0.2.15/24 dev "${device##*/}"; gateway=10.0.2.2 ;;
                52:54:00:00:03:0f) ip addr add 10.0.3.15/24 dev "${device##*/}"; gateway= ;;
            esac
            need ip link set "${device##*/}" up
            [ -z "$gateway" ] || need ip route add default via "$gateway"
        done

        """#

    /// Mounts the disk, leaves the loop there as a service that is part of the usual target, and hands over.
    private static let disk = #"""
        need mount -t ext4 -o noatime /dev/vda /root
        need mount -t tmpfs -o mode=755 tmpfs /root/run
        units=/root/run/systemd/system
        need mkdir -p /root/run/share /root/run/modules /root/run/control/status /root/run/control/bin
        need mkdir -p "$units/multi-user.target.wants"
        need mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none share /root/run/share
        need cp /bin/busybox /control/loop /root/run/control
        need cp -r /modules/. /root/run/modules
        need cp /control/emulated-machine.service "$units"
        need ln -s ../emulated-machine.service "$units/multi-user.target.wants"
        need umount /proc /sys
        need mount --move /dev /root/dev
        exec switch_root /root /sbin/init
        """# + "\n"

    /// The unit around ``service``.
    static let unit = """
        [Unit]
        Description=Runs what the test asks for
        [Service]
        ExecStart=/run/control/busybox sh /run/control/loop
        KillMode=process
        TasksMax=infinity

        """

    private static let loop = #"""
        export root
        for port in /sys/class/virtio-ports/*; do
            [ "$(cat "$port/name")" != control ] || control=/dev/${port##*/}
        done
        exec 3<>"$control"

        tag() {
            while IFS= read -r line || [ -n "$line" ]; do printf '%s %s %s\n' "$1" "$2" "$line" >&3; done
        }

        run() {
            { { sh "$share/jobs/$1" 2>&1 >&4 4>&- </dev/null; echo $? >"$status/$1"; } | tag "$1" err; } 4>&1 |
                tag "$1" out
            printf '%s exit %s\n' "$1" "$(cat "$status/$1")" >&3
        }

        echo ready >&3
        while read -r verb first second <&3; do
            case $verb in
                run) run "$first" & ;;
                signal) kill -s "$second" "$first" ;;
                end) "$first" -f ;;
            esac
        done
        poweroff -f
        """# + "\n"
}

/// Texts for the guest's shell.
enum GuestShell {
    /// Quotes a text so that a shell takes it as one word, whatever is in it.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    /// The job that runs a program in the host's root file system, with exactly this environment.
    static func job(id: Int, program: String, arguments: [String], environment: [String: String]) -> String {
        let settings = environment.sorted { $0.key < $1.key }.map { quoted("\($0.key)=\($0.value)") }
        let words = [quoted(program)] + arguments.map(quoted)
        return """
            printf '%s started %s\\n' \(id) $$ >&3
            exec 3>&-
            exec chroot "$root" /usr/bin/env -i \(settings.joined(separator: " ")) \(words.joined(separator: " "))

            """
    }
}
