// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// Everything that is answered over HTTPS: permission first, then the control API or the service API.
struct RESTAPI: Sendable {
    /// First segment of every path of the control API.
    static let controlRoot = "local-hub"

    private let authorization: ServiceAuthorization
    private let service: ServiceAPI
    private let control: ControlAPI
    private let now: @Sendable () -> Date

    /// Answers for a hub with the policies and host names of its settings.
    init(hub: Hub, configuration: HubConfiguration) {
        authorization = ServiceAuthorization(
            policies: configuration.servicePolicies, hostNames: configuration.hostNames)
        service = ServiceAPI(hub: hub)
        control = ControlAPI(
            hub: hub, idScope: configuration.idScope, deviceHost: configuration.assignedHub)
        now = configuration.now
    }

    /// Answers one request.
    func respond(to request: RESTRequest) async -> RESTResponse {
        let isControl = request.path.first == Self.controlRoot
        do throws(HubFailure) {
            try authorization.check(request, allowsBearer: isControl, now: now())
        } catch {
            return .failure(error)
        }
        return isControl ? await control.respond(to: request) : await service.respond(to: request)
    }
}
