// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import PlugAndPlay
import ThermostatControl

extension ThermostatID: ExpressibleByArgument {}

extension ThermostatMode: ExpressibleByArgument {}
