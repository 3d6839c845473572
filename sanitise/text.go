package sanitise

// Text replaces what is personal in messages of SIP and what they carry. One
// goroutine uses it.
type Text struct{ names *Names }

// NewText returns a Text that replaces with these names.
func NewText(names *Names) *Text { return &Text{names: names} }

// SIP appends to dst a whole SIP message without what is personal, its
// Content-Length mended, and returns it. What cannot be understood is blanked,
// never passed on.
func (t *Text) SIP(dst, message []byte) []byte { panic("sanitise: not written yet") }

// KeepHeaders lets the names of these headers stay, such as those that join the
// legs of a B2BUA; their values are replaced all the same.
func (t *Text) KeepHeaders(names ...string) {}

// SDES appends the text of a source description's item, at the same length.
func (t *Text) SDES(dst, text []byte) []byte { return append(dst, make([]byte, len(text))...) }

// RTCPJSON appends a report as HEP's senders write it, in JSON.
func (t *Text) RTCPJSON(dst, message []byte) []byte { panic("sanitise: not written yet") }

// HTTPUpgrade appends the request or response that opens a WebSocket.
func (t *Text) HTTPUpgrade(dst, head []byte) []byte { panic("sanitise: not written yet") }
