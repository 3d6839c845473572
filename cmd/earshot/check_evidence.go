package main

import (
	"fmt"

	"earshot/pipeline"
)

// Octets of an Ethernet frame of a call in G.711 with 20 ms: all, and what
// measuring reads.
const (
	frameOctets  = 14 + 20 + 8 + 12 + 160
	headerOctets = 14 + 20 + 8 + 12 + 4
)

// describeEvidence says where the packets of cases come from.
func (c *config) describeEvidence() string {
	keep := c.keep()
	kept := headerOctets
	if keep.RTP == pipeline.KeepAll {
		kept = frameOctets
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
	return fmt.Sprintf("made\tout of recent packets, a minute of %d calls; capture files (save.dir) hold more", keep.Bytes/pipeline.RecentOctets(kept)/minute)
}
