package outbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed delivery. The signature is "v1=" and the hexadecimal
// HMAC-SHA256, keyed with the shared secret, of timestamp "." delivery "." body.
// While a secret is being replaced there are two signatures, with a comma
// between them.
const (
	HeaderTimestamp = "X-Earshot-Timestamp" // seconds since 1970, UTC
	HeaderDelivery  = "X-Earshot-Delivery"  // the same when a delivery is repeated
	HeaderSignature = "X-Earshot-Signature"
	HeaderEvent     = "X-Earshot-Event"          // "created", "updated", "commented", "attached", "closed", "reopened"
	HeaderKey       = "X-Earshot-Key"            // of the ticket
	HeaderFile      = "X-Earshot-File"           // its name, where the body is a file
	HeaderSHA256    = "X-Earshot-Content-SHA256" // of the file, in hexadecimal
)

// signatureScheme is before each signature.
const signatureScheme = "v1="

// MaxSignatureAge is how far the clocks of a delivery and its receiver may be
// apart: who recorded a delivery can repeat it for so long, and then only as the
// duplicate that its delivery ID tells.
const MaxSignatureAge = 5 * time.Minute

// The reasons to turn a delivery away.
var (
	ErrUnsigned = errors.New("it is not signed")
	ErrForged   = errors.New("its signature does not fit: is the secret the same on both sides?")
	ErrStale    = errors.New("it is too old, or from the future: are both clocks right?")
)

// newMAC begins the MAC of a delivery; the body is to be written to it.
func newMAC(secret, timestamp, delivery string) hash.Hash {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp + "." + delivery + "."))
	return h
}

// signer signs one delivery with each of some secrets. The body is to be
// written to it.
type signer struct {
	timestamp, delivery string
	macs                []hash.Hash
}

func newSigner(secrets []string, at time.Time, delivery string) *signer {
	s := &signer{timestamp: strconv.FormatInt(at.Unix(), 10), delivery: delivery}
	for _, secret := range secrets {
		s.macs = append(s.macs, newMAC(secret, s.timestamp, delivery))
	}
	return s
}

// Write takes a piece of the body.
func (s *signer) Write(p []byte) (int, error) {
	for _, m := range s.macs {
		m.Write(p)
	}
	return len(p), nil
}

// sign sets the headers.
func (s *signer) sign(h http.Header) {
	var list []string
	for _, m := range s.macs {
		list = append(list, signatureScheme+hex.EncodeToString(m.Sum(nil)))
	}
	h.Set(HeaderTimestamp, s.timestamp)
	h.Set(HeaderDelivery, s.delivery)
	h.Set(HeaderSignature, strings.Join(list, ","))
}

// Verifier tells whether a delivery is genuine. Its body is to be written to it,
// and nothing of that be believed before Check has passed.
type Verifier struct {
	at    time.Time
	macs  []hash.Hash
	given [][]byte
}

// The bounds of what is looked at.
const (
	maxDelivery   = 200
	maxSignatures = 8
)

// NewVerifier begins to verify the delivery with these headers; secrets are all
// that may have signed it.
func NewVerifier(secrets []string, h http.Header) (*Verifier, error) {
	timestamp, delivery := h.Get(HeaderTimestamp), h.Get(HeaderDelivery)
	if timestamp == "" || delivery == "" || h.Get(HeaderSignature) == "" {
		return nil, fmt.Errorf("%w: want the headers %s, %s and %s", ErrUnsigned, HeaderTimestamp, HeaderDelivery, HeaderSignature)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(timestamp) > 15 || len(delivery) > maxDelivery {
		return nil, fmt.Errorf("%w: %s or %s is not of the form that Earshot writes", ErrUnsigned, HeaderTimestamp, HeaderDelivery)
	}
	v := &Verifier{at: time.Unix(seconds, 0)}
	for one := range strings.SplitSeq(h.Get(HeaderSignature), ",") {
		text, found := strings.CutPrefix(strings.TrimSpace(one), signatureScheme)
		given, err := hex.DecodeString(text)
		if found && err == nil && len(v.given) < maxSignatures {
			v.given = append(v.given, given)
		}
	}
	if len(v.given) == 0 {
		return nil, fmt.Errorf("%w: there is no %s of the form %s…", ErrUnsigned, HeaderSignature, signatureScheme)
	}
	for _, secret := range secrets {
		v.macs = append(v.macs, newMAC(secret, timestamp, delivery))
	}
	return v, nil
}

// Write takes a piece of the body.
func (v *Verifier) Write(p []byte) (int, error) {
	for _, m := range v.macs {
		m.Write(p)
	}
	return len(p), nil
}

// Check says whether what was written is what somebody with one of the secrets
// has sent about now.
func (v *Verifier) Check(now time.Time) error {
	genuine := false
	for _, m := range v.macs {
		want := m.Sum(nil)
		for _, given := range v.given {
			genuine = hmac.Equal(want, given) || genuine
		}
	}
	if !genuine {
		return ErrForged
	}
	if age := now.Sub(v.at).Abs(); age > MaxSignatureAge {
		return fmt.Errorf("%w (%s apart)", ErrStale, age.Round(time.Second))
	}
	return nil
}
