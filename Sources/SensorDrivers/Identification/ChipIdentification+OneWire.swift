// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension ChipIdentification {
    /// The parts by the family codes of the kernel's thermometer driver.
    ///
    /// Linux: drivers/w1/w1_family.h. MAX31820 has the code of DS18B20, MAX31850 that of DS1825.
    private static let oneWireParts = [
        "10": "ds18s20", "22": "ds1822", "28": "ds18b20", "3b": "ds1825", "42": "ds28ea00",
    ]

    /// Says what part a directory name of the 1-Wire bus stands for.
    ///
    /// Throws `.wrongIdentity` for everything but thermometers: phantoms of a noisy bus, masters, buttons.
    package static func identify(oneWireDirectory name: String) throws(SensorError) -> ChipIdentity {
        guard let part = DS18B20.family(ofID: name).flatMap({ oneWireParts[$0] }) else {
            throw SensorError(.wrongIdentity, "\"\(name)\" is not the id of a thermometer")
        }
        return .known(part)
    }
}
