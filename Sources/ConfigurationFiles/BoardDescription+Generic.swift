// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension BoardDescription {
    /// Stands for a machine that has no board file: it names no bus, so adapters must be named themselves.
    package static let generic = BoardDescription(
        name: "This machine, for which there is no board file,", compatible: [], dmiProducts: [], i2c: [],
        oneWire: nil, lines: [], linesSource: "")
}
