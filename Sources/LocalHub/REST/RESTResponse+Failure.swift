// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension RESTResponse {
    /// How the message of an error body is written.
    enum FailureStyle {
        /// `ErrorCode:{Name};{message}`.
        case registry
        /// A JSON text inside the text, as methods answer.
        case method
    }

    /// The error answer of the service: status, `iothub-errorcode` and a body with the message.
    static func failure(
        _ failure: HubFailure, style: FailureStyle = .registry, at now: Date = Date()
    ) -> RESTResponse {
        let message: String
        switch style {
        case .registry:
            message = "ErrorCode:\(failure.name);\(failure.message)"
        case .method:
            let inner: JSON = [
                "errorCode": .integer(failure.code),
                "trackingId": .string(UUID().uuidString),
                "message": .string(failure.message),
                "info": failure.info,
                "timestampUtc": .string(Timestamp.text(now)),
            ]
            message = inner.text
        }
        return RESTResponse(
            status: failure.status,
            headers: [("iothub-errorcode", failure.name)],
            document: ["Message": .string(message), "ExceptionMessage": ""]
        )
    }
}

extension HubFailure {
    /// 404000: the path leads nowhere.
    static func noSuchPath(_ request: RESTRequest) -> HubFailure {
        HubFailure(
            code: 404_000, name: "NotFound",
            message: "There is no \(request.method) /\(request.path.joined(separator: "/")).")
    }

    /// 401002: the request proves no permission.
    static func unauthorized(_ message: String) -> HubFailure {
        HubFailure(code: 401_002, name: "IotHubUnauthorizedAccess", message: message)
    }
}
