// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The MQTT user names of both services (protocol reference 2 and 11.1).
enum UserName {
    static func hub(host: String, deviceID: String, productInfo: String?, modelID: String?) -> String {
        var name = "\(host)/\(deviceID)/?api-version=2021-04-12"
        if let productInfo { name += "&DeviceClientType=\(PercentEncoding.encode(productInfo))" }
        if let modelID { name += "&model-id=\(PercentEncoding.encode(modelID))" }
        return name
    }

    static func provisioning(idScope: String, registrationID: String, productInfo: String?) -> String {
        var name = "\(idScope)/registrations/\(registrationID)/api-version=2019-03-31"
        if let productInfo { name += "&ClientVersion=\(PercentEncoding.encode(productInfo))" }
        return name
    }
}
