// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// An I²C bus, named by something that does not change between boots.
public enum I2CBusAddress: Sendable, Hashable, CustomStringConvertible {
    /// The adapter's name as in `/sys/bus/i2c/devices/i2c-*/name`.
    case adapter(String)
    /// The beginning of the adapter's name, where the kernel appends numbers that change with the order of plugging.
    case adapterPrefix(String)
    /// The name of the adapter's parent device, for example `1f00074000.i2c`, where several adapters share one name.
    case controller(String)
    /// A device file, for example `/dev/i2c-1`; only where the operator insists on a number.
    case deviceFile(String)

    /// The text that people read.
    public var description: String {
        switch self {
        case .adapter(let name): "adapter \"\(name)\""
        case .adapterPrefix(let prefix): "adapter \"\(prefix)…\""
        case .controller(let name): "controller \"\(name)\""
        case .deviceFile(let path): path
        }
    }
}

extension I2CBusAddress {
    /// Whether `adapter` is one that this address means.
    public func names(_ adapter: I2CAdapter) -> Bool {
        switch self {
        case .adapter(let name): adapter.name == name
        case .adapterPrefix(let prefix): adapter.name.hasPrefix(prefix)
        case .controller(let name): adapter.controller == name
        case .deviceFile(let path): adapter.deviceFile == path
        }
    }
}

extension I2CAdapter {
    /// The address that means this adapter and no other of `all`, and lasts as long as anything about it does.
    public func address(among all: [I2CAdapter]) -> I2CBusAddress {
        let names = [I2CBusAddress.adapter(name)] + (controller.map { [.controller($0)] } ?? [])
        return names.first { address in all.filter(address.names).count == 1 } ?? .deviceFile(deviceFile)
    }
}

/// A bus that one transaction at a time goes through.
///
/// Not `Sendable`: it lives on its bus's own thread.
public protocol I2CBus: AnyObject {
    /// Where this bus is, for error texts.
    var location: String { get }

    /// One transaction: START, `write`, and where `readCount` > 0 a repeated START and `readCount` bytes, STOP.
    ///
    /// An empty `write` makes a bare read; `readCount` 0 a bare write; both empty is a programming error and throws
    /// `.unsupported`. Returns exactly `readCount` bytes or throws. Implementations on an SMBus-only adapter map what
    /// fits onto SMBus calls and throw `.unsupported` for the rest.
    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8]

    /// Whether a chip acknowledges `address`, asked without writing a byte to it.
    ///
    /// Throws `.busy` where a kernel driver holds the address, and what is wrong with the bus itself.
    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool
}

/// How a chip is asked whether it is there.
public enum PresenceProbe: Sendable, Hashable {
    /// The address byte with the write bit and nothing else: SMBus quick command. Some EEPROMs take it amiss.
    case quickWrite
    /// One byte is read from wherever the chip's pointer stands; chips without a result do not acknowledge.
    case readByte
}

extension PresenceProbe {
    /// What does no harm at `address`: no quick write where memory chips live, as some take it for a write.
    ///
    /// The default of `i2cdetect`. i2c-tools: tools/i2cdetect.c, `MODE_AUTO`.
    public static func usual(for address: UInt8) -> PresenceProbe {
        switch address {
        case 0x30...0x37, 0x50...0x5F: .readByte
        default: .quickWrite
        }
    }
}
