package sipparse

import "errors"

// What keeps a message or a description from being used.
var (
	// ErrNotSIP: the bytes do not begin with a SIP start line. No message comes with it.
	ErrNotSIP = errors.New("sipparse: not a SIP message")
	// ErrStatus: a response without a three-digit status code. The message has the rest.
	ErrStatus = errors.New("sipparse: unreadable status code")
	// ErrNoCallID: nothing identifies the dialog. The message has the rest.
	ErrNoCallID = errors.New("sipparse: no Call-ID")
	// ErrNotSDP: neither a version nor a media line.
	ErrNotSDP = errors.New("sipparse: not a session description")
)
