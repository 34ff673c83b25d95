// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// The models that stand in for real chips, by the names of the drivers that read them.
package enum ChipModelCatalog {
    /// Every model that there is.
    package static let all: [String: any AmbientChipModel.Type] = [
        TMP102Model.driverName: TMP102Model.self,
        SHT3xModel.driverName: SHT3xModel.self,
        SHT4xModel.driverName: SHT4xModel.self,
        Si7021Model.driverName: Si7021Model.self,
        AHT20Model.driverName: AHT20Model.self,
        HDC1080Model.driverName: HDC1080Model.self,
        HDC2080Model.driverName: HDC2080Model.self,
        TMP117Model.driverName: TMP117Model.self,
        LM75Model.driverName: LM75Model.self,
        MCP9808Model.driverName: MCP9808Model.self,
        ADT7410Model.driverName: ADT7410Model.self,
        BME280Model.driverName: BME280Model.self,
        BMP280Model.driverName: BMP280Model.self,
        BMP180Model.driverName: BMP180Model.self,
    ]
}
