package outbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"earshot/alerting"
)

// keyOf names one ticket of a case to the other side. It follows from what the
// case is about and when it was opened, not from its number: that is given again
// in a store that begins anew. It never changes once a ticket has it, whatever
// becomes of the case.
func keyOf(c *alerting.Case, destination string, episode int) string {
	about := c.Key
	if len(c.Faults) > 0 {
		about = string(c.Faults[0])
	} else if len(c.Updates) > 0 {
		about = c.Updates[0].Author + "|" + cmp.Or(about, c.Subject)
	}
	return digest("case", destination, c.Tenant, about, strconv.FormatInt(c.Opened.UnixNano(), 10), strconv.Itoa(episode))
}

// sumKey names a summary by the first ticket that is folded into it.
func sumKey(first *Ticket) string { return digest("summary", first.Destination, first.Key) }

// digest is 32 hexadecimal digits that follow from words. None of them can be
// taken for a part of the next: each has its length before it.
func digest(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strconv.Itoa(len(w)))
		b.WriteByte(':')
		b.WriteString(w)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}
