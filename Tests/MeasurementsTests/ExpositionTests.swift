import Measurements
import Testing

@Suite("Metrics as Prometheus reads them")
struct ExpositionTests {
    @Test("Counts by label, in order, with what has to be escaped escaped")
    func counters() {
        let counter = LabelledCounter(.redemptions)
        for answer in ["signed-in", "b\"ack\\slash\nline", "signed-in"] { counter.increment(answer) }
        var text = Exposition()
        text.add(counter)
        #expect(
            text.text == """
                # HELP otalink_redemptions_total Buttons of links that were pressed, by what was answered.
                # TYPE otalink_redemptions_total counter
                otalink_redemptions_total{answer="b\\"ack\\\\slash\\nline"} 1
                otalink_redemptions_total{answer="signed-in"} 2

                """)
    }

    @Test("A histogram counts into each bucket all that is below it")
    func histograms() {
        let histogram = LabelledHistogram(.deskCallDuration)
        for milliseconds in [1, 2, 30, 20_000] { histogram.observe(.milliseconds(milliseconds), "TicketGet") }
        var text = Exposition()
        text.add(histogram)
        let name = "otalink_desk_call_duration_seconds"
        let counts = [
            ("0.001", 1), ("0.0025", 2), ("0.005", 2), ("0.01", 2), ("0.025", 2), ("0.05", 3), ("0.1", 3), ("0.25", 3),
            ("0.5", 3), ("1", 3), ("2.5", 3), ("5", 3), ("10", 3), ("+Inf", 4),
        ]
        let buckets = counts.map { "\(name)_bucket{operation=\"TicketGet\",le=\"\($0)\"} \($1)" }
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(Array(lines.dropFirst(2)) == buckets + lines.suffix(2))
        #expect(
            lines.suffix(2).map { $0.prefix { $0 != " " } }.map(String.init)
                == ["\(name)_sum{operation=\"TicketGet\"}", "\(name)_count{operation=\"TicketGet\"}"])
        #expect(lines.last?.hasSuffix(" 4") == true)
    }

    @Test(
        "Numbers",
        arguments: [
            (0, "0"), (-1, "-1"), (1.5, "1.5"), (1e15, "1000000000000000"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"), (1e-7, "1e-07"), (1_795_600_000.25, "1795600000.25"),
        ] as [(Double, String)])
    func numbers(value: Double, written: String) {
        var text = Exposition()
        text.add(.deskWaiting, value)
        #expect(text.text.hasSuffix("\notalink_desk_waiting_calls \(written)\n"))
    }

    @Test("What is not known is not there")
    func unknown() {
        var text = Exposition()
        text.add(.listenerLeaseAge, nil)
        text.add(LabelledCounter(.redemptions))
        text.add(LabelledHistogram(.deskCallDuration))
        #expect(text.text == "")
    }

    @Test("What many tasks count at once is counted")
    func concurrent() async {
        let (counter, histogram) = (LabelledCounter(.redemptions), LabelledHistogram(.deskCallDuration))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    for index in 0..<100 {
                        counter.increment(index.isMultiple(of: 2) ? "a" : "b")
                        histogram.observe(.milliseconds(index), "x")
                    }
                }
            }
        }
        #expect(
            Set(counter.samples) == [
                MetricSample(labels: ["a"], value: 2500), MetricSample(labels: ["b"], value: 2500),
            ])
        #expect(histogram.samples[["x"]]?.cumulativeCounts.last == 5000)
    }

    @Test("Names are unique and well-formed, counters end in _total, times in _seconds")
    func names() {
        let all = MetricDefinition.all
        #expect(Set(all.map(\.name)).count == all.count)
        for metric in all {
            #expect(metric.name.wholeMatch(of: /(otalink|process)_[a-z_]+/) != nil)
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"), "\(metric.name)")
            #expect(metric.labels.allSatisfy { $0.wholeMatch(of: /[a-z]+/) != nil && $0 != "le" })
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("|"))
        }
    }

    @Test("The kernel knows this process")
    func process() throws {
        let facts = ProcessFacts.read()
        #expect(try #require(facts.residentBytes) > 1_000_000)
        #expect(try #require(facts.startTime) > 1_700_000_000)
        #expect(try #require(facts.openDescriptors) >= 3)
        #expect(try #require(facts.cpuSeconds) >= 0)
    }
}
