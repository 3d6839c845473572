// Package capture gives frames from files, interfaces and HEP and takes them
// down to what they carry: UDP datagrams, and TCP in order.
//
// Open reads pcap and pcapng, compressed or not, several files merged by time,
// OpenLive the rings of this host's interfaces, ListenHEP what other probes
// send; each gives one Frame after another. A Decoder goes through the link
// layer, tags, labels, tunnels and IP to the innermost UDP or TCP header, puts
// fragments together, and marks the packets that the capture itself holds
// twice. Streams puts the octets of TCP connections in order.
//
//	for source.Next(&frame) == nil {
//		if !decoder.Decode(&frame, &dg) {
//			continue // counted, with the reason
//		}
//		if dg.Protocol == 6 && !dg.Message {
//			streams.Push(&dg, take)
//		}
//	}
//
// HEP is a tunnel like the others: its listener gives the datagrams that it
// took, and the Decoder unwraps them, so that a capture of HEP, a file of our
// own and the live feed go one way. RTCP that HEP carries as JSON becomes RTCP
// again. HEPSender is the way back: messages to Homer and the like.
//
// What it promises: no packet can make it panic, stall or grow. Headers are
// checked against the octets that are there before they are read; encapsulation
// has a depth; every table has a bound and a counter for what the bound cost.
// Decoding allocates nothing. Time is the capture's: the same frames in the
// same order give the same datagrams, marks and counts, at any speed.
//
// What it refuses to know: what is in a payload. Ports mean nothing to it but
// for the tunnels that are known by theirs, and a tunnel's port without a
// tunnel behind it gives a plain datagram. The packet that an ICMP error quotes
// is not traffic: it was counted where it passed.
package capture
