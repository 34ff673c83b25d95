// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

extension SensorError {
    /// Wraps the failed read of a file behind which a kernel driver measures; never a `.busError`.
    ///
    /// The kernel's driver tried and gave up: nothing here says what was on the wire.
    package init(ofKernel cause: BusError, while detail: String) {
        self.init(cause, while: detail)
        if kind == .busError { kind = .ioError }
    }
}

/// What is the same for many chips, in the same words.
extension SensorError {
    /// Nobody had started a conversion whose result could be fetched.
    static var notStarted: SensorError { SensorError(.notMeasured, "no conversion was started") }

    /// A chip whose heater is on measures itself, not its surroundings.
    static func heaterIsOn(_ device: I2CDevice) -> SensorError {
        SensorError(
            .sensorFault,
            """
            the heater of the chip at \(device.location) is on, so it would read too warm: find out which program uses it, \
            or take the chip's power away for a moment
            """)
    }

    /// Only ones came, as from a bus that nothing drives.
    static func onlyOnes(_ device: I2CDevice) -> SensorError {
        SensorError(
            .busError,
            "all bits read 1, so nothing drives the bus at \(device.location): check the wires and the chip's power"
        )
    }

    /// Only zeros came, as from a bus with a line held low.
    static func onlyZeros(_ device: I2CDevice) -> SensorError {
        SensorError(
            .busError,
            "all bits read 0, so a line of the bus at \(device.location) is held low: check the wires")
    }
}
