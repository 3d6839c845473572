package capture

import "sync/atomic"

// progress counts how much of one file was read into the total that a progress
// bar looks at from another goroutine. It is told once per block, never per
// packet. A nil progress counts nothing.
type progress struct {
	total   *atomic.Int64
	counted int64
	size    int64 // of the file, 0 for a pipe
}

// add counts n octets, and never more of the file than it was long at first.
func (p *progress) add(n int64) {
	if p == nil {
		return
	}
	if p.size > 0 {
		n = min(n, p.size-p.counted)
	}
	p.counted += n
	p.total.Add(n)
}

// finish counts what was left unread, for a file that was given up.
func (p *progress) finish() {
	if p != nil && p.size > p.counted {
		p.add(p.size - p.counted)
	}
}

// restart takes back what was counted, for a file that will be read again.
func (p *progress) restart() {
	p.total.Add(-p.counted)
	p.counted = 0
}
