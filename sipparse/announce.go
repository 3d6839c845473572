package sipparse

// HashCallID is the 64-bit FNV-1a hash of a Call-ID: the name by which the data
// path knows a dialog's owner.
func HashCallID(callID string) uint64 { return hashCallID(callID) }

func hashCallID[T bytesOrString](callID T) uint64 {
	const (
		offset = 14695981039346656037
		prime  = 1099511628211
	)
	h := uint64(offset)
	for i := range len(callID) {
		h = (h ^ uint64(callID[i])) * prime
	}
	return h
}

// Announce takes from a SIP message, without reading the rest of it, what the
// data path wants at once: who owns its media (HashCallID of the Call-ID, 0
// where there is none) and the media themselves; sdp is nil where the message
// carries no session description.
func Announce(b []byte) (owner uint64, sdp *SDP) { return AnnounceInto(nil, b) }

// AnnounceInto is Announce with room for the session description, where it is not
// nil: an earlier one that is done with.
func AnnounceInto(room *SDP, b []byte) (owner uint64, sdp *SDP) {
	o := overview(b)
	if o.callID == nil || o.sdp == nil {
		return o.owner(), nil
	}
	if room == nil {
		room = new(SDP)
	}
	if sdp, _ = parseSDP(room, o.sdp); sdp != nil {
		sdp.Cut = o.cut
	}
	return o.owner(), sdp
}

// Owner is HashCallID of a message's Call-ID, found without a full parse; 0
// where there is none.
func Owner(b []byte) uint64 { return overview(b).owner() }

// FindSDP is the session description inside a SIP message, or nil. It aliases b.
func FindSDP(b []byte) []byte { return overview(b).sdp }

// brief is what a message says about its dialog and its body.
type brief struct {
	callID []byte
	folded bool // callID has a fold inside
	sdp    []byte
	cut    bool // its end is missing
}

func (o brief) owner() uint64 {
	if o.callID == nil {
		return 0
	}
	if o.folded {
		var buf [256]byte
		return hashCallID(appendUnfolded(buf[:0], o.callID))
	}
	return hashCallID(o.callID)
}

// overview walks the headers once, in the way of
// Parser.Parse: both find the same Call-ID and the same body.
func overview(b []byte) (o brief) {
	_, end, ok := findStart(b)
	if !ok {
		return o
	}
	var contentType []byte
	length, encoded := -1, false
	_, n, _ := nextHeader(b[end:])
	for b = b[end+n:]; !startsSDP(b); {
		h, n, more := nextHeader(b)
		b = b[n:]
		if !more || h.cut {
			break
		}
		switch briefID(h.name) {
		case hdrCallID:
			if o.callID == nil && len(h.value) > 0 {
				o.callID, o.folded = h.value[:min(len(h.value), maxValue)], h.folded
			}
		case hdrContentType:
			if len(contentType) == 0 {
				contentType = h.value[:min(len(h.value), maxValue)]
			}
		case hdrContentLength:
			if v, digits, ok := decimal(h.value, maxExpires); ok && digits == len(h.value) && length < 0 {
				length = int(v)
			}
		case hdrContentEncoding:
			encoded = len(h.value) > 0 && !equalFold(h.value, "identity")
		}
	}
	if length >= 0 && length < len(b) {
		b = b[:length]
	}
	b, o.cut = wholeLines(b, length)
	if !encoded && len(b) > 0 {
		o.sdp = sdpPart(contentType, b, maxNesting)
	}
	return o
}

// briefID is identify for the few headers of an overview: most names are out
// by their first letter and length.
func briefID(name []byte) headerID {
	if len(name) == 1 {
		return identifyCompact(lower(name[0]))
	}
	if len(name) < len("call-id") || lower(name[0]) != 'c' {
		return hdrOther
	}
	return identify(name)
}
