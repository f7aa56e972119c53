import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "The audit trail under the release before and this one", .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10))
)
struct TwoReleasesAuditTests {
    @Test("The release before writes, exports and trims the trail in its months as this one does")
    func months() async throws {
        try await withDeployment(settings: ["AuditTrailDays": "30"]) { (deployment) async throws in
            try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
                (old) async throws in
                let ticket = try await deployment.annasTicket()
                for replica in [old[0].url, deployment.replicas[0].url] {
                    let browser = Browser(client: deployment.client, base: replica)
                    let page = try await browser.get(try await deployment.link(ticket: ticket))
                    #expect(try await browser.press(page).status == 303)
                }
                let signedIn = "SELECT count(*) FROM otalink.sign_ins"
                #expect(try await deployment.database.psql(signedIn) == "2")
                for program in [PreviousRelease.program, Deployment.program] {
                    func run(_ arguments: String...) async throws -> String {
                        try await ChildProcess.run(
                            program, ["audit"] + arguments, environment: deployment.environment
                        ).output
                    }
                    let exported = try await run("export", "--event", "link.redeemed")
                    #expect(exported.split(separator: "\n").count == 2)
                    try await deployment.database.psql(
                        """
                        INSERT INTO otalink.audit_event (event, at)
                        SELECT 'old', now() - n * interval '31 days' FROM generate_series(1, 3) AS n
                        """)
                    #expect(try await run("trim", "--dry-run").hasPrefix("3 events "))
                    #expect(try await run("trim").hasPrefix("3 events "))
                }
                #expect(try await deployment.database.psql(signedIn) == "2")
            }
        }
    }
}
