package dialog

import (
	"slices"

	"earshot/rtpstats"
)

// figures is what the records need of a stream's latest report, under the
// report's own names. It is half as large as the report and its lists lie in
// it: of 10,000 calls there are 20,000.
type figures struct {
	Start, End    int64
	Kind          rtpstats.MediaKind
	Final         bool
	Path          rtpstats.Path
	ClockInferred bool
	SRTP          bool
	SkewValid     bool

	PayloadTypes, DSCP, VLAN, TTL octets
	MarkChanges                   uint32

	Codecs       []string // of PayloadTypes; never written to
	Codec        string
	ClockRate    int32
	CodecChanges int32
	PTimeChanges int32
	CaptureDrops uint32
	CodecPackets uint64
	PTimeMS      float64
	Mode         rtpstats.Mode

	Packets, Bytes           uint64
	Expected, Lost           uint64
	CumulativeLost           int64
	Duplicates               uint64
	CaptureCopies            uint64
	Reordered, Restarts      uint64
	ComfortNoise, Silences   uint64
	Events, EventPackets     uint64
	MediaPackets             uint64
	LateFixed, LateAdaptive  uint64
	Jitter                   rtpstats.Jitter
	DeltaMaxMS, BufferMeanMS float64
	SkewPPM                  float64

	Bursts   bursts
	LossRuns rtpstats.LossRuns
}

// bursts is what records say of rtpstats.BurstGap.
type bursts struct {
	Bursts, Gaps             uint32
	BurstDensity, GapDensity float64
	BurstMS, GapMS           float64
	BurstRatio               float64
}

// octets is a short list that needs no memory of its own.
type octets struct {
	list [rtpstats.MaxDistinct]uint8
	n    uint8
}

func octetsOf(list []uint8) octets {
	var o octets
	o.n = uint8(copy(o.list[:], list))
	return o
}

func (o *octets) values() []uint8 { return o.list[:o.n] }

// update takes a new report and keeps nothing of its slices.
func (f *figures) update(r *rtpstats.Report) {
	codecs := f.Codecs
	if !slices.Equal(codecs, r.Codecs) {
		codecs = slices.Clone(r.Codecs)
	}
	*f = figures{
		Start: r.Start, End: r.End, Kind: r.Kind, Final: r.Final, Path: r.Path,
		ClockInferred: r.ClockInferred, SRTP: r.SRTP, SkewValid: r.SkewValid,
		PayloadTypes: octetsOf(r.PayloadTypes),
		DSCP:         octetsOf(r.DSCP), VLAN: octetsOf(r.VLAN), TTL: octetsOf(r.TTL),
		MarkChanges: r.MarkChanges,
		Codecs:      codecs, Codec: r.Codec, ClockRate: int32(r.ClockRate),
		CodecPackets: r.CodecPackets, CodecChanges: int32(r.CodecChanges),
		PTimeMS: r.PTimeMS, PTimeChanges: int32(r.PTimeChanges), Mode: r.Mode,
		Packets: r.Packets, Bytes: r.Bytes, Expected: r.Expected, Lost: r.Lost,
		CumulativeLost: r.CumulativeLost, Duplicates: r.Duplicates, CaptureCopies: r.CaptureCopies,
		Reordered: r.Reordered, Restarts: r.Restarts,
		ComfortNoise: r.ComfortNoise, Silences: r.Silences,
		Events: r.Events, EventPackets: r.EventPackets, MediaPackets: r.MediaPackets,
		LateFixed: r.LateFixed, LateAdaptive: r.LateAdaptive, CaptureDrops: uint32(r.CaptureDrops),
		Jitter: r.Jitter, DeltaMaxMS: r.DeltaMaxMS, BufferMeanMS: r.BufferMeanMS, SkewPPM: r.SkewPPM,
		Bursts: bursts{
			Bursts: r.Bursts.Bursts, Gaps: r.Bursts.Gaps,
			BurstDensity: r.Bursts.BurstDensity, GapDensity: r.Bursts.GapDensity,
			BurstMS: r.Bursts.BurstMS, GapMS: r.Bursts.GapMS, BurstRatio: r.Bursts.BurstRatio,
		},
		LossRuns: r.LossRuns,
	}
}
