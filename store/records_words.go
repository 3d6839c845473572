package store

import (
	"encoding/hex"
	"hash/fnv"
	"net/netip"
	"strings"

	"earshot/dialog"
)

// A row's words say in one index what can be looked for. Their first letter is
// their kind; the rest may stand for more than one text (letters fold, odd ones
// become _), so what is found by a word is looked at again.
const (
	wordNumber  = 'n' // three letters of a number that ^ and $ enclose: n^+4, n+49 … n11$
	wordAddress = 'a' // 4 or 6, and the address in hexadecimal
	wordFinding = 'f'
	wordCallID  = 'c' // the hash of a Call-ID
	wordID      = 'i' // the record's own id
	wordSegment = 's'
	wordPeer    = 'p'
	wordTenant  = 't'
)

// longestNumber is how much of a number or URI is indexed.
const longestNumber = 64

// wordList collects the words of one row, each once. One goroutine uses it.
type wordList struct {
	text strings.Builder
	seen map[string]struct{}
}

func newWordList() *wordList { return &wordList{seen: map[string]struct{}{}} }

func (w *wordList) ofCall(c *dialog.CallRecord, r *row) string {
	w.begin()
	w.number(c.From)
	w.number(c.To)
	for i := range c.Legs {
		w.address(c.Legs[i].Src)
		w.address(c.Legs[i].Dst)
	}
	for _, s := range c.Media {
		w.address(s.Src)
		w.address(s.Dst)
	}
	for i := range c.Findings {
		w.add(nameWord(wordFinding, c.Findings[i].Code))
	}
	for _, id := range c.CallIDs {
		w.add(hashWord(id))
	}
	w.places(r)
	w.quality(r)
	return w.text.String()
}

func (w *wordList) ofStream(s *dialog.StreamRecord, r *row) string {
	w.begin()
	w.address(s.Src)
	w.address(s.Dst)
	w.places(r)
	w.quality(r)
	return w.text.String()
}

func (w *wordList) begin() {
	w.text.Reset()
	clear(w.seen)
}

func (w *wordList) places(r *row) {
	w.add(nameWord(wordID, r.id))
	for i := range r.segments {
		if r.segments[i] != "" {
			w.add(nameWord(wordSegment, r.segments[i]))
		}
		if r.peers[i] != "" {
			w.add(nameWord(wordPeer, r.peers[i]))
		}
		if r.tenants[i] != "" {
			w.add(nameWord(wordTenant, r.tenants[i]))
		}
	}
}

func (w *wordList) number(s string) {
	if s == "" {
		return
	}
	for _, word := range numberWords("^" + s[:min(len(s), longestNumber)] + "$") {
		w.add(word)
	}
}

func (w *wordList) address(a netip.AddrPort) {
	if a.IsValid() {
		w.add(addressWord(a.Addr()))
	}
}

func (w *wordList) add(word string) {
	if _, known := w.seen[word]; known {
		return
	}
	w.seen[word] = struct{}{}
	if w.text.Len() > 0 {
		w.text.WriteByte(' ')
	}
	w.text.WriteString(word)
}

// numberWords are the words of every three letters in a row; none of a shorter
// text. Only the caller's own ^ at the begin and $ at the end are anchors.
func numberWords(s string) []string {
	folded := []byte(s)
	for i, b := range folded {
		if anchor := b == '^' && i == 0 || b == '$' && i == len(folded)-1; !anchor {
			folded[i] = fold(b)
		}
	}
	var words []string
	for i := 0; i+3 <= len(folded); i++ {
		words = append(words, string(wordNumber)+string(folded[i:i+3]))
	}
	return words
}

func nameWord(kind byte, name string) string {
	b := []byte{kind}
	for i := range len(name) {
		b = append(b, fold(name[i]))
	}
	return string(b)
}

// fold gives letters and digits in lower case, _ for everything else.
func fold(b byte) byte {
	switch {
	case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
		return b
	case b >= 'A' && b <= 'Z':
		return b + 'a' - 'A'
	}
	return '_'
}

func addressWord(a netip.Addr) string {
	a = a.Unmap()
	family := "6"
	if a.Is4() {
		family = "4"
	}
	return string(wordAddress) + family + hex.EncodeToString(a.AsSlice())
}

// hashWord is 40 bits of a Call-ID's hash: they are long, and all different.
func hashWord(callID string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(callID)) // never fails
	return string(wordCallID) + hex.EncodeToString(h.Sum(nil)[3:])
}
