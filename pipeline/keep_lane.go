package pipeline

import "earshot/capture"

// keeping is what a pipeline keeps of the packets that it sees: the rings of
// recent ones and the capture files, one laneKeeper for each lane.
type keeping struct {
	lanes []laneKeeper
	saver *saver // nil: no files are written
}

// laneKeeper is one lane's part. The ring and the files share a keeper where
// they keep the same of RTP. Only the lane calls its methods, and a nil one
// keeps nothing.
type laneKeeper struct {
	recent *packetKeeper // nil: no ring
	files  *packetKeeper // nil: no files, or recent feeds them
}

// newKeeping returns nil where nothing is to be kept.
func newKeeping(keep KeepConfig, save SaveConfig, lanes int) *keeping {
	if keep.Bytes <= 0 && save.Dir == "" {
		return nil
	}
	k := &keeping{lanes: make([]laneKeeper, lanes)}
	if save.Dir != "" {
		k.saver = newSaver(save, lanes)
	}
	for i := range k.lanes {
		var feed *saveFeed
		if k.saver != nil {
			feed = k.saver.feeds[i].saveFeed
		}
		k.lanes[i] = newLaneKeeper(keep, save, lanes, feed)
	}
	return k
}

func newLaneKeeper(keep KeepConfig, save SaveConfig, lanes int, feed *saveFeed) laneKeeper {
	var l laneKeeper
	switch shared := feed != nil && keep.RTP == save.RTP; {
	case keep.Bytes <= 0:
		l.files = newKeeper(saveBuffer, save.RTP, feed)
	case shared:
		l.recent = newKeeper(keep.Bytes/lanes, keep.RTP, feed)
	default:
		l.recent = newKeeper(keep.Bytes/lanes, keep.RTP, nil)
		if feed != nil {
			l.files = newKeeper(saveBuffer, save.RTP, feed)
		}
	}
	return l
}

// lane returns the part of lane i, nil where nothing is kept.
func (k *keeping) lane(i int) *laneKeeper {
	if k == nil {
		return nil
	}
	return &k.lanes[i]
}

// run writes the files, until every lane has ended. It returns at once where
// none are written.
func (k *keeping) run() {
	if k != nil && k.saver != nil {
		k.saver.run()
	}
}

// take keeps a frame; payload is how many octets of the datagram's payload are
// enough of an RTP packet, as rtpKept says.
func (l *laneKeeper) take(f *capture.Frame, dg *capture.Datagram, kind keepKind, payload int) {
	if l == nil || kind == keepNone {
		return
	}
	if l.recent != nil {
		l.recent.take(f, dg, kind, payload)
	}
	if l.files != nil {
		l.files.take(f, dg, kind, payload)
	}
}

// tick says that packet time has reached at, or stands there while nothing comes.
func (l *laneKeeper) tick(at int64) {
	if l == nil {
		return
	}
	if l.recent != nil {
		l.recent.tick(at)
	}
	if l.files != nil {
		l.files.tick(at)
	}
}

// end says that the lane has ended.
func (l *laneKeeper) end() {
	if l == nil {
		return
	}
	if l.recent != nil {
		l.recent.end()
	}
	if l.files != nil {
		l.files.end()
	}
}

// stage returns what was counted. Any goroutine may call it.
func (k *keeping) stage() KeepStage {
	var s KeepStage
	if k == nil {
		return s
	}
	for i := range k.lanes {
		l := &k.lanes[i]
		if l.files != nil {
			s.ShedPackets += l.files.large.Load()
		}
		if l.recent != nil {
			s.ShedPackets += l.recent.large.Load()
			octets, oldest := l.recent.usage()
			s.RingBytes += octets
			s.RingLimit += uint64(len(l.recent.ring)) * chunkBytes
			if oldest != 0 && (s.Oldest == 0 || oldest < s.Oldest) {
				s.Oldest = oldest
			}
		}
	}
	if k.saver != nil {
		k.saver.stage(&s)
	}
	return s
}
