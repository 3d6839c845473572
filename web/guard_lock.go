package web

import (
	"sync"
	"time"
)

// Failed sign-ins lock an account for a time, and are forgotten after it.
const (
	mostFailures = 5
	lockedFor    = 15 * time.Minute
	mostLocks    = 4096 // accounts, known or not, with failures that are remembered
)

// locks counts failed sign-ins by account. Names that nobody has are counted
// too, so that a lock does not tell which names there are.
type locks struct {
	mu       sync.Mutex
	accounts map[digest]*failures // by name
}

// failures are those of one account since the last success.
type failures struct {
	count int
	last  time.Time
	until time.Time // locked; zero: not
	known bool      // somebody has that name
}

// until says until when an account is locked; zero: it is not.
func (l *locks) until(name string, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.accounts[digestOf(name)]; f != nil && now.Before(f.until) {
		return f.until
	}
	return time.Time{}
}

// failed counts a failed sign-in, and reports whether it locked the account.
func (l *locks) failed(name string, known bool, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := digestOf(name)
	f := l.accounts[key]
	if f == nil || now.Sub(f.last) >= lockedFor {
		if f == nil && len(l.accounts) >= mostLocks {
			l.makeRoom(now)
		}
		f = &failures{known: known}
		if l.accounts == nil {
			l.accounts = map[digest]*failures{}
		}
		l.accounts[key] = f
	}
	f.count++
	f.last = now
	if f.count < mostFailures {
		return false
	}
	*f = failures{last: now, until: now.Add(lockedFor), known: known}
	return true
}

// succeeded forgets the failures of an account.
func (l *locks) succeeded(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accounts, digestOf(name))
}

// makeRoom forgets what is over, else the oldest failures of a name that nobody has.
func (l *locks) makeRoom(now time.Time) {
	var oldest digest
	var at time.Time
	for key, f := range l.accounts {
		switch {
		case now.Sub(f.last) >= lockedFor:
			delete(l.accounts, key)
		case !f.known && (at.IsZero() || f.last.Before(at)):
			oldest, at = key, f.last
		}
	}
	if len(l.accounts) >= mostLocks {
		delete(l.accounts, oldest)
	}
}
