// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One HTTP answer, without any socket in it.
struct RESTResponse: Sendable {
    /// The status code.
    var status: Int
    /// Headers beyond content type and length.
    var headers: [(name: String, value: String)] = []
    /// The JSON body; nil sends none.
    var document: JSON?

    /// 200 with a document.
    static func ok(_ document: JSON) -> RESTResponse {
        RESTResponse(status: 200, document: document)
    }

    /// 204 without a body.
    static let noContent = RESTResponse(status: 204)
}
