// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxI2C
import Glibc
package import HardwareIO

/// An I²C bus behind a device file of `i2c-dev`.
///
/// Transactions go by `I2C_RDWR` where the adapter can do plain transfers, else by the SMBus calls with the same bytes.
/// Every transaction first claims its address, so that a chip with a kernel driver is never disturbed. After an error
/// that says that the adapter may be gone the file is opened anew, found by the adapter's name again, because a
/// descriptor of an unplugged adapter fails for ever and a plugged-in one can get another number.
package final class LinuxI2CBus: I2CBus {
    /// The device file and the adapter's name.
    package private(set) var location: String
    private let address: I2CBusAddress
    private let adapters: I2CAdapters
    private var connection: Connection?

    /// An open device file and what its adapter can do.
    private final class Connection {
        let file: FileDescriptor
        let path: String
        let functions: I2CFunctions

        init(file: consuming FileDescriptor, path: String, functions: I2CFunctions) {
            self.file = file
            self.path = path
            self.functions = functions
        }
    }

    /// Finds and opens the bus.
    init(_ address: I2CBusAddress, adapters: I2CAdapters) throws(BusError) {
        self.address = address
        self.adapters = adapters
        location = address.description
        _ = try connect()
    }

    /// One transaction, as ``HardwareIO/I2CBus/transfer(to:write:readCount:)`` says.
    ///
    /// C call: `ioctl`.
    package func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        guard address <= 0x7F, !write.isEmpty || readCount > 0, write.count <= 8192, 0...8192 ~= readCount
        else {
            throw BusError(
                .unsupported, operation: "transfer", location: place(of: address),
                advice: "A transaction needs a 7-bit address and 1 to 8192 bytes to write or to read.")
        }
        let open: Connection
        if let connection { open = connection } else { open = try connect() }
        do throws(BusError) {
            try claim(address, on: open)
            return try exchange(on: open, with: address, write: write, readCount: readCount)
        } catch {
            throw afterFailure(error, of: open)
        }
    }

    /// Asks for an acknowledge, as ``HardwareIO/I2CBus/answers(at:to:)`` says.
    ///
    /// C call: `ioctl(I2C_SMBUS)`. An adapter without the quick command is asked to read a byte.
    package func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        let open: Connection
        if let connection { open = connection } else { open = try connect() }
        do throws(BusError) {
            try claim(address, on: open)
            if probe == .quickWrite, open.functions.contains(.quick) {
                _ = try systemCall("ioctl(I2C_SMBUS)", at: place(of: address)) {
                    Int(clinuxi2c_write_quick(open.file.number))
                }
            } else {
                _ = try exchange(on: open, with: address, write: [], readCount: 1)
            }
            return true
        } catch {
            let error = afterFailure(error, of: open)
            guard error.kind == .noAcknowledge else { throw error }
            return false
        }
    }

    /// Lets go of an adapter that may be gone, and tells an absent chip from an absent adapter.
    private func afterFailure(_ error: BusError, of failed: Connection) -> BusError {
        // EIO is what an adapter that was unplugged answers for ever, among other things.
        guard error.errno == ENODEV || error.errno == EIO else { return error }
        connection = nil
        var error = error
        // Some adapters answer ENODEV where others say that nobody acknowledged.
        if error.errno == ENODEV, adapters.isPresent(deviceFile: failed.path) { error.kind = .noAcknowledge }
        return error
    }

    private func connect() throws(BusError) -> Connection {
        let path =
            switch address {
            case .adapter, .adapterPrefix, .controller: try adapters.adapter(address).deviceFile
            case .deviceFile(let path): path
            }
        let file = try FileDescriptor(path, O_RDWR, advice: { Self.openAdvice($0, path: path) })
        var functions: UInt = 0
        _ = try systemCall(
            "ioctl(I2C_FUNCS)", at: path, advice: { $0 == ENOTTY ? "It is not an I2C device file." : "" }
        ) { Int(clinuxi2c_functions(file.number, &functions)) }
        if case .adapter(let name) = address { location = "\(path) (\(name))" }
        let opened = Connection(file: file, path: path, functions: I2CFunctions(rawValue: functions))
        connection = opened
        return opened
    }

    private static func openAdvice(_ number: CInt, path: String) -> String {
        switch number {
        case ENOENT, ENXIO, ENODEV: "Load the kernel's device files for I2C: modprobe i2c-dev."
        default:
            AccessAdvice.sentence(
                for: number, path: path, rule: #"SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660""#)
        }
    }

    /// Selects the address; the kernel refuses it where a driver of its own is bound.
    ///
    /// `I2C_RDWR` alone would not ask.
    private func claim(_ address: UInt8, on connection: Connection) throws(BusError) {
        _ = try systemCall(
            "ioctl(I2C_SLAVE)", at: place(of: address),
            advice: { $0 == EBUSY ? self.holderAdvice(address, path: connection.path) : "" }
        ) { Int(clinuxi2c_select(connection.file.number, address)) }
    }

    private func holderAdvice(_ address: UInt8, path: String) -> String {
        guard let driver = adapters.holder(of: address, deviceFile: path) else {
            return """
                A kernel driver holds this address: set when-held = "kernel" to read its values instead, or release \
                the chip.
                """
        }
        return """
            The kernel driver \(driver) holds this address: set when-held = "kernel" to read its values instead, or \
            release the chip through /sys/bus/i2c/drivers/\(driver)/unbind.
            """
    }

    private func exchange(
        on connection: Connection, with address: UInt8, write: [UInt8], readCount: Int
    ) throws(BusError) -> [UInt8] {
        guard !connection.functions.contains(.plainTransfers) else {
            return try transferPlainly(connection.file.number, address, write, readCount)
        }
        guard let call = SMBusCall(write: write, readCount: readCount, functions: connection.functions) else {
            throw .noSMBusCall(writing: write.count, reading: readCount, at: place(of: address))
        }
        return try perform(call, connection.file.number, address)
    }

    private func transferPlainly(
        _ file: CInt, _ address: UInt8, _ write: [UInt8], _ readCount: Int
    ) throws(BusError) -> [UInt8] {
        var written = write
        var result = [UInt8](repeating: 0, count: readCount)
        _ = try systemCall("ioctl(I2C_RDWR)", at: place(of: address)) {
            Int(clinuxi2c_transfer(file, address, &written, UInt16(write.count), &result, UInt16(readCount)))
        }
        return result
    }

    private func place(of address: UInt8) -> String {
        I2CDevice(bus: self, address: address).location
    }
}

