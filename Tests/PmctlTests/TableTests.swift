import Testing

@testable import pmctl

struct TableTests {
    private let table = Table(
        columns: [.init("NAME", isElastic: true), .init("N", .right), .init("COMMAND", isElastic: true)],
        rows: [["alpha", "1", "sleep 1000"], ["a-much-longer-name", "12345", Cell("x\ny", .red)]])

    @Test func `without a terminal nothing is cut`() {
        #expect(
            table.lines(for: .plain) == [
                "NAME                    N  COMMAND",
                "alpha                   1  sleep 1000",
                "a-much-longer-name  12345  x\\ny",
            ])
    }

    @Test func `a narrow terminal cuts the last column, then the widest`() {
        #expect(
            table.lines(for: .narrow(30)) == [
                "NAME             N  COMMAND",
                "alpha            1  sleep 1000",
                "a-much-lon…  12345  x\\ny",
            ])
    }

    @Test func `prose is cut before names`() {
        let table = Table(
            columns: [.init("NAME", isElastic: true), .init("COMMAND", isElastic: true)],
            rows: [["a-much-longer-name", "python3 -m http.server --directory /srv"]])
        #expect(table.lines(for: .narrow(40)).last == "a-much-longer-name  python3 -m http.ser…")
        #expect(table.lines(for: .narrow(36)).last == "a-much-longer-name  python3 -m http…")
        #expect(table.lines(for: .narrow(32)).last == "a-much-longer-…  python3 -m htt…")
    }

    @Test(arguments: 20...60) func `no line is wider than the terminal`(width: Int) {
        for line in table.lines(for: .narrow(width)) { #expect(Printable.width(line) <= max(width, 20)) }
    }

    @Test func `columns never become narrower than their titles`() {
        #expect(table.lines(for: .narrow(1)).map { Printable.width($0) }.max() == "NAME  12345  COMMAND".count)
    }

    @Test func `colours do not change the width`() {
        let lines = table.lines(for: Terminal(width: nil, hasColor: true))
        #expect(lines[0] == "\u{1B}[1mNAME\u{1B}[0m                    \u{1B}[1mN\u{1B}[0m  \u{1B}[1mCOMMAND\u{1B}[0m")
        #expect(lines[2] == "a-much-longer-name  12345  \u{1B}[31mx\\ny\u{1B}[0m")
    }
}
