package sipparse

// staticFormats are the payload types that need no rtpmap (RFC 3551 6). The
// clock of G722 is 8000 by a mistake that RFC 3551 4.5.2 keeps.
var staticFormats = [...]Format{
	{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000, Channels: 1},
	{PayloadType: 3, Encoding: "GSM", ClockRate: 8000, Channels: 1},
	{PayloadType: 4, Encoding: "G723", ClockRate: 8000, Channels: 1},
	{PayloadType: 5, Encoding: "DVI4", ClockRate: 8000, Channels: 1},
	{PayloadType: 6, Encoding: "DVI4", ClockRate: 16000, Channels: 1},
	{PayloadType: 7, Encoding: "LPC", ClockRate: 8000, Channels: 1},
	{PayloadType: 8, Encoding: "PCMA", ClockRate: 8000, Channels: 1},
	{PayloadType: 9, Encoding: "G722", ClockRate: 8000, Channels: 1},
	{PayloadType: 10, Encoding: "L16", ClockRate: 44100, Channels: 2},
	{PayloadType: 11, Encoding: "L16", ClockRate: 44100, Channels: 1},
	{PayloadType: 12, Encoding: "QCELP", ClockRate: 8000, Channels: 1},
	{PayloadType: 13, Encoding: "CN", ClockRate: 8000, Channels: 1},
	{PayloadType: 14, Encoding: "MPA", ClockRate: 90000, Channels: 1},
	{PayloadType: 15, Encoding: "G728", ClockRate: 8000, Channels: 1},
	{PayloadType: 16, Encoding: "DVI4", ClockRate: 11025, Channels: 1},
	{PayloadType: 17, Encoding: "DVI4", ClockRate: 22050, Channels: 1},
	{PayloadType: 18, Encoding: "G729", ClockRate: 8000, Channels: 1},
	{PayloadType: 25, Encoding: "CelB", ClockRate: 90000},
	{PayloadType: 26, Encoding: "JPEG", ClockRate: 90000},
	{PayloadType: 28, Encoding: "nv", ClockRate: 90000},
	{PayloadType: 31, Encoding: "H261", ClockRate: 90000},
	{PayloadType: 32, Encoding: "MPV", ClockRate: 90000},
	{PayloadType: 33, Encoding: "MP2T", ClockRate: 90000},
	{PayloadType: 34, Encoding: "H263", ClockRate: 90000},
}

const maxStatic = 34 // the last payload type with a static meaning

// staticFormat is a payload type with its static meaning, if it has one. Audio
// has one channel unless an rtpmap says more.
func staticFormat(pt uint8, kind string) Format {
	for i := 0; i < len(staticFormats) && pt <= maxStatic; i++ {
		if staticFormats[i].PayloadType == pt {
			return staticFormats[i]
		}
	}
	f := Format{PayloadType: pt}
	if kind == "audio" {
		f.Channels = 1
	}
	return f
}

// encodings are the names that need no copy, as IANA spells them; encoding
// names are case-insensitive (RFC 8866 6.6).
var encodings = [...]string{
	"PCMU", "PCMA", "telephone-event", "opus", "G722", "G729", "CN", "GSM", "G723", "iLBC", "speex",
	"AMR", "AMR-WB", "EVS", "G726-32", "G726-16", "G726-24", "G726-40", "G728", "G7221", "G729D", "G729E",
	"GSM-EFR", "GSM-HR-08", "LPC", "DVI4", "L16", "red", "SILK", "BV16", "BV32", "MP4A-LATM", "MPA",
	"H264", "VP8", "VP9", "AV1", "H263", "H263-1998", "H265", "H261", "rtx", "ulpfec", "flexfec-03", "MP2T",
}

// encodingName is the registered spelling, or a copy of what was written.
func encodingName(v []byte) string {
	for _, name := range encodings {
		if sameFold(v, name) {
			return name
		}
	}
	return string(v[:min(len(v), maxName)])
}

const maxName = 64 // octets kept of a codec, protocol or media name

// sameFold compares in any ASCII case.
func sameFold(v []byte, name string) bool {
	if len(v) != len(name) {
		return false
	}
	for i, c := range v {
		if lower(c) != lower(name[i]) {
			return false
		}
	}
	return true
}

func mediaKind(v []byte) string {
	switch string(v) {
	case "audio":
		return "audio"
	case "video":
		return "video"
	case "image":
		return "image"
	case "application":
		return "application"
	}
	return string(v[:min(len(v), maxName)])
}

func mediaProtocol(v []byte) string {
	switch string(v) {
	case "RTP/AVP":
		return "RTP/AVP"
	case "RTP/SAVP":
		return "RTP/SAVP"
	case "RTP/AVPF":
		return "RTP/AVPF"
	case "RTP/SAVPF":
		return "RTP/SAVPF"
	case "UDP/TLS/RTP/SAVPF":
		return "UDP/TLS/RTP/SAVPF"
	case "udptl":
		return "udptl"
	}
	return string(v[:min(len(v), maxName)])
}

// fmtpText spares the copy of the parameters that nearly every offer has.
func fmtpText(v []byte) string {
	switch string(v) {
	case "0-15":
		return "0-15"
	case "0-16":
		return "0-16"
	case "annexb=no":
		return "annexb=no"
	case "minptime=10;useinbandfec=1":
		return "minptime=10;useinbandfec=1"
	}
	return string(v)
}
