package main

import (
	"fmt"

	"earshot/pipeline"
)

// What a packet of a call in G.711 takes in the ring of recent packets: 24
// octets of its own, and of a frame of 214 octets all, or what measuring reads.
const (
	octetsWhole   = 24 + 214 + 2 // padded
	octetsHeaders = 24 + 58 + 6
)

// describeEvidence says where the packets of cases come from.
func (c *config) describeEvidence() string {
	keep := c.keep()
	octets := octetsHeaders
	if keep.RTP == pipeline.KeepAll {
		octets = octetsWhole
	}
	const minute = 60 * 100 // packets of a call, both ways
	switch {
	case !c.Evidence.Make.or(true):
		return "not made\tevidence.make is false"
	case c.savedPackets().dir != "":
		return "made\tout of the capture files"
	case keep.Bytes == 0 || keep.RTP == pipeline.KeepNothing:
		return "made\twithout packets: neither save.memory_mb nor save.dir keeps any"
	}
	return fmt.Sprintf("made\tout of recent packets, a minute of %d calls; capture files (save.dir) hold more", keep.Bytes/octets/minute)
}
