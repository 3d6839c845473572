// Package report shows finished records to people: the tables and verdicts of
// the terminal, one call in full, comma-separated values, and one
// self-contained page of HTML.
//
// It only words and draws what the records hold; it measures and judges
// nothing itself. What came out of packets is data from a stranger: control
// characters never reach a terminal, markup never reaches a page, and no text
// is shown at unbounded length. The same records give the same bytes.
package report
