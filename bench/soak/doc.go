// Command soak has the probe run for half an hour and looks whether it stays as
// it was: calls come and go all the time, at 200 a second, and in between come,
// twice, floods of calls that nobody ends, of SIP scans, of junk and of packets
// that only look like RTP. It samples memory, tables and drops, judges them, and
// writes bench/SOAK.md.
//
// Run it from the root of the repository, as root: make soak.
package main