extension LinuxI2CBus {
    /// Makes an SMBus call; the address is selected already.
    private func perform(_ call: SMBusCall, _ file: CInt, _ address: UInt8) throws(BusError) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: SMBusCall.longestBlock)
        let value = try systemCall("ioctl(I2C_SMBUS)", at: place(of: address)) {
            let result =
                switch call {
                case .readByte: clinuxi2c_read_byte(file)
                case .writeByte(let byte): clinuxi2c_write_byte(file, byte)
                case .readByteData(let command): clinuxi2c_read_byte_data(file, command)
                case .writeByteData(let command, let byte): clinuxi2c_write_byte_data(file, command, byte)
                case .readWordData(let command): clinuxi2c_read_word_data(file, command)
                case .writeWordData(let command, let first, let second):
                    clinuxi2c_write_word_data(file, command, UInt16(second) << 8 | UInt16(first))
                case .readBlock(let command, let count):
                    clinuxi2c_read_block_data(file, command, count, &block)
                case .writeBlock(let command, let bytes):
                    clinuxi2c_write_block_data(file, command, UInt8(bytes.count), bytes)
                }
            return Int(result)
        }
        switch call {
        case .readByte, .readByteData: return [UInt8(truncatingIfNeeded: value)]
        case .readWordData:
            return [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        case .readBlock(_, let count):
            guard value == Int(count) else {
                throw BusError(.shortTransfer, operation: "ioctl(I2C_SMBUS)", location: place(of: address))
            }
            return Array(block.prefix(value))
        case .writeByte, .writeByteData, .writeWordData, .writeBlock: return []
        }
    }
}
