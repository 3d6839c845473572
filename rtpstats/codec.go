package rtpstats

import "strings"

// payloadClass says what a payload type's packets count for.
type payloadClass uint8

const (
	classUnknown      payloadClass = iota // no clock known: sequence counts only
	classMedia                            // jitter, delay, packet time
	classEvent                            // telephone-event (RFC 4733)
	classComfortNoise                     // RFC 3389
	classRepair                           // FEC and retransmissions: never the media's loss or jitter
)

// format is what is known of one payload type. It holds no pointer: the name
// is a number in the table's names.
type format struct {
	clock     uint32 // Hz; 0 where unknown
	codec     uint16 // index into names
	class     payloadClass
	kind      MediaKind
	mode      modeKind
	channels  uint8
	pt        uint8
	announced bool
	inferred  bool
}

// staticType is a row of RFC 3551 tables 4 and 5.
type staticType struct {
	name     string
	clock    uint32
	channels uint8
	kind     MediaKind
}

// staticTypes are the payload types that need no announcement. G722 really has
// an RTP clock of 8000 although it samples at 16 kHz (RFC 3551 4.5.2); 2 and 19
// are the older G721 and comfort noise that some devices still send.
var staticTypes = [...]staticType{
	0:  {"PCMU", 8000, 1, MediaAudio},
	2:  {"G721", 8000, 1, MediaAudio},
	3:  {"GSM", 8000, 1, MediaAudio},
	4:  {"G723", 8000, 1, MediaAudio},
	5:  {"DVI4", 8000, 1, MediaAudio},
	6:  {"DVI4", 16000, 1, MediaAudio},
	7:  {"LPC", 8000, 1, MediaAudio},
	8:  {"PCMA", 8000, 1, MediaAudio},
	9:  {"G722", 8000, 1, MediaAudio},
	10: {"L16", 44100, 2, MediaAudio},
	11: {"L16", 44100, 1, MediaAudio},
	12: {"QCELP", 8000, 1, MediaAudio},
	13: {"CN", 8000, 1, MediaAudio},
	14: {"MPA", 90000, 0, MediaAudio},
	15: {"G728", 8000, 1, MediaAudio},
	16: {"DVI4", 11025, 1, MediaAudio},
	17: {"DVI4", 22050, 1, MediaAudio},
	18: {"G729", 8000, 1, MediaAudio},
	19: {"CN", 8000, 1, MediaAudio},
	25: {"CelB", 90000, 0, MediaVideo},
	26: {"JPEG", 90000, 0, MediaVideo},
	28: {"nv", 90000, 0, MediaVideo},
	31: {"H261", 90000, 0, MediaVideo},
	32: {"MPV", 90000, 0, MediaVideo},
	33: {"MP2T", 90000, 0, MediaVideo},
	34: {"H263", 90000, 0, MediaVideo},
}

// payloadTypes are seven bits.
const payloadTypes = 128

// firstDynamic is the lowest dynamic payload type (RFC 3551 3).
const firstDynamic = 96

// static returns the format of a static payload type.
func (n *names) static(pt uint8) (format, bool) {
	if int(pt) >= len(staticTypes) || staticTypes[pt].name == "" {
		return format{}, false
	}
	st := &staticTypes[pt]
	return n.format(pt, st.name, st.clock, st.channels, st.kind), true
}

// format builds the format of an encoding name.
func (n *names) format(pt uint8, name string, clock uint32, channels uint8, kind MediaKind) format {
	f := format{pt: pt, clock: clock, channels: channels, kind: kind}
	f.codec = n.intern(name)
	f.class, f.mode = classify(name)
	if f.class == classMedia && clock == 0 {
		f.class = classUnknown
	}
	return f
}

// classify tells what an encoding name means for the statistics.
func classify(name string) (payloadClass, modeKind) {
	switch strings.ToLower(name) {
	case "telephone-event", "tone":
		return classEvent, modeNone
	case "cn":
		return classComfortNoise, modeNone
	case "rtx", "ulpfec", "parityfec", "flexfec", "flexfec-03":
		return classRepair, modeNone
	case "opus":
		return classMedia, modeOpus
	case "amr":
		return classMedia, modeAMR
	case "amr-wb":
		return classMedia, modeAMRWB
	}
	return classMedia, modeNone
}

// names interns encoding names, so that streams hold a number and no pointer.
type names struct {
	list   []string
	number map[string]uint16
}

// maxNames bounds the encoding names that SDP can make the table remember.
const maxNames = 4096

func newNames() names {
	return names{list: []string{""}, number: map[string]uint16{"": 0}}
}

// intern returns the number of a name; 0, the unknown one, where there are too many.
func (n *names) intern(name string) uint16 {
	if i, ok := n.number[name]; ok {
		return i
	}
	if len(n.list) >= maxNames {
		return 0
	}
	i := uint16(len(n.list))
	name = strings.Clone(name)
	n.list = append(n.list, name)
	n.number[name] = i
	return i
}
