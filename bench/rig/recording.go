package rig

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"earshot/capture"
)

// Recording is the frames of a capture that callgen made without tunnels, in
// memory, so that a sender waits for no disk. Of an RTP packet it is the
// headers: what follows in a sent frame is whatever lay in the buffer.
type Recording struct {
	chunks      [][]byte // records of frames, one after the other
	first, last int64    // times, ns
	frames      int
}

// A record is the frame's time (8 octets), its length and how much of it
// follows (2 octets each).
const (
	recordHeader = 12
	recordChunk  = 16 << 20
	keptOfRTP    = framePayload + 12
)

// Load reads the capture at path.
func Load(path string) (*Recording, error) {
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r := new(Recording)
	var f capture.Frame
	for {
		err := src.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(f.Data) > maxFrame {
			return nil, fmt.Errorf("cannot send a frame of %d octets, the limit is %d", len(f.Data), maxFrame)
		}
		r.add(&f)
	}
	if r.frames == 0 {
		return nil, fmt.Errorf("%q has no frames", path)
	}
	return r, nil
}

func (r *Recording) add(f *capture.Frame) {
	kept := len(f.Data)
	if isRTP(f.Data) {
		kept = keptOfRTP
	}
	if r.frames == 0 {
		r.first = f.At
	}
	r.last = f.At
	r.frames++
	n := len(r.chunks)
	if n == 0 || len(r.chunks[n-1])+recordHeader+kept > recordChunk {
		r.chunks = append(r.chunks, make([]byte, 0, recordChunk))
		n++
	}
	b := r.chunks[n-1]
	b = binary.LittleEndian.AppendUint64(b, uint64(f.At))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(f.Data)))
	b = binary.LittleEndian.AppendUint16(b, uint16(kept))
	r.chunks[n-1] = append(b, f.Data[:kept]...)
}

// Loop returns the recording as traffic without an end.
func (r *Recording) Loop() *Loop { return &Loop{recording: r} }

// Rate returns the frames a second of the recording's own time, in the mean.
func (r *Recording) Rate() float64 { return float64(r.frames) / (float64(r.last-r.first) / 1e9) }

// Frames returns how many frames there are.
func (r *Recording) Frames() int { return r.frames }

func isRTP(frame []byte) bool {
	return len(frame) >= keptOfRTP && frame[frameProtocol] == protocolUDP && frame[framePayload]>>6 == 2 && !isRTCP(frame[framePayload:])
}

func isRTCP(payload []byte) bool { return payload[1] >= 192 && payload[1] <= 223 }

func isSIP(frame []byte) bool {
	return len(frame) > framePayload && frame[frameProtocol] == protocolUDP && frame[framePayload]>>6 != 2
}
